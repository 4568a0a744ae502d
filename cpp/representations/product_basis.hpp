#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "representations/product_functions.hpp"
#include "representations/product_recursion.hpp"
#include "representations/tiled_representation.hpp"

namespace soapstone {

/// Products of ν expansion coefficients that turn like spherical tensors of rank λ: the expansion
/// itself (ν = 1), the radial spectrum (ν = 1, λ = 0), the equivariant power spectrum (ν = 2), the
/// bispectrum (ν = 3, λ = 0), and the atomic cluster expansion (all ν up to some order). See
/// ProductFunctions for the recursion and the order of the columns.
class ProductBasis final : public TiledRepresentation {
 public:
  ProductBasis(const DensityParameters& density, const BasisParameters& basis,
               std::vector<std::int32_t> species, const ProductParameters& products);

  /// Some columns of the power spectrum of these parameters, ascending.
  ProductBasis(const DensityParameters& density, const BasisParameters& basis,
               std::vector<std::int32_t> species, const std::vector<std::size_t>& columns);

  const ProductFunctions& functions() const { return functions_; }

  const SphericalExpansion& expansion() const override { return expansion_; }
  std::size_t features() const override { return functions_.feature_count(); }
  std::size_t tile() const override { return kLanes; }
  using TiledRepresentation::adjoint;
  using TiledRepresentation::values;
  void values(const Environment* environments, std::size_t count, double* features,
              std::size_t step) const override;
  void adjoint(const Environment* environments, std::size_t count, const double* features_gradient,
               std::size_t step, double* coefficients_gradient) const override;
  void jacobian(const Environment& environment, std::size_t channel,
                const double* coefficients_derivative, double* rows,
                std::size_t step) const override;

 private:
  using Workspace = std::vector<Lanes, AlignedAllocator<Lanes>>;

  void find_touched();
  /// Where c^α_nlm of a factor stands among the coefficients of an environment.
  std::size_t coefficient(const Factor& factor, std::size_t m) const;
  /// A completed workspace with an environment in each lane.
  void complete(const Environment* environments, std::size_t count, Workspace& workspace) const;

  SphericalExpansion expansion_;
  ProductFunctions functions_;
  ProductRecursion recursion_;
};

}  // namespace soapstone
