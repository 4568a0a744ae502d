#pragma once

#include <cstddef>
#include <vector>

#include "representations/representation.hpp"

namespace soapstone {

/// The derivative of features by the position of a neighbour. A neighbour moves the channel of its
/// species or, where channels are mixtures, all that its species is in.
class NeighbourJacobian {
 public:
  /// The representation must outlive this.
  explicit NeighbourJacobian(const Representation& representation);

  /// Indices of the features that change, ascending.
  const std::vector<std::size_t>& touched(std::size_t species) const {
    return mixed_.empty() ? representation_.touched(species) : mixed_[species].touched;
  }

  /// Writes ∂feature/∂r of the touched features for neighbour j, of this species: rows[axis · step
  /// + k] for feature touched(species)[k].
  void rows(const Environment& environment, std::size_t species, std::size_t j, double* rows,
            std::size_t step) const;

 private:
  /// What a species moves where it is in several channels.
  struct Mixed {
    struct Channel {
      std::size_t channel;
      double weight;
      std::vector<std::size_t> at;  // of each of its touched features, among those of the species
    };
    std::vector<std::size_t> touched;
    std::vector<Channel> channels;
  };

  const Representation& representation_;
  std::vector<Mixed> mixed_;  // of each species; empty where nothing is mixed
};

}  // namespace soapstone
