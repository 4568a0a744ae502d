#include "regression/sparse_potential.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "common/parallel.hpp"
#include "regression/energy_tiles.hpp"
#include "regression/prior.hpp"

namespace soapstone {

namespace {

using Eigen::Index;
using ConstMap = Eigen::Map<const RowMatrix>;

constexpr std::size_t kShardAtoms = 4096;
/// Centres that go through a matrix product together: whole blocks of its rows, and as many
/// products as stay in the second-level cache.
constexpr std::size_t kCentresPerTile = 24;
constexpr Index kRowsPerBlock = 256;

/// The sparse points of a species, as rows.
ConstMap points_of(const SparseKernel& kernel, std::size_t channel) {
  const auto features = static_cast<Index>(kernel.representation().features());
  const auto first = static_cast<Index>(kernel.first()[channel]);
  return {kernel.points() + first * features,
          static_cast<Index>(kernel.first()[channel + 1]) - first, features};
}

}  // namespace

struct SparsePotential::Workspace {
  EnvironmentTile environments;
  ChannelEnergy::Workspace energy;
  std::vector<double> energies;
  AlignedVector gradient;  // centre × features: ∂E/∂p̂, then ∂E/∂p
  PairGradients pairs;
};

SparsePotential::SparsePotential(std::shared_ptr<const SparseKernel> kernel,
                                 const std::vector<double>& weights, std::vector<double> baseline)
    : kernel_(std::move(kernel)), baseline_(std::move(baseline)) {
  for (std::size_t a = 0; a < baseline_.size(); ++a) {
    energies_.emplace_back(*kernel_, a, weights.data() + kernel_->first()[a]);
  }
}

void SparsePotential::set_covariance(Eigen::MatrixXd posterior, double amplitude) {
  posterior_ = std::move(posterior);
  amplitude_ = amplitude;
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
  if (w.gradient.size() < count * step) w.gradient.resize(count * step);
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
  const Execution execution = for_atoms(requested, batch.atoms());
  const SphericalExpansion& expansion = kernel_->representation().expansion();
  const bool derivatives = out.forces != nullptr || out.stress != nullptr;
  const Execution quiet{execution.threads, execution.cancelled, nullptr};
  std::vector<Workspace> workspaces(
      static_cast<std::size_t>(resolve_threads(execution, batch.atoms())));

  std::vector<double> atom_energies, pair_gradient, position_gradient;
  for_each_shard(batch, expansion.cutoff(), kShardAtoms, execution, [&](const Shard& shard) {
    const std::vector<std::size_t> first_pair = first_pairs(shard);
    atom_energies.resize(shard.atoms);
    if (derivatives) pair_gradient.resize(3 * first_pair.back());

    const std::vector<EnergyTile> tiles = energy_tiles(batch, shard, expansion, kCentresPerTile);
    parallel_for(tiles.size(), resolve_threads(execution, tiles.size()), quiet,
                 [&](std::size_t t, int thread) {
                   predict_tile(batch, shard, tiles[t].centres, tiles[t].channel, derivatives,
                                first_pair, workspaces[static_cast<std::size_t>(thread)],
                                atom_energies.data(), pair_gradient.data());
                 });

    if (out.atom_energies != nullptr) {
      std::copy(atom_energies.begin(), atom_energies.end(), out.atom_energies + shard.first_atom);
    }
    position_gradient.assign(3 * shard.atoms, 0.0);
    parallel_for(shard.structures, resolve_threads(execution, shard.structures), quiet,
                 [&](std::size_t s, int) {
                   const std::size_t structure = shard.first_structure + s;
                   const std::size_t from = shard.offset[s], to = shard.offset[s + 1];
                   if (out.energy != nullptr) {
                     double energy = 0.0;
                     for (std::size_t i = from; i < to; ++i) energy += atom_energies[i];
                     out.energy[structure] = energy;
                   }
                   if (!derivatives) return;
                   double strain[9] = {};
                   scatter_pair_gradients(shard.lists[s], pair_gradient.data() + 3 * first_pair[s],
                                          position_gradient.data() + 3 * from, strain);
                   if (out.forces != nullptr) {
                     for (std::size_t k = 3 * from; k < 3 * to; ++k) {
                       out.forces[3 * shard.first_atom + k] = -position_gradient[k];
                     }
                   }
                   if (out.stress != nullptr) {
                     const double v = cell_volume(batch[structure].cell);
                     for (int k = 0; k < 9; ++k)
                       out.stress[9 * structure + k] = v > 0.0 ? strain[k] / v : 0.0;
                   }
                 });
    if (execution.progress) execution.progress(shard.first_atom + shard.atoms, batch.atoms());
  });
}

RowMatrix SparsePotential::features_of(const StructureView& structure, const NeighbourList& list,
                                       std::size_t channel,
                                       std::vector<std::size_t>& centres) const {
  const Representation& representation = kernel_->representation();
  const SphericalExpansion& expansion = representation.expansion();
  for (std::size_t i = 0; i < structure.size; ++i) {
    if (expansion.channel_of(structure.species[i]) == channel) centres.push_back(i);
  }
  RowMatrix all(static_cast<Index>(centres.size()), static_cast<Index>(representation.features()));
  Environment environment;
  for (std::size_t c = 0; c < centres.size(); ++c) {
    auto target = all.row(static_cast<Index>(c));
    expansion.compute(structure, list, centres[c], false, environment);
    representation.values(environment, target.data());
    const double norm = target.norm();
    if (norm > 0.0) target /= norm;
  }
  return all;
}

void SparsePotential::variance(const BatchView& batch, const Execution& requested,
                               double* variance) const {
  std::call_once(prior_made_, [&] { prior_ = factorise_prior(*kernel_); });
  const Execution execution = for_atoms(requested, batch.atoms());
  const SphericalExpansion& expansion = kernel_->representation().expansion();
  const Execution quiet{execution.threads, execution.cancelled, nullptr};

  for_each_shard(batch, expansion.cutoff(), kShardAtoms, execution, [&](const Shard& shard) {
    parallel_for(shard.structures, resolve_threads(execution, shard.structures), quiet,
                 [&](std::size_t s, int) {
                   const StructureView structure = batch[shard.first_structure + s];
                   Eigen::VectorXd row = Eigen::VectorXd::Zero(prior_.rows());
                   double own = 0.0;
                   for (std::size_t channel = 0; channel < expansion.species().size(); ++channel) {
                     std::vector<std::size_t> centres;
                     const RowMatrix all = features_of(structure, shard.lists[s], channel, centres);
                     const auto first = static_cast<Index>(kernel_->first()[channel]);
                     const ConstMap points = points_of(*kernel_, channel);
                     for (Index at = 0; at < all.rows(); at += kRowsPerBlock) {
                       const auto block =
                           all.middleRows(at, std::min(kRowsPerBlock, all.rows() - at));
                       const RowMatrix with_points = block * points.transpose();
                       const RowMatrix with_all = block * all.transpose();
                       for (Index c = 0; c < block.rows(); ++c) {
                         for (Index m = 0; m < points.rows(); ++m)
                           row(first + m) += kernel_->value(with_points(c, m));
                         for (Index k = 0; k < all.rows(); ++k)
                           own += kernel_->value(with_all(c, k));
                       }
                     }
                   }
                   // With φ = L⁻¹ k: k K_MM⁻¹ k = |φ|², k K̃⁻¹ k = |P⁻¹ φ|², P the posterior's
                   // factor.
                   prior_.triangularView<Eigen::Lower>().solveInPlace(row);
                   const double explained = row.squaredNorm();
                   posterior_.triangularView<Eigen::Lower>().solveInPlace(row);
                   const double left = row.squaredNorm();
                   variance[shard.first_structure + s] =
                       amplitude_ * (std::max(own - explained, 0.0) + left);
                 });
    if (execution.progress) execution.progress(shard.first_atom + shard.atoms, batch.atoms());
  });
}

void SparsePotential::rigidity(const BatchView& batch, const Execution& requested,
                               double* rigidity) const {
  std::call_once(prior_made_, [&] { prior_ = factorise_prior(*kernel_); });
  const Execution execution = for_atoms(requested, batch.atoms());
  const SphericalExpansion& expansion = kernel_->representation().expansion();
  const Execution quiet{execution.threads, execution.cancelled, nullptr};
  for_each_shard(batch, expansion.cutoff(), kShardAtoms, execution, [&](const Shard& shard) {
    const auto of_structure = [&](std::size_t s, int) {
      for (std::size_t channel = 0; channel < expansion.species().size(); ++channel) {
        std::vector<std::size_t> centres;
        const RowMatrix all =
            features_of(batch[shard.first_structure + s], shard.lists[s], channel, centres);
        const auto first = static_cast<Index>(kernel_->first()[channel]);
        const ConstMap points = points_of(*kernel_, channel);
        for (Index at = 0; at < all.rows(); at += kRowsPerBlock) {
          const Index count = std::min(kRowsPerBlock, all.rows() - at);
          const Eigen::MatrixXd similarity = points * all.middleRows(at, count).transpose();
          Eigen::MatrixXd columns = Eigen::MatrixXd::Zero(prior_.rows(), count);
          columns.middleRows(first, points.rows()) =
              similarity.unaryExpr([&](double u) { return kernel_->value(u); });
          prior_.triangularView<Eigen::Lower>().solveInPlace(columns);
          const Eigen::VectorXd explained = columns.colwise().squaredNorm();
          posterior_.triangularView<Eigen::Lower>().solveInPlace(columns);
          for (Index c = 0; c < count; ++c) {
            const double own = kernel_->value(all.row(at + c).squaredNorm());
            const std::size_t centre = centres[static_cast<std::size_t>(at + c)];
            rigidity[shard.first_atom + shard.offset[s] + centre] =
                1.0 / (std::max(own - explained(c), 0.0) + columns.col(c).squaredNorm());
          }
        }
      }
    };
    parallel_for(shard.structures, resolve_threads(execution, shard.structures), quiet,
                 of_structure);
    if (execution.progress) execution.progress(shard.first_atom + shard.atoms, batch.atoms());
  });
}

}  // namespace soapstone
