#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "density/cutoff.hpp"
#include "density/power_law.hpp"
#include "density/radial_basis.hpp"
#include "density/radial_projection.hpp"
#include "math/simd.hpp"

namespace soapstone {

/// Everything the density around an atom depends on besides its neighbours.
struct DensityParameters {
  Cutoff cutoff{5.0, 0.5};
  RadialScaling scaling{};
  /// σ, Å: each neighbour is a Gaussian; 0 is the δ-limit, in which it is a point.
  double gaussian_width = 0.4;
  double center_weight = 1.0;  ///< weight of the central atom's own density
  /// Whether there is a density of neighbours within the cutoff, which all the above is about.
  bool local = true;
  /// The density of all atoms of a periodic structure, which has channels of its own.
  std::optional<PowerLaw> long_range{};
  /// u_αJ, species × channels: channels are mixtures of species. Empty: species are the channels.
  std::vector<double> mixing{};
};

/// The expansion basis R_nl(r) Y_lm(r̂).
struct BasisParameters {
  int max_angular = 6;
  int radial_count = 8;
  double accuracy = 1e-10;  ///< largest spline error, relative to the largest value
  RadialBasisParameters radial{};
};

/// Radial part of the expansion of one neighbour's density, with cutoff and scaling folded in:
///
///   ⟨nl|r⟩ = u(r) f_c(r) · 4π (πσ²)^{−3/4} ∫ r'² R_nl(r') e^{−(r² + r'²)/2σ²} i_l(r r'/σ²) dr'
///
/// for a Gaussian (the review's Eq. 8 with g(x) = (πσ²)^{−3/4} exp(−x²/2σ²)), and in the δ-limit
///
///   ⟨nl|r⟩ = u(r) f_c(r) · R_nl(r).
///
/// The integral is done numerically once, at the knots of a quintic Hermite spline with just as
/// many of them as make value and first derivative accurate to `accuracy`; what is evaluated later
/// is the spline and its exact derivative, so forces stay the exact derivatives of energies. The
/// density and the basis cost nothing at run time.
///
/// A scaling that is a pure power law diverges at r = 0: closer than 0.1 Å (or half the cutoff, if
/// that is less) the integrals keep the value that they have there.
class RadialIntegral {
 public:
  RadialIntegral(const DensityParameters& density, const BasisParameters& basis,
                 const RadialBasis& radial);

  /// Length of one row: (max_angular + 1) × radial count padded to whole lanes, [l][n].
  std::size_t row() const { return row_; }
  std::size_t radial_stride() const { return stride_; }

  /// Writes ⟨nl|r_j⟩ and, unless `derivatives` is null, d⟨nl|r_j⟩/dr for `count` distances
  /// 0 ≤ r_j < r_c as [j][l][n] with n padded by zeros. `values` and `derivatives` are
  /// aligned to lanes, `distances` is readable for up to seven numbers in 0 … r_c more.
  void evaluate(const double* distances, std::size_t count, double* values,
                double* derivatives) const;

 private:
  /// Knots at from, from + step, …
  struct Segment {
    double from = 0.0;
    double step = 1.0;
    std::size_t intervals = 0;
    AlignedVector knots;  // [knot][value, step · first, step² · second derivative][l][n]
  };
  struct Weights;

  /// Value and two derivatives at r of all (l, n), unsplined; `transition` picks the side of the
  /// cutoff's onset.
  void exact(const DensityParameters& density, const RadialProjection& projection, double r,
             bool transition, double* jets) const;
  Segment build(const DensityParameters& density, const BasisParameters& basis,
                const RadialProjection& projection, double from, double to, bool transition) const;
  Segment tabulate(const DensityParameters& density, const RadialProjection& projection,
                   double from, double to, bool transition, std::size_t intervals) const;

  std::size_t stride_;
  std::size_t row_;
  Segment inner_;  // [start, onset], empty where the transition begins at once
  Segment outer_;  // [onset, r_c], where the cutoff goes to zero
};

/// ⟨n0|0⟩ without cutoff and scaling: the radial integrals of the central atom's own density, which
/// has no other component. `values` takes radial.count() numbers.
void central_integrals(const DensityParameters& density, const RadialBasis& radial, double* values);

}  // namespace soapstone
