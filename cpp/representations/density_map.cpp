#include "representations/density_map.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "common/error.hpp"
#include "math/small_gemm.hpp"

namespace soapstone {

namespace {

/// s where a matrix (rows of `step` numbers) is s times the identity, else 0.
double multiple_of_identity(const double* matrix, std::size_t rows, std::size_t columns,
                            std::size_t step) {
  if (rows != columns) return 0.0;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t k = 0; k < columns; ++k) {
      if (matrix[i * step + k] != (i == k ? matrix[0] : 0.0)) return 0.0;
    }
  }
  return matrix[0];
}

}  // namespace

DensityMap::DensityMap(const DensityWeights& weights, const SphericalExpansion& expansion)
    : lm_count_(expansion.angular_count()),
      radial_count_(expansion.radial_count()),
      radial_stride_(expansion.radial_stride()),
      channel_size_(expansion.channel_size()) {
  const std::size_t n = radial_count_, row = expansion.channels() * n;
  const std::size_t rows =
      std::accumulate(weights.counts.begin(), weights.counts.end(), std::size_t{0});
  if (weights.weights.size() != rows * row) {
    throw Error(ErrorCode::kInvalidInput, "coupling: expected " + std::to_string(rows) + " × " +
                                              std::to_string(row) + " weights, got " +
                                              std::to_string(weights.weights.size()));
  }
  const double* from = weights.weights.data();
  for (const std::size_t count : weights.counts) {
    Group group{count, padded(count), size_, true, {}};
    for (std::size_t a = 0; a < expansion.channels(); ++a) {
      const auto weight = [&](std::size_t q, std::size_t k) { return from[q * row + a * n + k]; };
      bool any = false;
      for (std::size_t q = 0; q < count; ++q) {
        for (std::size_t k = 0; k < n; ++k) any = any || weight(q, k) != 0.0;
      }
      if (!any) continue;
      Term term{a, multiple_of_identity(from + a * n, count, n, row), {}, {}};
      if (term.multiple == 0.0) {
        term.matrix.assign(n * group.stride, 0.0);
        term.transposed.assign(count * radial_stride_, 0.0);
        for (std::size_t q = 0; q < count; ++q) {
          for (std::size_t k = 0; k < n; ++k) {
            term.matrix[k * group.stride + q] = weight(q, k);
            term.transposed[q * radial_stride_ + k] = weight(q, k);
          }
        }
      }
      group.terms.push_back(std::move(term));
    }
    if (group.terms.size() == 1 && group.terms[0].multiple == 1.0) {
      group.computed = false;
      group.offset = group.terms[0].channel * channel_size_;
    } else {
      size_ += lm_count_ * group.stride;
    }
    groups_.push_back(std::move(group));
    from += count * row;
  }
}

bool DensityMap::touches(std::size_t group, std::size_t channel) const {
  const std::vector<Term>& terms = groups_[group].terms;
  return std::any_of(terms.begin(), terms.end(),
                     [&](const Term& term) { return term.channel == channel; });
}

void DensityMap::add_term(const Group& group, const Term& term, const double* channel, bool first,
                          double* out) const {
  if (term.multiple != 0.0) {
    for (std::size_t k = 0; k < channel_size_; k += kLanes) {
      const Lanes part = term.multiple * load(channel + k);
      store(out + k, first ? part : load(out + k) + part);
    }
    return;
  }
  const auto multiply = first ? small_gemm<false> : small_gemm<true>;
  multiply({channel, radial_stride_, 1}, lm_count_, term.matrix.data(), group.stride, radial_count_,
           group.stride, out, group.stride);
}

void DensityMap::apply(const double* coefficients, double* densities) const {
  for (const Group& group : groups_) {
    if (!group.computed) continue;
    double* const out = densities + group.offset;
    if (group.terms.empty()) std::fill_n(out, lm_count_ * group.stride, 0.0);
    for (const Term& term : group.terms) {
      add_term(group, term, coefficients + term.channel * channel_size_, &term == &group.terms[0],
               out);
    }
  }
}

const double* DensityMap::group(std::size_t group, const double* coefficients,
                                const double* densities) const {
  return (groups_[group].computed ? densities : coefficients) + groups_[group].offset;
}

double* DensityMap::group(std::size_t group, double* coefficients_gradient,
                          double* densities_gradient) const {
  return (groups_[group].computed ? densities_gradient : coefficients_gradient) +
         groups_[group].offset;
}

const double* DensityMap::tangent(std::size_t group, std::size_t channel,
                                  const double* coefficients, double* out) const {
  const Group& g = groups_[group];
  if (!g.computed) return coefficients;
  for (const Term& term : g.terms) {
    if (term.channel == channel) add_term(g, term, coefficients, true, out);
  }
  return out;
}

void DensityMap::add_adjoint(const double* densities_gradient,
                             double* coefficients_gradient) const {
  for (const Group& group : groups_) {
    if (!group.computed) continue;
    const double* const from = densities_gradient + group.offset;
    for (const Term& term : group.terms) {
      double* const to = coefficients_gradient + term.channel * channel_size_;
      if (term.multiple != 0.0) {
        for (std::size_t k = 0; k < channel_size_; k += kLanes) {
          store(to + k, load(to + k) + term.multiple * load(from + k));
        }
      } else {
        small_gemm<true>({from, group.stride, 1}, lm_count_, term.transposed.data(), radial_stride_,
                         group.count, radial_stride_, to, radial_stride_);
      }
    }
  }
}

}  // namespace soapstone
