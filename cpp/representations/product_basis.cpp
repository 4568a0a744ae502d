#include "representations/product_basis.hpp"

#include <algorithm>
#include <utility>

namespace soapstone {

ProductBasis::ProductBasis(const DensityParameters& density, const BasisParameters& basis,
                           std::vector<std::int32_t> species, const ProductParameters& products)
    : expansion_(density, basis, std::move(species)),
      functions_(products, static_cast<int>(expansion_.channels()),
                 static_cast<int>(expansion_.radial_count()), expansion_.max_angular()),
      recursion_(functions_) {
  find_touched();
}

ProductBasis::ProductBasis(const DensityParameters& density, const BasisParameters& basis,
                           std::vector<std::int32_t> species,
                           const std::vector<std::size_t>& columns)
    : expansion_(density, basis, std::move(species)),
      functions_(ProductFunctions::power_spectrum(columns, static_cast<int>(expansion_.channels()),
                                                  static_cast<int>(expansion_.radial_count()),
                                                  expansion_.max_angular())),
      recursion_(functions_) {
  find_touched();
}

void ProductBasis::find_touched() {
  touched_.resize(expansion_.channels());
  for (const ProductBlock& block : functions_.blocks()) {
    const auto order = static_cast<std::size_t>(block.order);
    for (std::size_t a = 0; a < touched_.size(); ++a) {
      for (int mu = 0; mu <= 2 * block.lambda; ++mu) {
        for (std::size_t q = 0; q < block.functions; ++q) {
          const auto first = block.factors.begin() + static_cast<std::ptrdiff_t>(q * order);
          const bool touches = std::any_of(first, first + block.order, [&](int factor) {
            return functions_.factors()[static_cast<std::size_t>(factor)].channel ==
                   static_cast<int>(a);
          });
          if (touches) {
            touched_[a].push_back(block.column + static_cast<std::size_t>(mu) * block.functions +
                                  q);
          }
        }
      }
    }
  }
}

std::size_t ProductBasis::coefficient(const Factor& factor, std::size_t m) const {
  const std::size_t lm = static_cast<std::size_t>(factor.l * factor.l) + m;
  return static_cast<std::size_t>(factor.channel) * expansion_.channel_size() +
         lm * expansion_.radial_stride() + static_cast<std::size_t>(factor.n);
}

void ProductBasis::complete(const Environment* environments, std::size_t count,
                            Workspace& workspace) const {
  workspace.resize(functions_.workspace());
  const std::size_t radial = expansion_.radial_count();
  for (std::size_t f = 0; f < functions_.factors().size(); f += radial) {  // n = 0 … of one l, α
    bool read = false;
    for (std::size_t n = 0; n < radial; ++n) read = read || functions_.reads(f + n);
    if (!read) continue;
    for (std::size_t m = 0; m <= static_cast<std::size_t>(2 * functions_.factors()[f].l); ++m) {
      const std::size_t from = coefficient(functions_.factors()[f], m);
      for (std::size_t n = 0; n < radial; n += kLanes) {
        Lanes rows[kLanes] = {};
        for (std::size_t e = 0; e < count; ++e) {
          rows[e] = load(environments[e].coefficients.data() + from + n);
        }
        transpose(rows);
        for (std::size_t k = 0; k < std::min(kLanes, radial - n); ++k) {
          workspace[functions_.offset(f + n + k) + m] = rows[k];
        }
      }
    }
  }
  recursion_.complete(workspace.data());
}

void ProductBasis::values(const Environment* environments, std::size_t count, double* features,
                          std::size_t step) const {
  thread_local Workspace workspace;
  complete(environments, count, workspace);
  recursion_.values(workspace.data(), count, features, step);
}

void ProductBasis::adjoint(const Environment* environments, std::size_t count,
                           const double* features_gradient, std::size_t step,
                           double* coefficients_gradient) const {
  thread_local Workspace workspace, gradient;
  complete(environments, count, workspace);
  gradient.resize(functions_.workspace());
  recursion_.adjoint(workspace.data(), count, features_gradient, step, gradient.data());

  const std::size_t size = expansion_.coefficients_size();
  std::fill_n(coefficients_gradient, count * size, 0.0);
  for (std::size_t f = 0; f < functions_.factors().size(); ++f) {
    const Factor& factor = functions_.factors()[f];
    for (std::size_t m = 0; m <= static_cast<std::size_t>(2 * factor.l); ++m) {
      const Lanes lanes = gradient[functions_.offset(f) + m];
      double* to = coefficients_gradient + coefficient(factor, m);
      for (std::size_t e = 0; e < count; ++e) to[e * size] = lanes[e];
    }
  }
}

void ProductBasis::jacobian(const Environment& environment, std::size_t channel,
                            const double* coefficients_derivative, double* rows,
                            std::size_t step) const {
  thread_local Workspace workspace, derivative;
  thread_local std::vector<double> all;
  complete(&environment, 1, workspace);
  for (Lanes& component : workspace) component = Lanes{} + component[0];

  // Lanes 0 … 2 are x, y, z; the other channels do not change.
  derivative.assign(functions_.workspace(), Lanes{});
  for (std::size_t f = 0; f < functions_.factors().size(); ++f) {
    Factor factor = functions_.factors()[f];
    if (static_cast<std::size_t>(factor.channel) != channel) continue;
    factor.channel = 0;
    for (std::size_t m = 0; m <= static_cast<std::size_t>(2 * factor.l); ++m) {
      for (std::size_t axis = 0; axis < 3; ++axis) {
        derivative[functions_.offset(f) + m][axis] =
            coefficients_derivative[axis * expansion_.channel_size() + coefficient(factor, m)];
      }
    }
  }
  all.resize(3 * features());
  recursion_.tangent(workspace.data(), derivative.data(), 3, all.data(), features());
  const std::vector<std::size_t>& touched = touched_[channel];
  for (std::size_t axis = 0; axis < 3; ++axis) {
    for (std::size_t k = 0; k < touched.size(); ++k) {
      rows[axis * step + k] = all[axis * features() + touched[k]];
    }
  }
}

}  // namespace soapstone
