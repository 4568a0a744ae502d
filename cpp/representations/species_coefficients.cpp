#include "representations/species_coefficients.hpp"

#include <algorithm>

#include "density/species_mixing.hpp"
#include "representations/batch.hpp"

namespace soapstone {

SpeciesCoefficients::SpeciesCoefficients(const SphericalExpansion& expansion,
                                         const BatchView& batch, const Execution& execution)
    : channel_size_(expansion.channel_size()),
      first_(batch.atoms() + 1, 0),
      centre_(batch.atoms()) {
  struct Held {
    std::vector<std::size_t> species;
    std::vector<double> values;
  };
  std::vector<Held> held(batch.atoms());
  const auto nothing = [](const Shard&) {};
  for_each_environment(
      expansion, batch, {batch.atoms(), nullptr}, Traversal{}, execution, nothing,
      [&](const Shard& shard, const std::size_t* centres, std::size_t count,
          const Environment* environments, int) {
        for (std::size_t k = 0; k < count; ++k) {
          const Environment& e = environments[k];
          const std::size_t atom = shard.first_atom + centres[k];
          Held& own = held[atom];
          centre_[atom] = e.channel;
          for (std::size_t a = 0; a < expansion.species().size(); ++a) {
            if (e.first[a] == e.first[a + 1] && a != e.channel) continue;
            own.species.push_back(a);
            const double* values = e.coefficients.data() + a * channel_size_;
            own.values.insert(own.values.end(), values, values + channel_size_);
          }
        }
      },
      nothing);
  for (std::size_t i = 0; i < held.size(); ++i) {
    first_[i + 1] = first_[i] + held[i].species.size();
    species_.insert(species_.end(), held[i].species.begin(), held[i].species.end());
  }
  values_.resize(species_.size() * channel_size_);
  for (std::size_t i = 0; i < held.size(); ++i) {
    std::copy(held[i].values.begin(), held[i].values.end(),
              values_.data() + first_[i] * channel_size_);
  }
}

void SpeciesCoefficients::mix(std::size_t i, const double* weights, std::size_t channels,
                              double* mixed) const {
  std::fill_n(mixed, channels * channel_size_, 0.0);
  for (std::size_t k = first_[i]; k < first_[i + 1]; ++k) {
    spread_to_channels(weights + species_[k] * channels, channels,
                       values_.data() + k * channel_size_, channel_size_, mixed);
  }
}

void SpeciesCoefficients::add_gradient(std::size_t i, const double* mixed_gradient,
                                       std::size_t channels, double* weights_gradient) const {
  for (std::size_t k = first_[i]; k < first_[i + 1]; ++k) {
    const double* const own = values_.data() + k * channel_size_;
    for (std::size_t j = 0; j < channels; ++j) {
      Lanes product{};
      for (std::size_t q = 0; q < channel_size_; q += kLanes) {
        product += load(mixed_gradient + j * channel_size_ + q) * load(own + q);
      }
      weights_gradient[species_[k] * channels + j] += sum(product);
    }
  }
}

}  // namespace soapstone
