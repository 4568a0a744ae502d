#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "representations/representation.hpp"

namespace soapstone {

/// The power spectrum (the review's Eq. 9, SOAP of A. P. Bartók, R. Kondor, G. Csányi, Phys. Rev. B
/// 87, 184115 (2013)),
///
///   p^{αα'}_{nn'l} = (2l+1)^{−1/2} Σ_m c^α_nlm c^{α'}_n'lm.
///
/// (αn, α'n') and (α'n', αn) are equal; one is stored, times √2, so that the dot product of two
/// rows is the full contraction. Features run over channel pairs α ≤ α', then l, then n, then n'
/// (n' ≥ n where α = α').
class PowerSpectrum final : public Representation {
 public:
  PowerSpectrum(const DensityParameters& density, const BasisParameters& basis,
                std::vector<std::int32_t> species);

  const SphericalExpansion& expansion() const override { return expansion_; }
  std::size_t features() const override { return features_; }
  void values(const Environment& environment, double* features) const override;
  void adjoint(const Environment& environment, const double* features_gradient,
               double* coefficients_gradient) const override;
  void jacobian(const Environment& environment, std::size_t channel,
                const double* coefficients_derivative, double* rows,
                std::size_t step) const override;
  void neighbour_jacobian(const Environment& environment, std::size_t channel, std::size_t j,
                          double* rows, std::size_t step) const override;

 private:
  std::size_t block_size(bool same_channel) const;

  SphericalExpansion expansion_;
  std::size_t features_;
  std::vector<double> scales_;  // √(2/(2l+1)) of each l
  // n × padded n: 1, √½ on the diagonal, which undoes the √2 there, and 0 left of it
  AlignedVector triangle_weights_;
};

}  // namespace soapstone
