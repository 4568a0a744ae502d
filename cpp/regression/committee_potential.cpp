#include "regression/committee_potential.hpp"

#include <algorithm>

#include "common/parallel.hpp"
#include "regression/energy_tiles.hpp"

namespace soapstone {

namespace {

/// Few atoms at a time: the derivatives of all members by all their pairs are in memory.
constexpr std::size_t kShardAtoms = 512;

}  // namespace

struct CommitteePotential::Workspace {
  EnvironmentTile environments;
  PairGradients pairs;
  AlignedVector kernel;    // centre × padded M_a
  AlignedVector slope;     // the same: u, then k'(u)
  AlignedVector weighted;  // the same times the weights of a member
  AlignedVector energies;  // centre × padded members
  AlignedVector gradient;  // centre × features: ∂E/∂p̂, then ∂E/∂p
};

CommitteePotential::CommitteePotential(std::shared_ptr<const SparseKernel> kernel,
                                       const double* weights, std::size_t members,
                                       const Execution& execution)
    : kernel_(std::move(kernel)), members_(members) {
  for (std::size_t a = 0; a + 1 < kernel_->first().size(); ++a) {
    const std::size_t size = kernel_->size(a), first = kernel_->first()[a];
    Channel channel{kernel_->pack_points(a, execution),
                    kernel_->pack_by_point(a, execution),
                    {weights + first * members, members, 1, size, members, execution},
                    {}};
    const std::size_t step = channel.points.padded_columns();
    channel.weights.assign(members * step, 0.0);
    for (std::size_t m = 0; m < size; ++m) {
      for (std::size_t i = 0; i < members; ++i) {
        channel.weights[i * step + m] = weights[(first + m) * members + i];
      }
    }
    channels_.push_back(std::move(channel));
  }
}

/// Energies of the members, and what their gradients are made of.
void CommitteePotential::predict_tile(const Channel& channel, std::size_t count, bool derivatives,
                                      Workspace& w) const {
  const std::size_t step = channel.points.padded_columns();
  for (AlignedVector* of_points : {&w.kernel, &w.slope, &w.weighted})
    grow(*of_points, count * step);
  packed_product(w.environments.features(0), w.environments.step(), count, channel.points, 0,
                 channel.points.panels(), w.slope.data(), step);
  for (std::size_t k = 0; k < count * step; k += kLanes) {
    const Lanes u = load(w.slope.data() + k), slope = kernel_->slope_by_zeta(u);
    store(w.kernel.data() + k, u * slope);
    if (derivatives) store(w.slope.data() + k, static_cast<double>(kernel_->zeta()) * slope);
  }
  const std::size_t columns = channel.members.padded_columns();
  grow(w.energies, count * columns);
  packed_product(w.kernel.data(), step, count, channel.members, 0, channel.members.panels(),
                 w.energies.data(), columns);
}

void CommitteePotential::predict(const BatchView& batch, const Predictions& out,
                                 const Execution& requested) const {
  const Representation& representation = kernel_->representation();
  const SphericalExpansion& expansion = representation.expansion();
  const auto products =
      static_cast<double>(representation.features() * kernel_->size() / channels_.size());
  const Execution execution = for_atoms(
      requested, batch.atoms(), kFeatureOperations + static_cast<double>(1 + members_) * products);
  const bool derivatives = out.forces != nullptr || out.stress != nullptr;
  const Execution quiet = execution.quiet();
  const int threads = resolve_threads(execution, batch.atoms());
  auto* const workspaces = kept_workspaces<Workspace>(threads);
  const std::size_t atoms = batch.atoms();

  std::vector<double> atom_energies, pair_gradient;
  for_each_shard(batch, expansion.cutoff(), kShardAtoms, execution, [&](const Shard& shard) {
    const std::vector<std::size_t> first_pair = first_pairs(shard);
    const std::size_t pairs = first_pair.back();
    atom_energies.resize(members_ * shard.atoms);
    if (derivatives) pair_gradient.resize(members_ * 3 * pairs);
    const std::vector<EnergyTile> tiles = energy_tiles(batch, shard, expansion, threads);

    const auto predict = [&](std::size_t t, int thread) {
      Workspace& w = workspaces[thread];
      const std::vector<std::size_t>& centres = tiles[t].centres;
      const std::size_t count = centres.size();
      const Channel& channel = channels_[tiles[t].channel];
      fill_tile(batch, shard, centres, representation, derivatives, w.environments);
      predict_tile(channel, count, derivatives, w);
      for (std::size_t c = 0; c < count; ++c) {
        for (std::size_t i = 0; i < members_; ++i) {
          atom_energies[i * shard.atoms + centres[c]] =
              w.energies[c * channel.members.padded_columns() + i];
        }
      }
      if (!derivatives) return;
      const std::size_t step = channel.points.padded_columns();
      const std::size_t columns = channel.by_point.padded_columns();
      grow(w.gradient, count * columns);
      for (std::size_t i = 0; i < members_; ++i) {
        const double* weights = channel.weights.data() + i * step;
        for (std::size_t c = 0; c < count; ++c) {
          for (std::size_t m = 0; m < step; m += kLanes) {
            const std::size_t at = c * step + m;
            store(w.weighted.data() + at, load(w.slope.data() + at) * load(weights + m));
          }
        }
        packed_product(w.weighted.data(), step, count, channel.by_point, 0,
                       channel.by_point.panels(), w.gradient.data(), columns);
        for (std::size_t c = 0; c < count; ++c) {
          const std::size_t first = i * pairs + first_pair[shard.structure[centres[c]]];
          w.pairs.set(representation, w.environments, c, w.gradient.data() + c * columns,
                      pair_gradient.data() + 3 * first);
        }
      }
    };
    parallel_for(tiles.size(), resolve_threads(execution, tiles.size()), quiet, predict);

    const auto part = [](double* all, std::size_t from) { return all ? all + from : nullptr; };
    const auto sum_up = [&](std::size_t item, int) {
      const std::size_t s = item / members_, i = item % members_, atom = shard.offset[s];
      const std::size_t structure = shard.first_structure + s;
      const std::size_t of_member = i * batch.structures + structure;
      sum_structure(
          batch[structure], shard.lists[s], atom_energies.data() + i * shard.atoms + atom,
          derivatives ? pair_gradient.data() + 3 * (i * pairs + first_pair[s]) : nullptr,
          {part(out.energy, of_member), part(out.forces, 3 * (i * atoms + shard.first_atom + atom)),
           part(out.stress, 9 * of_member)});
    };
    const std::size_t sums = shard.structures * members_;
    parallel_for(sums, resolve_threads(execution, sums), quiet, sum_up);
    if (execution.progress) execution.progress(shard.first_atom + shard.atoms, batch.atoms());
  });
}

}  // namespace soapstone
