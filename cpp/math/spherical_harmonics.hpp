#pragma once

#include <cstddef>
#include <vector>

#include "common/execution.hpp"
#include "math/harmonics_kernel.hpp"

namespace soapstone {

/// Real spherical harmonics Y_lm of many directions at once, l = 0 … max_angular, m = −l … l at
/// index l(l+1) + m, orthonormal on the sphere, without the Condon–Shortley phase: l = 1 is
/// √(3/4π)(y, z, x).
///
/// They are computed as homogeneous polynomials of (x, y, z), whose derivatives are again such
/// polynomials: no angles, no poles. F. Bigi, G. Fraux, N. J. Browning, M. Ceriotti, J. Chem. Phys.
/// 159, 064802 (2023).
class SphericalHarmonics {
 public:
  static constexpr int kMostAngular = 24;

  explicit SphericalHarmonics(int max_angular);

  std::size_t size() const { return size_; }

  /// `directions` are unit vectors as three arrays x, y, z, `stride` apart; `count` of them, padded
  /// to whole lanes. Writes values[lm · stride + j] and, unless `gradients` is null, the gradient
  /// on the sphere r ∇Y_lm at gradients[(axis · size() + lm) · stride + j]. All arrays aligned,
  /// stride a multiple of the lane count.
  void compute(const double* directions, std::size_t count, std::size_t stride, double* values,
               double* gradients) const;

  /// `vectors`, count × 3 and of any length, by points: writes Y_lm(r/|r|) to `values`, count ×
  /// size(), and, unless `gradients` is null, the derivatives in the vectors, count × 3 × size().
  /// A vector of length zero has no direction: NaN, but for the value at l = 0.
  void compute_points(const double* vectors, std::size_t count, const Execution& execution,
                      double* values, double* gradients) const;

 private:
  template <int kMaxAngular>
  void compute_lanes(const double* directions, std::size_t count, std::size_t stride,
                     double* values, double* gradients) const;
  template <int kMaxAngular>
  void compute_rows(const double* vectors, std::size_t count, double* workspace, double* values,
                    double* gradients, bool streamed) const;

  int max_angular_;
  std::size_t size_;
  std::vector<HarmonicTerm> terms_;
};

}  // namespace soapstone
