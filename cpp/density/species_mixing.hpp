#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "math/simd.hpp"

namespace soapstone {

/// Adds the coefficients of one species to those of all channels; `weights`: u of the species.
inline void spread_to_channels(const double* weights, std::size_t channels, const double* own,
                               std::size_t size, double* mixed) {
  for (std::size_t j = 0; j < channels; ++j) {
    double* const to = mixed + j * size;
    for (std::size_t k = 0; k < size; k += kLanes) {
      store(to + k, load(to + k) + weights[j] * load(own + k));
    }
  }
}

/// Channels that are mixtures of species, made before any product is taken (the review's Eq. 23 to
/// 25, ⟨J|α⟩ = u_αJ):
///
///   c^J_nlm = Σ_α u_αJ c^α_nlm.
///
/// Everything behind them costs what J channels cost, however many species there are. Coefficients
/// of a species and of a channel are `size` numbers, whole lanes.
class SpeciesMixing {
 public:
  /// None: species are the channels.
  SpeciesMixing() = default;
  /// `weights`: species × channels, u_αJ.
  SpeciesMixing(std::vector<double> weights, std::size_t species)
      : weights_(std::move(weights)), channels_(weights_.size() / species) {}

  explicit operator bool() const { return channels_ > 0; }
  std::size_t channels() const { return channels_; }
  double weight(std::size_t species, std::size_t channel) const {
    return weights_[species * channels_ + channel];
  }

  /// Adds the coefficients of one species to those of all channels.
  void spread(std::size_t species, const double* own, std::size_t size, double* channels) const {
    spread_to_channels(&weights_[species * channels_], channels_, own, size, channels);
  }

  /// The adjoint: writes Σ_J u_αJ G_J, the gradient by the coefficients of one species.
  void collect(std::size_t species, const double* channels, std::size_t size, double* own) const {
    for (std::size_t k = 0; k < size; k += kLanes) {
      Lanes sum{};
      for (std::size_t j = 0; j < channels_; ++j) {
        sum += weight(species, j) * load(channels + j * size + k);
      }
      store(own + k, sum);
    }
  }

 private:
  std::vector<double> weights_;
  std::size_t channels_ = 0;
};

}  // namespace soapstone
