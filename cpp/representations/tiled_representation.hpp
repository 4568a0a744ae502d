#pragma once

#include <cstddef>

#include "representations/representation.hpp"

namespace soapstone {

/// A representation that is computed for a tile of environments at a time; one is a tile of one.
class TiledRepresentation : public Representation {
 public:
  void values(const Environment* environments, std::size_t count, double* features,
              std::size_t step) const override = 0;
  void adjoint(const Environment* environments, std::size_t count, const double* features_gradient,
               std::size_t step, double* coefficients_gradient) const override = 0;

  void values(const Environment& environment, double* features) const final {
    values(&environment, 1, features, this->features());
  }
  void adjoint(const Environment& environment, const double* features_gradient,
               double* coefficients_gradient) const final {
    adjoint(&environment, 1, features_gradient, features(), coefficients_gradient);
  }
};

}  // namespace soapstone
