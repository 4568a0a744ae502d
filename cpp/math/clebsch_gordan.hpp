#pragma once

#include <vector>

namespace soapstone {

/// One non-zero coefficient of a coupling; components count from 0, m + l.
struct CouplingTerm {
  int m1;
  int m2;
  int mu;
  double value;
};

/// Couples two spherical tensors into one: with real harmonics of the order and sign of
/// spherical_harmonics.hpp,
///
///   (a ⊗ b)_λμ = Σ_{m1 m2} ⟨l1 m1; l2 m2|λμ⟩ a_m1 b_m2
///
/// turns like Y_λμ when a and b turn like Y_l1 and Y_l2. The coefficients are the complex ones of
/// Condon and Shortley carried over to real harmonics; where l1 + l2 + λ is odd that leaves
/// imaginary numbers, of which the imaginary part is taken (featomic does the same). They are
/// orthonormal: Σ_{m1 m2} ⟨…|λμ⟩⟨…|λ'μ'⟩ = δ. Parity under inversion is that of l1 + l2, so that
/// λ's with l1 + l2 + λ odd are pseudotensors.
struct Coupling {
  int l1;
  int l2;
  int lambda;
  std::vector<CouplingTerm> terms;  ///< by mu, then m1, then m2

  /// Expects |l1 − l2| ≤ λ ≤ l1 + l2.
  Coupling(int l1, int l2, int lambda);
};

}  // namespace soapstone
