#pragma once

#include <cstddef>

#include "density/radial_basis.hpp"
#include "math/simd.hpp"

namespace soapstone {

/// What a radial basis makes of the density of one neighbour at distance r, without cutoff and
/// scaling: for a Gaussian of width σ
///
///   4π (πσ²)^{−3/4} ∫ s² R_nl(s) e^{−(r² + s²)/2σ²} i_l(r s/σ²) ds,
///
/// for a point (σ = 0) R_nl(r).
///
/// The basis is tabulated once, at the nodes of a quadrature that serves Gaussians at all distances
/// up to a largest one. The projection of one of them is then, for all n and l and two derivatives,
/// a small matrix product over those nodes that the Gaussian reaches.
class RadialProjection {
 public:
  /// `reach`: the largest distance (Å), which is also the radius of the basis. The basis is to
  /// outlive this.
  RadialProjection(double sigma, int max_angular, const RadialBasis& radial, double reach);

  std::size_t count() const { return radial_.count(); }
  std::size_t stride() const { return stride_; }  ///< n padded to whole lanes
  std::size_t row() const { return row_; }        ///< (max_angular + 1) × stride

  /// Writes the projection and its first two derivatives by r as [derivative][l][n], 3 × row()
  /// numbers aligned to lanes, n padded with zeros.
  void evaluate(double r, double* jets) const;

 private:
  void tabulate(double reach);
  void project_gaussian(double r, double* jets) const;
  void project_point(double r, double* jets) const;

  double sigma_;
  int max_angular_;
  const RadialBasis& radial_;
  std::size_t stride_;
  std::size_t row_;
  // Padded to whole lanes by nodes without weight:
  AlignedVector nodes_;      // ascending
  AlignedVector weights_;    // with s² and the prefactor
  AlignedVector functions_;  // [l][node][n], or [node][n] where they are the same for all l
};

}  // namespace soapstone
