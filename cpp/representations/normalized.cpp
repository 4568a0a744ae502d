#include "representations/normalized.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "math/simd.hpp"

namespace soapstone {

namespace {

double dot(const double* a, const double* b, std::size_t size) {
  Lanes lanes{};
  std::size_t k = 0;
  for (; k + kLanes <= size; k += kLanes) lanes += load_unaligned(a + k) * load_unaligned(b + k);
  double total = sum(lanes);
  for (; k < size; ++k) total += a[k] * b[k];
  return total;
}

/// Scales a row to length 1 and returns 1/|p|; 0 for a row of zeros, which stays.
double normalize(double* row, std::size_t size) {
  const double norm = std::sqrt(dot(row, row, size));
  if (norm == 0.0) return 0.0;
  const double inverse = 1.0 / norm;
  for (std::size_t k = 0; k < size; ++k) row[k] *= inverse;
  return inverse;
}

}  // namespace

Normalized::Normalized(std::shared_ptr<const Representation> inner) : inner_(std::move(inner)) {
  std::vector<std::size_t> all(features());
  std::iota(all.begin(), all.end(), std::size_t{0});
  touched_.assign(expansion().channels(), all);
}

void Normalized::values(const Environment* environments, std::size_t count, double* features,
                        std::size_t step) const {
  inner_->values(environments, count, features, step);
  for (std::size_t e = 0; e < count; ++e) normalize(features + e * step, inner_->features());
}

void Normalized::adjoint(const Environment* environments, std::size_t count,
                         const double* features_gradient, std::size_t step,
                         double* coefficients_gradient) const {
  const std::size_t size = features();
  thread_local AlignedVector rows, gradient;
  rows.resize(count * size);
  gradient.resize(count * size);
  inner_->values(environments, count, rows.data(), size);
  for (std::size_t e = 0; e < count; ++e) {
    double* row = rows.data() + e * size;
    const double* given = features_gradient + e * step;
    const double inverse = normalize(row, size);
    const double along = dot(given, row, size);
    for (std::size_t k = 0; k < size; ++k) {
      gradient[e * size + k] = inverse * (given[k] - along * row[k]);
    }
  }
  inner_->adjoint(environments, count, gradient.data(), size, coefficients_gradient);
}

void Normalized::jacobian(const Environment& environment, std::size_t channel,
                          const double* coefficients_derivative, double* rows,
                          std::size_t step) const {
  const std::size_t size = features();
  const std::vector<std::size_t>& touched = inner_->touched(channel);
  thread_local AlignedVector row, derivative;
  row.resize(size);
  derivative.resize(3 * touched.size());
  inner_->values(environment, row.data());
  const double inverse = normalize(row.data(), size);
  inner_->jacobian(environment, channel, coefficients_derivative, derivative.data(),
                   touched.size());
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double* inner = derivative.data() + axis * touched.size();
    double along = 0.0;
    for (std::size_t k = 0; k < touched.size(); ++k) along += inner[k] * row[touched[k]];
    double* out = rows + axis * step;
    for (std::size_t k = 0; k < size; ++k) out[k] = -inverse * along * row[k];
    for (std::size_t k = 0; k < touched.size(); ++k) out[touched[k]] += inverse * inner[k];
  }
}

}  // namespace soapstone
