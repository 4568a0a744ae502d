#pragma once

#include <cstddef>

#include "density/cutoff.hpp"
#include "density/radial_basis.hpp"
#include "math/simd.hpp"

namespace soapstone {

/// Everything the density around an atom depends on besides its neighbours.
struct DensityParameters {
  CosineCutoff cutoff{5.0, 0.5};
  RadialScaling scaling{};
  double gaussian_width = 0.4;  ///< σ, Å
  double center_weight = 1.0;   ///< weight of the central atom's own Gaussian
};

/// Size of the expansion basis R_n(r) Y_lm(r̂).
struct BasisParameters {
  int max_angular = 6;
  int radial_count = 8;
  double accuracy = 1e-10;  ///< largest spline error, relative to the largest value
};

/// Radial part of the expansion of one neighbour's Gaussian, with cutoff and scaling folded in:
///
///   ⟨nl|r⟩ = u(r) f_c(r) · 4π (πσ²)^{−3/4} ∫ r'² R_n(r') e^{−(r² + r'²)/2σ²} i_l(r r'/σ²) dr'
///
/// (the review's Eq. 8 with g(x) = (πσ²)^{−3/4} exp(−x²/2σ²)). The integral is done numerically
/// once, at the knots of a quintic Hermite spline whose spacing is halved until value and first
/// derivative are accurate to `accuracy`; what is evaluated later is the spline and its exact
/// derivative, so forces stay the exact derivatives of energies. The density and the basis cost
/// nothing at run time.
class RadialIntegral {
 public:
  RadialIntegral(const DensityParameters& density, const BasisParameters& basis,
                 const RadialBasis& radial);

  /// Length of one row: (max_angular + 1) × radial count padded to whole lanes, [l][n].
  std::size_t row() const { return row_; }
  std::size_t radial_stride() const { return stride_; }

  /// Writes ⟨nl|r⟩ and, unless `derivatives` is null, d⟨nl|r⟩/dr for 0 ≤ r < r_c as [l][n] with n
  /// padded by zeros; both aligned to lanes.
  void evaluate(double r, double* values, double* derivatives) const;

 private:
  struct Segment {
    double from = 0.0;
    double step = 1.0;
    std::size_t intervals = 0;
    AlignedVector knots;  // [knot][value, step · first, step² · second derivative][l][n]
  };

  /// Value and two derivatives at r of all (l, n), unsplined; `transition` picks the side of the
  /// cutoff's onset.
  void exact(const DensityParameters& density, const BasisParameters& basis,
             const RadialBasis& radial, double r, bool transition, double* jets) const;
  Segment build(const DensityParameters& density, const BasisParameters& basis,
                const RadialBasis& radial, double from, double to, bool transition) const;
  void interpolate(const Segment& segment, double r, double* values, double* derivatives) const;

  std::size_t stride_;
  std::size_t row_;
  double onset_;   // where the transition begins
  Segment inner_;  // [0, onset], empty where the transition begins at once
  Segment outer_;  // [onset, r_c]
};

}  // namespace soapstone
