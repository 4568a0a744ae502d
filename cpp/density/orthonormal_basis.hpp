#pragma once

#include <cstddef>
#include <vector>

#include "density/radial_basis.hpp"

namespace soapstone {

/// Functions that are made orthonormal symmetrically (Löwdin): R = S^{−1/2} φ, with overlaps
/// S_kn = ∫ r² φ_k φ_n dr of primitives φ that are normalised first.
class OrthonormalBasis : public RadialBasis {
 public:
  std::size_t count() const override { return count_; }
  double extent(double sigma) const override;
  bool depends_on_angular() const override { return transformations_.size() > 1; }
  void evaluate(int l, double r, Jet* functions) const override;

 protected:
  /// `end`: distance from which the functions are zero. Where `reaches_beyond`, they go on, and
  /// `end` is where they may be taken as zero.
  OrthonormalBasis(std::size_t count, double end, bool reaches_beyond)
      : count_(count), end_(end), reaches_beyond_(reaches_beyond) {}

  virtual void primitives(int l, double r, Jet* functions) const = 0;
  /// To be called by the constructors of what derives from this; `per_angular`: the primitives are
  /// others for every l ≤ max_angular.
  void orthonormalize(int max_angular, bool per_angular);

 private:
  std::size_t count_;
  double end_;
  bool reaches_beyond_;
  std::vector<std::vector<double>> transformations_;  // of every l, or one: count × count
};

/// Gaussian-type orbitals r^n exp(−r²/2σ_n²) with σ_n = r_c max(√n, 1) / count, spread evenly over
/// the cutoff sphere. M. J. Willatt, F. Musil, M. Ceriotti, J. Chem. Phys. 150, 154110 (2019).
class GtoBasis final : public OrthonormalBasis {
 public:
  GtoBasis(std::size_t count, double radius);

 private:
  void primitives(int l, double r, Jet* functions) const override;
  double radius_;
};

/// r^{l+2n} up to a radius: the radial parts of the Taylor expansion of a smooth function of space.
class MonomialBasis final : public OrthonormalBasis {
 public:
  MonomialBasis(std::size_t count, double radius, int max_angular);

 private:
  void primitives(int l, double r, Jet* functions) const override;
  double radius_;
};

/// Chebyshev polynomials T_n(2r/r_c − 1) up to the radius r_c.
class ChebyshevBasis final : public OrthonormalBasis {
 public:
  ChebyshevBasis(std::size_t count, double radius);

 private:
  void primitives(int l, double r, Jet* functions) const override;
  double radius_;
};

/// Bernstein polynomials of degree count − 1, bumps at n/(count − 1) of the radius.
class BernsteinBasis final : public OrthonormalBasis {
 public:
  BernsteinBasis(std::size_t count, double radius);

 private:
  void primitives(int l, double r, Jet* functions) const override;
  double radius_;
};

/// Spherical Bessel functions j_l(z_ln r / r_c), z_ln the n-th zero of j_l: the eigenstates of the
/// Laplacian in a sphere. F. Bigi, K. K. Huguenin-Dumittan, M. Ceriotti, D. E. Manolopoulos,
/// J. Chem. Phys. 157, 234101 (2022).
class BesselBasis final : public OrthonormalBasis {
 public:
  BesselBasis(std::size_t count, double radius, int max_angular);

 private:
  void primitives(int l, double r, Jet* functions) const override;
  double radius_;
  std::vector<std::vector<double>> zeros_;
};

/// Functions given by their values at equidistant points from 0 to a radius, a natural cubic spline
/// between them.
class SplineBasis final : public OrthonormalBasis {
 public:
  /// `points`: count × (number of points), a row for each function.
  SplineBasis(std::size_t count, double radius, const std::vector<double>& points);

  /// Interval by interval, since third derivatives jump at the points.
  const Quadrature* rule() const override { return &rule_; }

 private:
  void primitives(int l, double r, Jet* functions) const override;
  double step_;
  std::size_t intervals_;
  std::vector<double> values_, curvatures_;  // count × (intervals + 1)
  Quadrature rule_;
};

}  // namespace soapstone
