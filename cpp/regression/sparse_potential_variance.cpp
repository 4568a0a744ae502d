// What a SparsePotential knows of its uncertainty.

#include <Eigen/Cholesky>
#include <algorithm>
#include <atomic>

#include "common/parallel.hpp"
#include "kernels/derivative_kernel.hpp"
#include "kernels/kernel_rows.hpp"
#include "neighbours/shard.hpp"
#include "regression/prior.hpp"
#include "regression/sparse_potential.hpp"

namespace soapstone {

namespace {

using Eigen::Index;
using ConstMap = Eigen::Map<const RowMatrix>;

constexpr Index kRowsPerBlock = 256;
/// Columns that are solved for together.
constexpr Index kColumnsPerSolve = 64;

/// The sparse points of a species, as rows.
ConstMap points_of(const SparseKernel& kernel, std::size_t channel) {
  return {kernel.points(channel), static_cast<Index>(kernel.size(channel)),
          static_cast<Index>(kernel.representation().features())};
}

}  // namespace

/// What makes rows of K_NM and prior kernels of derivatives.
struct SparsePotential::Derivatives {
  Derivatives(const SparseKernel& kernel, const Execution& execution)
      : rows(kernel, execution), own(kernel) {}

  KernelRowBuilder rows;
  DerivativeKernel own;
};

void SparsePotential::set_covariance(Eigen::MatrixXd posterior, double amplitude) {
  posterior_ = std::move(posterior);
  amplitude_ = amplitude;
}

// With φ = L⁻¹ k: k K_MM⁻¹ k = |φ|², k K̃⁻¹ k = |P⁻¹ φ|², P the posterior's factor.
template <typename Columns>
void SparsePotential::condition(Columns&& columns, Eigen::Ref<Eigen::VectorXd> own) const {
  std::call_once(prior_made_, [&] { prior_ = factorise_prior(*kernel_, {1, nullptr, nullptr}); });
  prior_.triangularView<Eigen::Lower>().solveInPlace(columns);
  own = (own - columns.colwise().squaredNorm().transpose()).cwiseMax(0.0);
  posterior_.triangularView<Eigen::Lower>().solveInPlace(columns);
  own += columns.colwise().squaredNorm().transpose();
}

// The points and both factors, tens of megabytes that a small structure alone would wait for, are
// read once for all structures of a block.
template <typename Work>
void SparsePotential::for_each_block(const BatchView& batch, const Execution& requested,
                                     const Work& work) const {
  constexpr std::size_t kAtoms = 128;  // of a block, or one structure
  const Execution execution = for_atoms(requested, batch.atoms());
  const double cutoff = kernel_->representation().expansion().cutoff();
  for_each_shard(batch, cutoff, kShardAtoms, execution, [&](const Shard& shard) {
    std::vector<Block> blocks{{0, 0}};
    for (std::size_t s = 0; s < shard.structures; ++s) {
      Block& last = blocks.back();
      if (s > last.from && shard.offset[s + 1] - shard.offset[last.from] > kAtoms) {
        blocks.push_back({s, s + 1});
      } else {
        last.to = s + 1;
      }
    }
    parallel_for(blocks.size(), resolve_threads(execution, blocks.size()), execution.quiet(),
                 [&](std::size_t b, int) { work(shard, blocks[b]); });
    if (execution.progress) execution.progress(shard.first_atom + shard.atoms, batch.atoms());
  });
}

RowMatrix SparsePotential::features_of(const BatchView& batch, const Shard& shard,
                                       const Block& block, std::size_t channel,
                                       std::vector<std::size_t>& centres) const {
  const Representation& representation = kernel_->representation();
  const SphericalExpansion& expansion = representation.expansion();
  for (std::size_t i = shard.offset[block.from]; i < shard.offset[block.to]; ++i) {
    if (expansion.channel_of(batch.species[shard.first_atom + i]) == channel) centres.push_back(i);
  }
  RowMatrix all(static_cast<Index>(centres.size()), static_cast<Index>(representation.features()));
  Environment environment;
  for (std::size_t c = 0; c < centres.size(); ++c) {
    auto target = all.row(static_cast<Index>(c));
    const std::size_t s = shard.structure[centres[c]];
    expansion.compute(batch[shard.first_structure + s], shard.lists[s],
                      centres[c] - shard.offset[s], false, environment);
    representation.values(environment, target.data());
    const double norm = target.norm();
    if (norm > 0.0) target /= norm;
  }
  return all;
}

void SparsePotential::variance(const BatchView& batch, const Execution& execution,
                               double* variance) const {
  const auto value = [&](double u) { return kernel_->value(u); };
  for_each_block(batch, execution, [&](const Shard& shard, const Block& block) {
    const auto structures = static_cast<Index>(block.to - block.from);
    Eigen::MatrixXd columns =
        Eigen::MatrixXd::Zero(static_cast<Index>(kernel_->size()), structures);
    Eigen::VectorXd own = Eigen::VectorXd::Zero(structures);
    for (std::size_t channel = 0; channel + 1 < kernel_->first().size(); ++channel) {
      std::vector<std::size_t> centres;
      const RowMatrix all = features_of(batch, shard, block, channel, centres);
      const ConstMap points = points_of(*kernel_, channel);
      const auto first = static_cast<Index>(kernel_->first()[channel]);
      for (Index s = 0, begin = 0; s < structures; ++s) {
        const std::size_t end_atom = shard.offset[block.from + static_cast<std::size_t>(s) + 1];
        const Index end =
            std::lower_bound(centres.begin(), centres.end(), end_atom) - centres.begin();
        const auto rows = all.middleRows(begin, end - begin);
        for (Index at = begin; at < end; at += kRowsPerBlock) {
          const auto some = all.middleRows(at, std::min(kRowsPerBlock, end - at));
          own(s) += (some * rows.transpose()).unaryExpr(value).sum();
        }
        begin = end;
      }
      for (Index at = 0; at < all.rows(); at += kRowsPerBlock) {
        const Index count = std::min(kRowsPerBlock, all.rows() - at);
        const Eigen::MatrixXd similarity = points * all.middleRows(at, count).transpose();
        for (Index c = 0; c < count; ++c) {
          const std::size_t s = shard.structure[centres[static_cast<std::size_t>(at + c)]];
          columns.col(static_cast<Index>(s - block.from)).segment(first, points.rows()) +=
              similarity.col(c).unaryExpr(value);
        }
      }
    }
    condition(columns, own);
    Eigen::Map<Eigen::VectorXd>(variance + shard.first_structure + block.from, structures) =
        amplitude_ * own;
  });
}

// Structures go to threads whole, as long as they share out evenly; on those that are left over all
// threads work together.
void SparsePotential::derivative_variance(const BatchView& batch, const DerivativeVariances& out,
                                          const Execution& execution) const {
  std::call_once(derivatives_made_,
                 [&] { derivatives_ = std::make_shared<const Derivatives>(*kernel_, execution); });
  const double cutoff = kernel_->representation().expansion().cutoff();
  const Execution quiet = execution.quiet();
  const Execution alone = execution.alone();
  std::atomic<std::size_t> done{0};
  for_each_shard(batch, cutoff, kShardAtoms, execution, [&](const Shard& shard) {
    const auto of_structure = [&](std::size_t s, const Execution& inner) {
      const std::size_t structure = shard.first_structure + s;
      const auto atom = static_cast<std::size_t>(batch.offsets[structure]);
      derivative_variance(batch[structure], shard.lists[s], *derivatives_,
                          out.forces == nullptr ? nullptr : out.forces + 3 * atom,
                          out.stress == nullptr ? nullptr : out.stress + 9 * structure, inner);
      const std::size_t finished = done += batch[structure].size;
      if (execution.progress) execution.progress(finished, batch.atoms());
    };
    const int threads = resolve_threads(execution, batch.atoms());
    const std::size_t whole =
        shard.structures - shard.structures % static_cast<std::size_t>(threads);
    parallel_for(whole, threads, quiet, [&](std::size_t s, int) { of_structure(s, alone); });
    for (std::size_t s = whole; s < shard.structures; ++s) of_structure(s, quiet);
  });
}

void SparsePotential::derivative_variance(const StructureView& structure, const NeighbourList& list,
                                          const Derivatives& kernels, double* forces,
                                          double* stress, const Execution& execution) const {
  const double volume = cell_volume(structure.cell);
  if (stress != nullptr) std::fill_n(stress, 9, 0.0);
  const bool strain = stress != nullptr && volume > 0.0;
  const auto size = static_cast<Index>(kernel_->size());
  const auto positions = static_cast<Index>(forces == nullptr ? 0 : 3 * structure.size);
  const Index count = positions + (strain ? 9 : 0);
  Eigen::VectorXd own(count);
  if (forces != nullptr) kernels.own.positions(structure, list, execution, own.data());
  if (strain) kernels.own.strain(structure, list, execution, own.data() + positions);

  // Rows of K_NM are columns of K_MN where they are stored.
  Eigen::MatrixXd columns = Eigen::MatrixXd::Zero(size, count);
  for (std::size_t a = 0; a + 1 < kernel_->first().size(); ++a) {
    double* const begin = columns.data() + kernel_->first()[a];
    kernels.rows.add(structure, list, a, {forces != nullptr, strain},
                     {nullptr, begin, begin + positions * size, kernel_->size()}, execution);
  }
  parallel_blocks(count, kColumnsPerSolve, execution, [&](Index at, Index some) {
    condition(columns.middleCols(at, some), own.segment(at, some));
  });
  // Of −∂E/∂r, and of (1/V) ∂E/∂ε.
  for (Index x = 0; x < positions; ++x) forces[x] = amplitude_ * own(x);
  for (Index e = 0; strain && e < 9; ++e) {
    stress[e] = amplitude_ * own(positions + e) / (volume * volume);
  }
}

void SparsePotential::rigidity(const BatchView& batch, const Execution& execution,
                               double* rigidity) const {
  const auto value = [&](double u) { return kernel_->value(u); };
  for_each_block(batch, execution, [&](const Shard& shard, const Block& block) {
    for (std::size_t channel = 0; channel + 1 < kernel_->first().size(); ++channel) {
      std::vector<std::size_t> centres;
      const RowMatrix all = features_of(batch, shard, block, channel, centres);
      const ConstMap points = points_of(*kernel_, channel);
      const auto first = static_cast<Index>(kernel_->first()[channel]);
      for (Index at = 0; at < all.rows(); at += kRowsPerBlock) {
        const Index count = std::min(kRowsPerBlock, all.rows() - at);
        const auto some = all.middleRows(at, count);
        Eigen::MatrixXd columns = Eigen::MatrixXd::Zero(static_cast<Index>(kernel_->size()), count);
        columns.middleRows(first, points.rows()) = (points * some.transpose()).unaryExpr(value);
        Eigen::VectorXd variance = some.rowwise().squaredNorm().unaryExpr(value);
        condition(columns, variance);
        for (Index c = 0; c < count; ++c) {
          const std::size_t centre = centres[static_cast<std::size_t>(at + c)];
          rigidity[shard.first_atom + centre] = 1.0 / variance(c);
        }
      }
    }
  });
}

}  // namespace soapstone
