#include "representations/product_basis.hpp"

#include <algorithm>
#include <utility>

#include "math/transpose.hpp"

namespace soapstone {

namespace {

using Workspace = std::vector<Lanes, AlignedAllocator<Lanes>>;

}  // namespace

ProductBasis::ProductBasis(const DensityParameters& density, const BasisParameters& basis,
                           std::vector<std::int32_t> species, const ProductParameters& products)
    : expansion_(density, basis, std::move(species)),
      functions_(products, static_cast<int>(expansion_.channels()),
                 static_cast<int>(expansion_.radial_count()), expansion_.max_angular()),
      recursion_(functions_) {
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

void ProductBasis::pack(const double* const* coefficients, Lanes* workspace) const {
  const std::size_t step = expansion_.radial_stride();
  const std::size_t count = expansion_.radial_count();
  for (int l = 0, first = 0; l <= expansion_.max_angular(); ++l) {
    for (std::size_t a = 0; a < expansion_.channels(); ++a, first += static_cast<int>(count)) {
      for (std::size_t n = 0; n < count; n += kLanes) {
        for (std::size_t m = 0; m <= static_cast<std::size_t>(2 * l); ++m) {
          const std::size_t at =
              a * expansion_.channel_size() + (static_cast<std::size_t>(l * l) + m) * step + n;
          Lanes rows[kLanes];
          for (std::size_t e = 0; e < kLanes; ++e) {
            rows[e] = coefficients[e] == nullptr ? Lanes{} : load(coefficients[e] + at);
          }
          transpose(rows);
          for (std::size_t k = 0; k < std::min(kLanes, count - n); ++k) {
            workspace[functions_.offset(static_cast<std::size_t>(first) + n + k) + m] = rows[k];
          }
        }
      }
    }
  }
}

void ProductBasis::values(const Environment& environment, double* features) const {
  const Environment* one = &environment;
  values(&one, 1, features, this->features());
}

void ProductBasis::adjoint(const Environment& environment, const double* features_gradient,
                           double* coefficients_gradient) const {
  const Environment* one = &environment;
  adjoint(&one, 1, features_gradient, features(), &coefficients_gradient);
}

void ProductBasis::values(const Environment* const* environments, std::size_t count,
                          double* features, std::size_t step) const {
  thread_local Workspace workspace;
  workspace.resize(functions_.workspace());
  const double* coefficients[kLanes] = {};
  for (std::size_t e = 0; e < count; ++e) coefficients[e] = environments[e]->coefficients.data();
  pack(coefficients, workspace.data());
  recursion_.complete(workspace.data());
  recursion_.values(workspace.data(), count, features, step);
}

void ProductBasis::adjoint(const Environment* const* environments, std::size_t count,
                           const double* features_gradient, std::size_t step,
                           double* const* coefficients_gradients) const {
  thread_local Workspace workspace, gradient;
  workspace.resize(functions_.workspace());
  gradient.resize(functions_.workspace());
  const double* coefficients[kLanes] = {};
  for (std::size_t e = 0; e < count; ++e) coefficients[e] = environments[e]->coefficients.data();
  pack(coefficients, workspace.data());
  recursion_.complete(workspace.data());
  recursion_.adjoint(workspace.data(), count, features_gradient, step, gradient.data());

  const std::size_t radial_stride = expansion_.radial_stride();
  for (std::size_t e = 0; e < count; ++e) {
    std::fill_n(coefficients_gradients[e], expansion_.coefficients_size(), 0.0);
  }
  for (std::size_t f = 0; f < functions_.factors().size(); ++f) {
    const Factor& factor = functions_.factors()[f];
    for (std::size_t m = 0; m <= static_cast<std::size_t>(2 * factor.l); ++m) {
      const std::size_t at = static_cast<std::size_t>(factor.channel) * expansion_.channel_size() +
                             (static_cast<std::size_t>(factor.l * factor.l) + m) * radial_stride +
                             static_cast<std::size_t>(factor.n);
      const Lanes lanes = gradient[functions_.offset(f) + m];
      for (std::size_t e = 0; e < count; ++e) coefficients_gradients[e][at] = lanes[e];
    }
  }
}

void ProductBasis::jacobian(const Environment& environment, std::size_t channel,
                            const double* coefficients_derivative, double* rows,
                            std::size_t step) const {
  thread_local Workspace workspace, derivative;
  thread_local std::vector<double> all;
  workspace.resize(functions_.workspace());
  derivative.assign(functions_.workspace(), Lanes{});
  const double* coefficients[kLanes];
  std::fill_n(coefficients, kLanes, environment.coefficients.data());
  pack(coefficients, workspace.data());
  recursion_.complete(workspace.data());

  // Lanes 0 … 2 are x, y, z; the other channels do not change.
  const std::size_t radial_stride = expansion_.radial_stride();
  for (std::size_t f = 0; f < functions_.factors().size(); ++f) {
    const Factor& factor = functions_.factors()[f];
    if (static_cast<std::size_t>(factor.channel) != channel) continue;
    for (std::size_t m = 0; m <= static_cast<std::size_t>(2 * factor.l); ++m) {
      const std::size_t at = (static_cast<std::size_t>(factor.l * factor.l) + m) * radial_stride +
                             static_cast<std::size_t>(factor.n);
      for (std::size_t axis = 0; axis < 3; ++axis) {
        derivative[functions_.offset(f) + m][axis] =
            coefficients_derivative[axis * expansion_.channel_size() + at];
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
