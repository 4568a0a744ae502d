#include "regression/sparse_fit.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "common/error.hpp"
#include "common/parallel.hpp"
#include "math/row_matrix.hpp"
#include "neighbours/batch.hpp"
#include "neighbours/neighbour_list.hpp"
#include "regression/prior.hpp"

namespace soapstone {

namespace {

using Eigen::Index;

/// Rows formed before they are whitened and squared: many enough to share out among threads.
constexpr std::size_t kGroupRows = 2048;
/// Atoms of small structures whose rows are formed together.
constexpr std::size_t kBlockAtoms = 64;

bool given(const double* label) { return label != nullptr && !std::isnan(*label); }

/// Labels of one structure; null where a quantity is absent.
struct StructureLabels {
  const double *energy, *forces, *stress;

  bool any() const { return energy || forces || stress; }
};

StructureLabels labels_of(const BatchView& batch, std::size_t s, const Targets& targets) {
  if (batch[s].size == 0) return {};
  const auto known = [](const double* of_all, std::size_t at) {
    return given(of_all ? of_all + at : nullptr) ? of_all + at : nullptr;
  };
  return {known(targets.energy, s),
          known(targets.forces, 3 * static_cast<std::size_t>(batch.offsets[s])),
          known(targets.stress, 9 * s)};
}

double weight_of(const Targets& targets, std::size_t s) {
  return targets.weight == nullptr ? 1.0 : targets.weight[s];
}

}  // namespace

/// A structure of the group that is worked on, with its first rows in the accumulators, kNone where
/// it has none.
struct SparseFit::Piece {
  StructureView structure;
  std::size_t group;
  double weight;
  NeighbourList list;
  std::size_t energy, forces, stress;

  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
};

SparseFit::SparseFit(std::shared_ptr<const SparseKernel> kernel, std::size_t groups,
                     const Execution& execution)
    : kernel_(std::move(kernel)),
      rows_(*kernel_, execution),
      equations_(factorise_prior(*kernel_, execution), kernel_->first(), groups, kQuantities, 1) {
  if (kernel_->size() > 0) return;
  throw Error(ErrorCode::kInvalidInput, "points: expected one sparse point at least, got none");
}

void SparseFit::add(const BatchView& batch, const Targets& targets, const std::uint8_t* group,
                    const Execution& execution) {
  const Execution quiet = execution.quiet();
  check(batch, targets, quiet);
  equations_.change([&] {
    std::vector<Piece> pieces;
    for (std::size_t s = 0; s < batch.structures;) {
      pieces.clear();
      for (std::size_t rows = 0; s < batch.structures && rows < kGroupRows; ++s) {
        if (!labels_of(batch, s, targets).any()) continue;
        pieces.push_back(claim(batch, s, targets, group[s]));
        rows += 3 * pieces.back().structure.size;
      }
      form_rows(pieces, quiet);
      equations_.flush_full(quiet);
      if (execution.progress) {
        execution.progress(static_cast<std::size_t>(batch.offsets[s]), batch.atoms());
      }
    }
  });
}

// Neighbours are found for nothing else: that costs little beside the rows, and says what is wrong
// with a cell or with atoms.
void SparseFit::check(const BatchView& batch, const Targets& targets,
                      const Execution& execution) const {
  const SphericalExpansion& expansion = kernel_->representation().expansion();
  for_each_structure(batch, execution, [&](std::size_t s, const Execution& inner) {
    const StructureLabels labels = labels_of(batch, s, targets);
    if (!labels.any()) return;
    const StructureView structure = batch[s];
    const double weight = weight_of(targets, s);
    if (!(weight > 0.0 && std::isfinite(weight))) {
      throw Error(ErrorCode::kInvalidInput, "the weight of its labels must be a number > 0");
    }
    if (labels.stress && !(cell_volume(structure.cell) > 0.0)) {
      throw Error(ErrorCode::kInvalidInput, "a stress, but no cell with a volume");
    }
    for (std::size_t i = 0; i < structure.size; ++i) expansion.channel_of(structure.species[i]);
    NeighbourList list;
    find_neighbours(structure, expansion.cutoff(), list, inner);
  });
}

SparseFit::Piece SparseFit::claim(const BatchView& batch, std::size_t s, const Targets& targets,
                                  std::size_t group) {
  const double weight = weight_of(targets, s), root = std::sqrt(weight);
  Piece piece{batch[s], group, weight, {}, Piece::kNone, Piece::kNone, Piece::kNone};
  const StructureLabels labels = labels_of(batch, s, targets);
  const auto claim_rows = [&](Quantity quantity, std::size_t rows, const double* from,
                              double scale) {
    if (from == nullptr) return Piece::kNone;
    GramAccumulator& sum = equations_.of(group, quantity);
    const std::size_t first = sum.claim(rows, weight * static_cast<double>(rows));
    std::transform(from, from + rows, sum.labels(first),
                   [=](double y) { return root * scale * y; });
    return first;
  };
  const std::size_t atoms = piece.structure.size;
  const double per_atom = 1.0 / std::sqrt(static_cast<double>(atoms));
  piece.energy = claim_rows(kEnergy, 1, labels.energy, per_atom);
  // A force is minus the derivative that its row holds.
  piece.forces = claim_rows(kForces, 3 * atoms, labels.forces, -1.0);
  piece.stress = claim_rows(kStress, 9, labels.stress, 1.0);
  return piece;
}

// Small structures go to threads some at a time, in as many blocks for each of them; on what does
// not share out evenly all threads work together.
void SparseFit::form_rows(std::vector<Piece>& pieces, const Execution& execution) {
  const int threads = resolve_threads(execution, kGroupRows);
  std::size_t atoms = 0;
  for (const Piece& piece : pieces) atoms += piece.structure.size;
  const std::size_t count = even_pieces(atoms, kBlockAtoms, threads);
  std::vector<std::vector<Piece*>> blocks;
  std::size_t before = 0, last = count;
  for (Piece& piece : pieces) {
    const std::size_t block = before * count / atoms;
    if (block != last) blocks.emplace_back();
    blocks.back().push_back(&piece);
    last = block;
    before += piece.structure.size;
  }
  const std::size_t whole = blocks.size() - blocks.size() % static_cast<std::size_t>(threads);
  const Execution alone = execution.alone();
  parallel_for(whole, threads, execution, [&](std::size_t k, int) { form_rows(blocks[k], alone); });
  for (std::size_t k = whole; k < blocks.size(); ++k) form_rows(blocks[k], execution);
}

void SparseFit::form_rows(const std::vector<Piece*>& block, const Execution& execution) {
  const std::size_t size = kernel_->size();
  const double cutoff = kernel_->representation().expansion().cutoff();
  std::vector<KernelRows> wanted;
  for (Piece* piece : block) {
    find_neighbours(piece->structure, cutoff, piece->list, execution);
    const auto zeroed = [&](Quantity quantity, std::size_t first, std::size_t count) -> double* {
      if (first == Piece::kNone) return nullptr;
      double* begin = equations_.of(piece->group, quantity).row(first);
      parallel_for(count, resolve_threads(execution, count), execution,
                   [&](std::size_t r, int) { std::fill_n(begin + r * size, size, 0.0); });
      return begin;
    };
    const std::size_t atoms = piece->structure.size;
    wanted.push_back({piece->structure, &piece->list, size, zeroed(kEnergy, piece->energy, 1),
                      zeroed(kForces, piece->forces, 3 * atoms), zeroed(kStress, piece->stress, 9),
                      0, atoms});
  }
  rows_.add(wanted, execution);
  for (std::size_t k = 0; k < block.size(); ++k) {
    const auto scale = [&](double* begin, std::size_t rows, double factor) {
      if (begin == nullptr || factor == 1.0) return;
      for (std::size_t x = 0; x < rows * size; ++x) begin[x] *= factor;
    };
    const StructureView& structure = block[k]->structure;
    const double root = std::sqrt(block[k]->weight);
    scale(wanted[k].energy, 1, root / std::sqrt(static_cast<double>(structure.size)));
    scale(wanted[k].positions, 3 * structure.size, root);
    scale(wanted[k].strain, 9, root / cell_volume(structure.cell));
  }
}

std::array<double, kQuantities> SparseFit::errors(const Solution& solution,
                                                  const std::uint8_t* among) {
  std::array<double, kQuantities> result;
  for (std::size_t q = 0; q < kQuantities; ++q) {
    double square = 0.0, weight = 0.0;
    for (std::size_t g = 0; g < groups(); ++g) {
      const GramAccumulator& sum = equations_.of(g, q);
      if (!among[g] || sum.empty()) continue;
      square += sum.residuals(solution.whitened)(0);
      weight += sum.weight();
    }
    result[q] =
        weight > 0.0 ? std::sqrt(square / weight) : std::numeric_limits<double>::quiet_NaN();
  }
  return result;
}

std::vector<double> SparseFit::weights(const Solution& solution, const Execution& execution) const {
  std::vector<double> result(kernel_->size());
  equations_.weights(solution, result.data(), execution);
  return result;
}

}  // namespace soapstone
