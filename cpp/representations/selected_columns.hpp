#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "representations/tiled_representation.hpp"

namespace soapstone {

/// Some columns of another representation, picked from its whole rows: for those that know no
/// shorter way to a few of their features.
class SelectedColumns final : public TiledRepresentation {
 public:
  /// `columns` ascend. Throws InvalidInput for an index beyond the columns.
  SelectedColumns(std::shared_ptr<const Representation> inner, std::vector<std::size_t> columns);

  const SphericalExpansion& expansion() const override { return inner_->expansion(); }
  std::size_t features() const override { return columns_.size(); }
  std::size_t tile() const override { return inner_->tile(); }
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
  std::shared_ptr<const Representation> inner_;
  std::vector<std::size_t> columns_;
  std::vector<std::vector<std::size_t>> touched_from_;  // of each channel, among inner's touched
};

}  // namespace soapstone
