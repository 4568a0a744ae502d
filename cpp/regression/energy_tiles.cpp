#include "regression/energy_tiles.hpp"

#include <algorithm>
#include <functional>

#include "common/parallel.hpp"

namespace soapstone {

namespace {

/// Centres of a tile. On one thread whole blocks of rows; on several, tiles of about one size for
/// each of them, but not so few centres that reading the sparse points takes longer than to
/// multiply with them.
std::size_t centres_per_tile(std::size_t atoms, int threads) {
  constexpr std::size_t kLeast = 8, kMost = 24;
  if (threads == 1) return kMost;
  const std::size_t tiles = even_pieces(atoms, kMost, threads);
  return std::clamp((atoms + tiles - 1) / tiles, kLeast, kMost);
}

}  // namespace

std::vector<EnergyTile> energy_tiles(const BatchView& batch, const Shard& shard,
                                     const SphericalExpansion& expansion, int threads) {
  const std::size_t most = centres_per_tile(shard.atoms, threads);
  std::vector<EnergyTile> tiles;
  // Of each channel the index + 1 of the tile that is being filled.
  std::vector<std::size_t> open(expansion.species().size(), 0);
  for (std::size_t i = 0; i < shard.atoms; ++i) {
    const std::size_t channel = expansion.channel_of(batch.species[shard.first_atom + i]);
    if (open[channel] == 0 || tiles[open[channel] - 1].centres.size() == most) {
      tiles.push_back({channel, {}});
      open[channel] = tiles.size();
    }
    tiles[open[channel] - 1].centres.push_back(i);
  }
  return tiles;
}

void fill_tile(const BatchView& batch, const Shard& shard, const std::vector<std::size_t>& centres,
               const Representation& representation, bool derivatives,
               EnvironmentTile& environments) {
  environments.reserve(representation, centres.size());
  for (std::size_t c = 0; c < centres.size(); ++c) {
    const std::size_t s = shard.structure[centres[c]];
    environments.fill(c, batch[shard.first_structure + s], shard.lists[s],
                      centres[c] - shard.offset[s], derivatives);
  }
}

void PairGradients::set(const Representation& representation, const EnvironmentTile& environments,
                        std::size_t c, double* gradient, double* pairs) {
  const SphericalExpansion& expansion = representation.expansion();
  // The energy depends on the direction of p only.
  const double* direction = environments.features(c);
  const double along = dot(gradient, direction, environments.step());
  const double inverse_norm = environments.inverse_norm(c);
  for (std::size_t k = 0; k < environments.step(); k += kLanes) {
    store(gradient + k, inverse_norm * (load(gradient + k) - along * load(direction + k)));
  }
  const Environment& environment = environments.environment(c);
  coefficients_.resize(expansion.coefficients_size());
  representation.adjoint(environment, gradient, coefficients_.data());
  grow(neighbours_, 3 * environment.neighbours);
  expansion.adjoint(environment, coefficients_.data(), neighbours_.data());
  for (std::size_t j = 0; j < environment.neighbours; ++j) {
    const auto pair = static_cast<std::size_t>(environment.pair[j]);
    std::copy_n(&neighbours_[3 * j], 3, pairs + 3 * pair);
  }
}

void sum_structure(const StructureView& structure, const NeighbourList& list,
                   const double* atom_energies, const double* pair_gradient,
                   const StructurePredictions& out) {
  if (out.energy != nullptr) {
    *out.energy = 0.0;
    for (std::size_t i = 0; i < structure.size; ++i) *out.energy += atom_energies[i];
  }
  if (out.forces == nullptr && out.stress == nullptr) return;
  thread_local std::vector<double> positions;
  positions.assign(3 * structure.size, 0.0);
  double strain[9] = {};
  scatter_pair_gradients(list, pair_gradient, positions.data(), strain);
  if (out.forces != nullptr) {
    std::transform(positions.begin(), positions.end(), out.forces, std::negate<>());
  }
  if (out.stress != nullptr) {
    const double volume = cell_volume(structure.cell);
    for (int k = 0; k < 9; ++k) out.stress[k] = volume > 0.0 ? strain[k] / volume : 0.0;
  }
}

}  // namespace soapstone
