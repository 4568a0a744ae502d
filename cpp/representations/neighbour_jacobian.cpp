#include "representations/neighbour_jacobian.hpp"

#include <algorithm>
#include <iterator>

namespace soapstone {

NeighbourJacobian::NeighbourJacobian(const Representation& representation)
    : representation_(representation) {
  const SphericalExpansion& expansion = representation.expansion();
  const SpeciesMixing& mixing = expansion.mixing();
  if (!mixing) return;
  for (std::size_t a = 0; a < expansion.species().size(); ++a) {
    Mixed mixed;
    for (std::size_t j = 0; j < mixing.channels(); ++j) {
      if (mixing.weight(a, j) == 0.0) continue;
      const std::vector<std::size_t>& own = representation.touched(j);
      std::vector<std::size_t> both;
      std::set_union(mixed.touched.begin(), mixed.touched.end(), own.begin(), own.end(),
                     std::back_inserter(both));
      mixed.touched = std::move(both);
      mixed.channels.push_back({j, mixing.weight(a, j), {}});
    }
    for (Mixed::Channel& channel : mixed.channels) {
      for (const std::size_t feature : representation.touched(channel.channel)) {
        const auto found = std::lower_bound(mixed.touched.begin(), mixed.touched.end(), feature);
        channel.at.push_back(static_cast<std::size_t>(found - mixed.touched.begin()));
      }
    }
    mixed_.push_back(std::move(mixed));
  }
}

// ∂f/∂r = Σ_J u_αJ ∂f/∂c_J applied to the one ∂c/∂r that all channels share.
void NeighbourJacobian::rows(const Environment& environment, std::size_t species, std::size_t j,
                             double* rows, std::size_t step) const {
  if (mixed_.empty()) {
    return representation_.neighbour_jacobian(environment, species, j, rows, step);
  }
  thread_local AlignedVector derivative, block;
  const SphericalExpansion& expansion = representation_.expansion();
  derivative.resize(3 * expansion.channel_size());
  expansion.neighbour_derivative(environment, j, derivative.data());
  const Mixed& mixed = mixed_[species];
  for (std::size_t axis = 0; axis < 3; ++axis) {
    std::fill_n(rows + axis * step, mixed.touched.size(), 0.0);
  }
  for (const Mixed::Channel& channel : mixed.channels) {
    const std::size_t size = channel.at.size();
    block.resize(3 * size);
    representation_.jacobian(environment, channel.channel, derivative.data(), block.data(), size);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      double* const to = rows + axis * step;
      const double* const from = block.data() + axis * size;
      for (std::size_t k = 0; k < size; ++k) to[channel.at[k]] += channel.weight * from[k];
    }
  }
}

}  // namespace soapstone
