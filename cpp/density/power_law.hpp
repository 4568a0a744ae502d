#pragma once

#include "math/jet.hpp"

namespace soapstone {

/// The density 1/r^p of an atom, smeared so that it is smooth at the atom:
///
///   g(x) = γ(p/2, x²/2σ²) / (Γ(p/2) x^p),   p = 1 … 9,
///
/// and for p = 0 the Gaussian (πσ²)^{−3/4} exp(−x²/2σ²). p = 1 is the Coulomb potential of a
/// Gaussian charge, p = 6 dispersion. A. Grisafi, M. Ceriotti, J. Chem. Phys. 151, 204105 (2019);
/// K. K. Huguenin-Dumittan, P. Loche, N. Haoran, M. Ceriotti, J. Phys. Chem. Lett. 14, 9612 (2023).
struct PowerLaw {
  int exponent = 1;            ///< p
  double width = 1.0;          ///< σ, Å
  double k_cutoff = 3.77;      ///< 1/Å: longer reciprocal vectors are left out
  double center_weight = 1.0;  ///< weight of the central atom's own density

  /// g(r).
  double value(double r) const;

  /// ĝ(k) = ∫ g(x) e^{−ik·x} d³x and its slope for k > 0; the second derivative is not filled in.
  Jet transform(double k) const;

  /// ĝ(0), where it is finite: for p = 0 and p > 3. Else zero: what does not decay is compensated
  /// by a uniform background.
  double mean() const;
};

}  // namespace soapstone
