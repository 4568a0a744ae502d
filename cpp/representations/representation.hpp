#pragma once

#include <cstddef>
#include <vector>

#include "density/expansion.hpp"

namespace soapstone {

/// A representation of one atomic environment as a row of `features()` numbers, a function of the
/// expansion coefficients c^α_nlm of its density. What a new representation must say, and all that
/// the batch drivers, kernels and models know of it.
class Representation {
 public:
  virtual ~Representation() = default;

  virtual const SphericalExpansion& expansion() const = 0;
  virtual std::size_t features() const = 0;

  /// Writes the features of an environment whose expansion is computed.
  virtual void values(const Environment& environment, double* features) const = 0;

  /// The reverse derivative: given ∂L/∂features, writes ∂L/∂c in the layout of the coefficients.
  virtual void adjoint(const Environment& environment, const double* features_gradient,
                       double* coefficients_gradient) const = 0;

  /// How many environments at a time `values` and `adjoint` work best on.
  virtual std::size_t tile() const { return 1; }

  /// The same for `count` ≤ tile() environments: environment e writes features + e · step.
  virtual void values(const Environment* environments, std::size_t count, double* features,
                      std::size_t step) const {
    for (std::size_t e = 0; e < count; ++e) values(environments[e], features + e * step);
  }

  /// The same for `count` ≤ tile() environments: environment e reads features_gradient + e · step
  /// and writes coefficients_gradient + e · expansion().coefficients_size().
  virtual void adjoint(const Environment* environments, std::size_t count,
                       const double* features_gradient, std::size_t step,
                       double* coefficients_gradient) const {
    const std::size_t size = expansion().coefficients_size();
    for (std::size_t e = 0; e < count; ++e) {
      adjoint(environments[e], features_gradient + e * step, coefficients_gradient + e * size);
    }
  }

  /// Indices of the features that depend on the coefficients of a channel, ascending.
  const std::vector<std::size_t>& touched(std::size_t channel) const { return touched_[channel]; }

  /// The forward derivative: given ∂c/∂x of one channel for the three components x of a neighbour's
  /// position, [axis][lm][n], writes ∂feature/∂x of the touched features, rows[axis · step + k] for
  /// feature touched(channel)[k].
  virtual void jacobian(const Environment& environment, std::size_t channel,
                        const double* coefficients_derivative, double* rows,
                        std::size_t step) const = 0;

  /// The same for the position of neighbour j, which is of species `channel`. Whoever knows a
  /// shorter way than by ∂c/∂r overrides it.
  virtual void neighbour_jacobian(const Environment& environment, std::size_t channel,
                                  std::size_t j, double* rows, std::size_t step) const {
    thread_local AlignedVector derivative;
    derivative.resize(3 * expansion().channel_size());
    expansion().neighbour_derivative(environment, j, derivative.data());
    jacobian(environment, channel, derivative.data(), rows, step);
  }

 protected:
  std::vector<std::vector<std::size_t>> touched_;
};

}  // namespace soapstone
