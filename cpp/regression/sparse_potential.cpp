#include "regression/sparse_potential.hpp"

#include <algorithm>

#include "common/parallel.hpp"
#include "regression/energy_tiles.hpp"

namespace soapstone {

struct SparsePotential::Workspace {
  EnvironmentTile environments;
  ChannelEnergy::Workspace energy;
  std::vector<double> energies;
  AlignedVector gradient;  // centre × features: ∂E/∂p̂, then ∂E/∂p
  PairGradients pairs;
};

SparsePotential::SparsePotential(std::shared_ptr<const SparseKernel> kernel,
                                 const std::vector<double>& weights, std::vector<double> baseline,
                                 const Execution& execution)
    : kernel_(std::move(kernel)), baseline_(std::move(baseline)) {
  for (std::size_t a = 0; a < baseline_.size(); ++a) {
    energies_.emplace_back(*kernel_, a, weights.data() + kernel_->first()[a], execution);
  }
}

void SparsePotential::predict_tile(const BatchView& batch, const Shard& shard,
                                   const std::vector<std::size_t>& centres, std::size_t channel,
                                   bool derivatives, const std::vector<std::size_t>& first_pair,
                                   Workspace& w, double* atom_energies,
                                   double* pair_gradient) const {
  const Representation& representation = kernel_->representation();
  const ChannelEnergy& energy = energies_[channel];
  const std::size_t count = centres.size(), step = energy.gradient_step();
  w.energies.resize(count);
  grow(w.gradient, count * step);
  fill_tile(batch, shard, centres, representation, derivatives, w.environments);
  energy.compute(w.environments.features(0), w.environments.step(), count, derivatives, w.energy,
                 w.energies.data(), w.gradient.data());
  for (std::size_t c = 0; c < count; ++c) {
    atom_energies[centres[c]] = baseline_[channel] + w.energies[c];
  }
  if (!derivatives) return;
  for (std::size_t c = 0; c < count; ++c) {
    w.pairs.set(representation, w.environments, c, w.gradient.data() + c * step,
                pair_gradient + 3 * first_pair[shard.structure[centres[c]]]);
  }
}

void SparsePotential::predict(const BatchView& batch, const Predictions& out,
                              const Execution& requested) const {
  double operations = 0.0;
  for (const ChannelEnergy& energy : energies_) {
    operations = std::max(operations, energy.operations());
  }
  const Execution execution = for_atoms(requested, batch.atoms(), kFeatureOperations + operations);
  const SphericalExpansion& expansion = kernel_->representation().expansion();
  const bool derivatives = out.forces != nullptr || out.stress != nullptr;
  const Execution quiet = execution.quiet();
  const int threads = resolve_threads(execution, batch.atoms());
  auto* const workspaces = kept_workspaces<Workspace>(threads);

  std::vector<double> atom_energies, pair_gradient;
  for_each_shard(batch, expansion.cutoff(), kShardAtoms, execution, [&](const Shard& shard) {
    const std::vector<std::size_t> first_pair = first_pairs(shard);
    atom_energies.resize(shard.atoms);
    if (derivatives) pair_gradient.resize(3 * first_pair.back());

    const std::vector<EnergyTile> tiles = energy_tiles(batch, shard, expansion, threads);
    parallel_for(tiles.size(), resolve_threads(execution, tiles.size()), quiet,
                 [&](std::size_t t, int thread) {
                   predict_tile(batch, shard, tiles[t].centres, tiles[t].channel, derivatives,
                                first_pair, workspaces[thread], atom_energies.data(),
                                pair_gradient.data());
                 });

    if (out.atom_energies != nullptr) {
      std::copy(atom_energies.begin(), atom_energies.end(), out.atom_energies + shard.first_atom);
    }
    const auto part = [](double* all, std::size_t from) { return all ? all + from : nullptr; };
    const auto sum_up = [&](std::size_t s, int) {
      const std::size_t structure = shard.first_structure + s, atom = shard.offset[s];
      sum_structure(batch[structure], shard.lists[s], atom_energies.data() + atom,
                    derivatives ? pair_gradient.data() + 3 * first_pair[s] : nullptr,
                    {part(out.energy, structure), part(out.forces, 3 * (shard.first_atom + atom)),
                     part(out.stress, 9 * structure)});
    };
    parallel_for(shard.structures, resolve_threads(execution, shard.structures), quiet, sum_up);
    if (execution.progress) execution.progress(shard.first_atom + shard.atoms, batch.atoms());
  });
}

}  // namespace soapstone
