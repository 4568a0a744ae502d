#pragma once

#include <cstddef>
#include <memory>

#include "representations/tiled_representation.hpp"

namespace soapstone {

/// Rows p of another representation divided by their Euclidean norms, p̂ = p/|p|, and the
/// derivatives of that. A row of zeros stays, with derivatives of zero.
class Normalized final : public TiledRepresentation {
 public:
  explicit Normalized(std::shared_ptr<const Representation> inner);

  const SphericalExpansion& expansion() const override { return inner_->expansion(); }
  std::size_t features() const override { return inner_->features(); }
  std::size_t tile() const override { return inner_->tile(); }
  using TiledRepresentation::adjoint;
  using TiledRepresentation::values;
  void values(const Environment* environments, std::size_t count, double* features,
              std::size_t step) const override;
  /// ∂L/∂p = (g − (g·p̂) p̂)/|p| for g = ∂L/∂p̂.
  void adjoint(const Environment* environments, std::size_t count, const double* features_gradient,
               std::size_t step, double* coefficients_gradient) const override;
  /// ∂p̂/∂x = (∂p/∂x − (p̂·∂p/∂x) p̂)/|p|: through the norm, every channel touches all features.
  void jacobian(const Environment& environment, std::size_t channel,
                const double* coefficients_derivative, double* rows,
                std::size_t step) const override;

 private:
  std::shared_ptr<const Representation> inner_;
};

}  // namespace soapstone
