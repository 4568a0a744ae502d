#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "common/bulk_vector.hpp"
#include "common/execution.hpp"
#include "math/packed_gemm.hpp"
#include "representations/representation.hpp"

namespace soapstone {

/// base^power for small whole powers, of a number or of lanes.
template <typename T>
inline T integer_power(T base, int power) {
  T result = base - base + 1.0;
  for (; power > 0; power >>= 1) {
    if (power & 1) result *= base;
    base *= base;
  }
  return result;
}

/// The kernel between environments and a fixed set of M sparse ones,
///
///   k(X, X_m) = (p̂ · p̂_m)^ζ  where both centres are of one species, else 0,
///
/// with p̂ the normalised features. Sparse points are ordered by the channel of their centre, so
/// K_MM is block diagonal and a centre meets only the points of its own channel.
class SparseKernel {
 public:
  /// `points`: M × features, rows ordered by channel, normalised here; `first`: channels + 1,
  /// points of channel a are first[a] … first[a+1] − 1. Throws InvalidInput where a row is all
  /// zero, and for a long-range density, which has no environments one by one.
  template <typename Number>
  SparseKernel(std::shared_ptr<const Representation> representation, const Number* points,
               std::vector<std::size_t> first, int zeta, const Execution& execution = {});

  const Representation& representation() const { return *representation_; }
  std::size_t size() const { return first_.back(); }
  const std::vector<std::size_t>& first() const { return first_; }
  /// Number of sparse points of a channel.
  std::size_t size(std::size_t channel) const { return first_[channel + 1] - first_[channel]; }
  int zeta() const { return zeta_; }
  /// M × features, normalised.
  const double* points() const { return points_.data(); }
  /// The normalised points of a channel.
  const double* points(std::size_t channel) const {
    return points() + first_[channel] * representation_->features();
  }

  /// k'(u)/ζ for the dot product u of normalised features, a number or lanes. The kernel itself is
  /// u times that.
  template <typename T>
  T slope_by_zeta(const T& u) const {
    return integer_power(u, zeta_ - 1);
  }

  /// k as a function of the dot product u of normalised features, k'(u) and k''(u).
  double value(double u) const { return u * slope_by_zeta(u); }
  double slope(double u) const { return zeta_ * slope_by_zeta(u); }
  double curvature(double u) const { return zeta_ * (zeta_ - 1) * integer_power(u, zeta_ - 2); }

  /// Writes the block of K_MM that belongs to one channel, M_a × M_a row-major.
  void block(std::size_t channel, double* out, const Execution& execution = {}) const;

  /// Points of one channel as the right factor of products with features: features × M_a.
  PackedMatrix pack_points(std::size_t channel, const Execution& execution) const;
  /// The same with the given features only, in their order.
  PackedMatrix pack_points(std::size_t channel, const std::vector<std::size_t>& features,
                           const Execution& execution) const;
  /// The same the other way round, the right factor of products with weights: M_a × features.
  PackedMatrix pack_by_point(std::size_t channel, const Execution& execution) const;

 private:
  std::shared_ptr<const Representation> representation_;
  std::vector<std::size_t> first_;
  int zeta_;
  BulkVector<double> points_;  // M × features
};

}  // namespace soapstone
