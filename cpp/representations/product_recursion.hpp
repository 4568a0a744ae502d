#pragma once

#include <cstddef>

#include "math/simd.hpp"
#include "representations/product_functions.hpp"

namespace soapstone {

/// The recursion of a product basis for eight independent sets of coefficients at once, one in each
/// lane: eight environments, or eight directions of a derivative of one environment. No lane is
/// wasted whatever n and l are, and nothing depends on what the other lanes hold.
///
/// A workspace holds Lanes for functions.workspace() components; its factors come from the caller,
/// who writes component m of factor f to [functions.offset(f) + m].
class ProductRecursion {
 public:
  explicit ProductRecursion(const ProductFunctions& functions) : functions_(functions) {}

  /// Completes a workspace that has its factors.
  void complete(Lanes* workspace) const;

  /// Writes lane e of every feature to features + e · step, for the first `count` lanes of a
  /// completed workspace.
  void values(const Lanes* workspace, std::size_t count, double* features, std::size_t step) const;

  /// From a completed workspace and ∂L/∂features (lane e at gradient + e · step), writes
  /// ∂L/∂component to a workspace of gradients, its factors being what the caller asks for.
  void adjoint(const Lanes* workspace, std::size_t count, const double* gradient, std::size_t step,
               Lanes* workspace_gradient) const;

  /// The forward derivative: from a completed workspace and one that has the derivatives of the
  /// factors, and is completed here, writes the derivatives of the features.
  void tangent(const Lanes* workspace, Lanes* derivative, std::size_t count, double* features,
               std::size_t step) const;

 private:
  const ProductFunctions& functions_;
};

}  // namespace soapstone
