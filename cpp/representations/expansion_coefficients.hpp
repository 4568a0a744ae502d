#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <numeric>
#include <utility>

#include "representations/representation.hpp"

namespace soapstone {

/// The expansion coefficients c^α_nlm themselves as features, in the layout of the expansion: of
/// what another representation is made.
class ExpansionCoefficients final : public Representation {
 public:
  explicit ExpansionCoefficients(std::shared_ptr<const Representation> of) : of_(std::move(of)) {
    const std::size_t size = expansion().channel_size();
    for (std::size_t a = 0; a < expansion().channels(); ++a) {
      touched_.emplace_back(size);
      std::iota(touched_.back().begin(), touched_.back().end(), a * size);
    }
  }

  using Representation::adjoint;
  using Representation::values;

  const SphericalExpansion& expansion() const override { return of_->expansion(); }
  std::size_t features() const override { return expansion().coefficients_size(); }
  void values(const Environment& environment, double* features) const override {
    std::copy_n(environment.coefficients.data(), this->features(), features);
  }
  void adjoint(const Environment&, const double* features_gradient,
               double* coefficients_gradient) const override {
    std::copy_n(features_gradient, features(), coefficients_gradient);
  }
  void jacobian(const Environment&, std::size_t, const double* coefficients_derivative,
                double* rows, std::size_t step) const override {
    const std::size_t size = expansion().channel_size();
    for (std::size_t axis = 0; axis < 3; ++axis) {
      std::copy_n(coefficients_derivative + axis * size, size, rows + axis * step);
    }
  }

 private:
  std::shared_ptr<const Representation> of_;
};

}  // namespace soapstone
