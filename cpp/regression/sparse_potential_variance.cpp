// What a SparsePotential knows of its uncertainty.

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

void SparsePotential::set_covariance(Eigen::MatrixXd factor, double amplitude) {
  factor_ = std::move(factor);
  has_covariance_ = true;
  amplitude_ = amplitude;
}

const ProjectedPosterior& SparsePotential::posterior(const Execution& execution) const {
  std::call_once(posterior_made_, [&] {
    const Execution quiet = execution.quiet();
    posterior_ = std::make_unique<const ProjectedPosterior>(factorise_prior(*kernel_, quiet),
                                                            kernel_->first(), factor_, quiet);
    factor_.resize(0, 0);
  });
  return *posterior_;
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
  const Execution alone = execution.alone();
  const auto value = [&](double u) { return kernel_->value(u); };
  const ProjectedPosterior& posterior = this->posterior(execution);
  for_each_block(batch, execution, [&](const Shard& shard, const Block& block) {
    const auto structures = static_cast<Index>(block.to - block.from);
    // Rows of K_NM are columns of K_MN where they are stored.
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
    Eigen::Map<Eigen::VectorXd> out(variance + shard.first_structure + block.from, structures);
    posterior.variance(columns.data(), own.data(), block.to - block.from, out.data(), alone);
    out *= amplitude_;
  });
}

// Blocks go to threads whole, as long as they share out evenly; on those that are left over all
// threads work together.
void SparsePotential::derivative_variance(const BatchView& batch, const DerivativeVariances& out,
                                          const Execution& execution) const {
  std::call_once(derivatives_made_,
                 [&] { derivatives_ = std::make_shared<const Derivatives>(*kernel_, execution); });
  posterior(execution);
  if (out.stress != nullptr) std::fill_n(out.stress, 9 * batch.structures, 0.0);
  const double cutoff = kernel_->representation().expansion().cutoff();
  const Execution quiet = execution.quiet();
  const Execution alone = execution.alone();
  std::atomic<std::size_t> done{0};
  for_each_shard(batch, cutoff, kShardAtoms, execution, [&](const Shard& shard) {
    const std::vector<std::vector<Part>> blocks = derivative_blocks(batch, shard, out);
    const auto of_block = [&](std::size_t b, const Execution& inner) {
      derivative_variance(batch, shard, blocks[b], out, inner);
      std::size_t finished = 0;
      for (const Part& part : blocks[b]) {
        const std::size_t size = batch[shard.first_structure + part.structure].size;
        finished += out.forces == nullptr ? size : part.last - part.first;
      }
      finished = done += finished;
      if (execution.progress) execution.progress(finished, batch.atoms());
    };
    const int threads = resolve_threads(execution, batch.atoms());
    const std::size_t whole = blocks.size() - blocks.size() % static_cast<std::size_t>(threads);
    parallel_for(whole, threads, quiet, [&](std::size_t b, int) { of_block(b, alone); });
    for (std::size_t b = whole; b < blocks.size(); ++b) of_block(b, quiet);
  });
}

std::vector<std::vector<SparsePotential::Part>> SparsePotential::derivative_blocks(
    const BatchView& batch, const Shard& shard, const DerivativeVariances& wanted) const {
  // Of small structures together, which many threads share out, and of one.
  constexpr std::size_t kTogether = 64, kAtoms = 128;
  std::vector<std::vector<Part>> blocks;
  std::size_t atoms = kTogether;
  for (std::size_t s = 0; s < shard.structures; ++s) {
    const StructureView structure = batch[shard.first_structure + s];
    const std::size_t size = structure.size;
    const bool strain = wanted.stress != nullptr && cell_volume(structure.cell) > 0.0;
    if (wanted.forces == nullptr || size <= kAtoms) {
      if (atoms + size > kTogether) {
        blocks.emplace_back();
        atoms = 0;
      }
      blocks.back().push_back({s, 0, wanted.forces == nullptr ? 0 : size, strain});
      atoms += size;
      continue;
    }
    const std::size_t parts = (size + kAtoms - 1) / kAtoms;
    for (std::size_t k = 0; k < parts; ++k) {
      blocks.push_back({{s, size * k / parts, size * (k + 1) / parts, false}});
    }
    if (strain) blocks.push_back({{s, 0, 0, true}});
    atoms = kTogether;
  }
  return blocks;
}

void SparsePotential::derivative_variance(const BatchView& batch, const Shard& shard,
                                          const std::vector<Part>& block,
                                          const DerivativeVariances& out,
                                          const Execution& execution) const {
  thread_local std::vector<double> rows, own;
  const std::size_t size = kernel_->size();
  std::size_t count = 0;
  for (const Part& part : block) count += 3 * (part.last - part.first) + (part.strain ? 9 : 0);
  rows.assign(count * size, 0.0);
  own.resize(count);

  std::vector<KernelRows> wanted;
  std::size_t at = 0;
  for (const Part& part : block) {
    const StructureView structure = batch[shard.first_structure + part.structure];
    const NeighbourList& list = shard.lists[part.structure];
    wanted.push_back({structure, &list, size, nullptr, nullptr, nullptr, part.first, part.last});
    if (part.last > part.first) {
      wanted.back().positions = rows.data() + at * size;
      derivatives_->own.positions(structure, list, part.first, part.last, execution, &own[at]);
      at += 3 * (part.last - part.first);
    }
    if (part.strain) {
      wanted.back().strain = rows.data() + at * size;
      derivatives_->own.strain(structure, list, execution, &own[at]);
      at += 9;
    }
  }
  derivatives_->rows.add(wanted, execution);
  posterior(execution).variance(rows.data(), own.data(), count, own.data(), execution);

  at = 0;
  for (const Part& part : block) {
    // Of −∂E/∂r, and of (1/V) ∂E/∂ε.
    const std::size_t structure = shard.first_structure + part.structure;
    const auto atom = static_cast<std::size_t>(batch.offsets[structure]);
    for (std::size_t x = 3 * part.first; x < 3 * part.last; ++x) {
      out.forces[3 * atom + x] = amplitude_ * own[at++];
    }
    const double volume = cell_volume(batch[structure].cell);
    for (std::size_t e = 0; part.strain && e < 9; ++e) {
      out.stress[9 * structure + e] = amplitude_ * own[at++] / (volume * volume);
    }
  }
}

void SparsePotential::rigidity(const BatchView& batch, const Execution& execution,
                               double* rigidity) const {
  const Execution alone = execution.alone();
  const ProjectedPosterior& posterior = this->posterior(execution);
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
        posterior.variance(columns.data(), variance.data(), static_cast<std::size_t>(count),
                           variance.data(), alone);
        for (Index c = 0; c < count; ++c) {
          const std::size_t centre = centres[static_cast<std::size_t>(at + c)];
          rigidity[shard.first_atom + centre] = 1.0 / variance(c);
        }
      }
    }
  });
}

}  // namespace soapstone
