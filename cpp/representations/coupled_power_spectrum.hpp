#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "representations/density_map.hpp"
#include "representations/representation.hpp"

namespace soapstone {

/// Which products of densities a power spectrum has.
struct DensityCoupling {
  enum class Pairing {
    kAll,         ///< every density of the first with every one of the second
    kSameGroup,   ///< those of a group of the first with those of the same group of the second
    kElementwise  ///< each density of the first with the same of the second
  };
  DensityWeights first;
  DensityWeights second;  ///< without groups: the same as the first
  Pairing pairing = Pairing::kAll;
};

/// A power spectrum of mixed densities,
///
///   p_qq'l = (2l+1)^{−1/2} Σ_m a_qlm b_q'lm,   a = W c,   b = W' c,
///
/// from which the compressions of J. P. Darby, J. R. Kermode, G. Csányi, npj Comput. Mater. 8, 166
/// (2022) and J. P. Darby et al., Phys. Rev. Lett. 131, 028001 (2023) follow by the choice of the
/// maps W and W' and of the pairs (q, q'). Where the two maps are one, (q, q') and (q', q) are
/// equal; one is stored, times √2, so that the dot product of two rows is the contraction over all
/// pairs. Features run over pairs of groups, then l, then q, then q' (q' ≥ q where the groups are
/// one); elementwise over groups, then l, then q. With W the identity in one group per channel this
/// is PowerSpectrum, which has shorter ways.
class CoupledPowerSpectrum final : public Representation {
 public:
  CoupledPowerSpectrum(const DensityParameters& density, const BasisParameters& basis,
                       std::vector<std::int32_t> species, const DensityCoupling& coupling);

  const SphericalExpansion& expansion() const override { return expansion_; }
  std::size_t features() const override { return features_; }
  void values(const Environment& environment, double* features) const override;
  void adjoint(const Environment& environment, const double* features_gradient,
               double* coefficients_gradient) const override;
  void jacobian(const Environment& environment, std::size_t channel,
                const double* coefficients_derivative, double* rows,
                std::size_t step) const override;

 private:
  /// Features of one l and one pair of groups.
  struct Block {
    std::size_t a, b;  // groups of the first and of the second map
    int l;
    std::size_t feature;  // first
    std::size_t size;
    bool triangle;  // q' ≥ q only
    double scale;
  };
  struct Densities {
    const double* first;
    const double* second;
  };

  const DensityMap& first() const { return maps_.front(); }
  const DensityMap& second() const { return maps_.back(); }
  bool symmetric() const { return maps_.size() == 1; }

  Densities densities(const Environment& environment) const;
  Densities known_densities(const Environment& environment) const;
  /// Coefficients or densities of a group in a block, from its first m on.
  std::size_t offset(const DensityMap& map, std::size_t group, int l) const;
  void add_gradient(const Block& block, const double* gradient, const double* a, const double* b,
                    double* a_gradient, double* b_gradient) const;
  void derivative(const Block& block, const double* a, const double* b, const double* a_tangent,
                  const double* b_tangent, double* out) const;

  SphericalExpansion expansion_;
  std::vector<DensityMap> maps_;  // the first and, unless it is the same, the second
  bool elementwise_;
  std::uint64_t number_;  // of this object among all
  std::vector<Block> blocks_;
  std::size_t features_ = 0;
};

}  // namespace soapstone
