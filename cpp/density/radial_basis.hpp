#pragma once

#include <cstddef>
#include <vector>

namespace soapstone {

/// Orthonormal radial functions: ∫ r² R_n(r) R_n'(r) dr = δ_nn' for n = 0 … count − 1.
class RadialBasis {
 public:
  virtual ~RadialBasis() = default;
  virtual std::size_t count() const = 0;
  /// Distance (Å) beyond which every function may be taken as zero when multiplied by a density of
  /// width `sigma` that is centred within the cutoff.
  virtual double extent(double sigma) const = 0;
  /// Writes R_n(r) for all n.
  virtual void evaluate(double r, double* values) const = 0;
};

/// Gaussian-type orbitals: primitives r^n exp(−r²/2σ_n²) with σ_n = r_c max(√n, 1) / count, spread
/// evenly over the cutoff sphere, normalised each, then orthonormalised symmetrically (Löwdin):
/// R = S^{−1/2} φ. M. J. Willatt, F. Musil, M. Ceriotti, J. Chem. Phys. 150, 154110 (2019).
class GtoBasis final : public RadialBasis {
 public:
  GtoBasis(std::size_t count, double cutoff);

  std::size_t count() const override { return count_; }
  double extent(double sigma) const override;
  void evaluate(double r, double* values) const override;

 private:
  std::size_t count_;
  double cutoff_;
  std::vector<double> exponents_;       // 1 / 2σ_n²
  std::vector<double> transformation_;  // count × count: S^{−1/2} times the primitives' norms
};

}  // namespace soapstone
