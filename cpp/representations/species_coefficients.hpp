#pragma once

#include <cstddef>
#include <vector>

#include "common/execution.hpp"
#include "common/structures.hpp"
#include "density/expansion.hpp"
#include "math/simd.hpp"

namespace soapstone {

/// The coefficients c^α_nlm of all environments of a batch, for the few species that each holds, so
/// that they can be mixed to channels with one set of weights u after the other.
class SpeciesCoefficients {
 public:
  /// `expansion` has a channel for each species.
  SpeciesCoefficients(const SphericalExpansion& expansion, const BatchView& batch,
                      const Execution& execution);

  std::size_t environments() const { return first_.size() - 1; }
  /// Species of the centre, as in the expansion.
  std::size_t centre(std::size_t i) const { return centre_[i]; }
  /// Numbers of one channel.
  std::size_t channel_size() const { return channel_size_; }

  /// Writes c^J = Σ_α u_αJ c^α of environment i, all channels of u, species × channels.
  void mix(std::size_t i, const double* weights, std::size_t channels, double* mixed) const;
  /// Adds ∂L/∂u_αJ = ∂L/∂c^J · c^α of environment i.
  void add_gradient(std::size_t i, const double* mixed_gradient, std::size_t channels,
                    double* weights_gradient) const;

 private:
  std::size_t channel_size_;
  std::vector<std::size_t> first_;    // environments + 1, in `species_`
  std::vector<std::size_t> species_;  // that each environment holds
  std::vector<std::size_t> centre_;
  AlignedVector values_;  // of each of these, channel_size()
};

}  // namespace soapstone
