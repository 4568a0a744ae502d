#include "regression/sparse_fit.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "common/error.hpp"
#include "common/parallel.hpp"
#include "neighbours/neighbour_list.hpp"
#include "regression/prior.hpp"

namespace soapstone {

namespace {

using Eigen::Index;

constexpr std::size_t kGroupRows = 2048;      // rows formed before they are whitened and squared
constexpr std::size_t kColumnsPerItem = 256;  // sparse points per parallel item
constexpr Index kRowsPerWhitening = 64;
constexpr Index kGramTile = 256;
constexpr Index kFlushRows = 512;

double volume(const double* h) {
  return std::abs(h[0] * (h[4] * h[8] - h[5] * h[7]) - h[1] * (h[3] * h[8] - h[5] * h[6]) +
                  h[2] * (h[3] * h[7] - h[4] * h[6]));
}

}  // namespace

SparseFit::SparseFit(std::shared_ptr<const SparseKernel> kernel)
    : kernel_(std::move(kernel)), prior_(factorise_prior(*kernel_)) {}

double* SparseFit::reserve(Accumulator& a, std::size_t rows) {
  const auto size = static_cast<Index>(kernel_->size());
  const Index needed = a.filled + static_cast<Index>(rows);
  if (a.rows.rows() < needed) {
    const Index capacity =
        std::max(needed, std::min<Index>(2 * a.rows.rows(), needed + kFlushRows));
    a.rows.conservativeResize(capacity, size);
    a.labels.conservativeResize(capacity);
  }
  a.rows.middleRows(a.filled, static_cast<Index>(rows)).setZero();
  double* begin = a.rows.data() + a.filled * size;
  a.filled = needed;
  return begin;
}

void SparseFit::add(const BatchView& batch, const Targets& targets, const std::uint8_t* held_out,
                    const Execution& execution) {
  const std::size_t size = kernel_->size();
  const double cutoff = kernel_->representation().expansion().cutoff();
  const Execution quiet{execution.threads, execution.cancelled, nullptr};

  struct Piece {
    std::size_t structure;
    KernelRowParts parts;
    NeighbourList list;
    Index energy = -1, forces = -1, strain = -1;  // first row in the accumulators
    RowMajor strain_rows;                         // 9 rows, before they are made stress
  };
  std::vector<Piece> pieces;
  struct Item {
    std::size_t piece, channel, from, to;
  };
  std::vector<Item> items;

  std::size_t s = 0;
  while (s < batch.structures) {
    std::size_t count = 0;
    for (std::size_t rows = 0; s + count < batch.structures && (count == 0 || rows < kGroupRows);
         ++count) {
      rows += 3 * batch[s + count].size;
    }
    if (pieces.size() < count) pieces.resize(count);

    std::array<std::array<Index, 2>, kQuantities> fresh;  // first new row of each accumulator
    for (std::size_t q = 0; q < kQuantities; ++q) {
      for (int h = 0; h < 2; ++h) fresh[q][h] = accumulators_[q][h].filled;
    }
    for (std::size_t k = 0; k < count; ++k) {
      Piece& piece = pieces[k];
      const StructureView structure = batch[s + k];
      const bool out = held_out[s + k] != 0;
      piece.structure = s + k;
      piece.energy = piece.forces = piece.strain = -1;
      const double* forces = targets.forces ? targets.forces + 3 * batch.offsets[s + k] : nullptr;
      const double* stress = targets.stress ? targets.stress + 9 * (s + k) : nullptr;
      const auto claim = [&](Quantity quantity, std::size_t rows, const double* labels,
                             double scale) {
        Accumulator& a = accumulator(quantity, out);
        const Index first = a.filled;
        reserve(a, rows);
        for (std::size_t r = 0; r < rows; ++r) {
          a.labels(first + static_cast<Index>(r)) = scale * labels[r];
        }
        return first;
      };
      if (targets.energy && !std::isnan(targets.energy[s + k])) {
        piece.energy = claim(kEnergy, 1, targets.energy + s + k,
                             1.0 / std::sqrt(static_cast<double>(structure.size)));
      }
      if (forces && !std::isnan(forces[0])) {
        piece.forces = claim(kForces, 3 * structure.size, forces, 1.0);
      }
      if (stress && !std::isnan(stress[0])) piece.strain = claim(kStress, 9, stress, 1.0);
      piece.parts = {piece.forces >= 0, piece.strain >= 0};
      if (piece.parts.strain) piece.strain_rows.setZero(9, static_cast<Index>(size));
    }
    parallel_for(count, resolve_threads(execution, count), quiet, [&](std::size_t k, int) {
      find_neighbours(batch[s + k], cutoff, pieces[k].list);
    });

    // Every item writes its own columns of its own structure's rows.
    items.clear();
    for (std::size_t k = 0; k < count; ++k) {
      const auto& first = kernel_->first();
      for (std::size_t a = 0; a + 1 < first.size(); ++a) {
        for (std::size_t m = first[a]; m < first[a + 1]; m += kColumnsPerItem) {
          items.push_back({k, a, m, std::min(m + kColumnsPerItem, first[a + 1])});
        }
      }
    }
    parallel_for(
        items.size(), resolve_threads(execution, items.size()), quiet, [&](std::size_t n, int) {
          const Item& item = items[n];
          Piece& piece = pieces[item.piece];
          const bool out = held_out[piece.structure] != 0;
          const std::size_t columns = item.to - item.from;
          std::vector<double> unused(piece.energy < 0 ? columns : 0, 0.0);
          const auto at = [&](Quantity q, Index row) {
            return accumulator(q, out).rows.data() + row * static_cast<Index>(size) + item.from;
          };
          KernelRows rows;
          rows.step = size;
          rows.energy = piece.energy < 0 ? unused.data() : at(kEnergy, piece.energy);
          if (piece.parts.positions) rows.positions = at(kForces, piece.forces);
          if (piece.parts.strain) rows.strain = piece.strain_rows.data() + item.from;
          kernel_->add_rows(batch[piece.structure], piece.list, item.channel, item.from, item.to,
                            piece.parts, rows);
        });

    for (std::size_t k = 0; k < count; ++k) {
      const Piece& piece = pieces[k];
      const StructureView structure = batch[piece.structure];
      const bool out = held_out[piece.structure] != 0;
      if (piece.energy >= 0) {
        accumulator(kEnergy, out).rows.row(piece.energy) /=
            std::sqrt(static_cast<double>(structure.size));
      }
      if (piece.forces >= 0) {  // a force is minus the derivative
        accumulator(kForces, out)
            .rows.middleRows(piece.forces, 3 * static_cast<Index>(structure.size)) *= -1.0;
      }
      if (piece.strain >= 0) {
        accumulator(kStress, out).rows.middleRows(piece.strain, 9) =
            piece.strain_rows / volume(structure.cell);
      }
    }
    for (std::size_t q = 0; q < kQuantities; ++q) {
      for (int h = 0; h < 2; ++h) {
        Accumulator& a = accumulators_[q][h];
        if (a.filled == fresh[q][h]) continue;
        whiten(a, fresh[q][h], quiet);
        if (a.filled >= kFlushRows) flush(a, quiet);
      }
    }
    s += count;
    if (execution.progress) {
      execution.progress(static_cast<std::size_t>(batch.offsets[s]), batch.atoms());
    }
  }
}

void SparseFit::whiten(Accumulator& a, Index from, const Execution& execution) const {
  const Index size = prior_.rows();
  const Index items = (a.filled - from + kRowsPerWhitening - 1) / kRowsPerWhitening;
  parallel_for(static_cast<std::size_t>(items),
               resolve_threads(execution, static_cast<std::size_t>(items)), execution,
               [&](std::size_t item, int) {
                 const Index begin = from + static_cast<Index>(item) * kRowsPerWhitening;
                 const Index rows = std::min(kRowsPerWhitening, a.filled - begin);
                 // A row-major block of rows is a column-major matrix with a row per column.
                 Eigen::Map<Eigen::MatrixXd> columns(a.rows.data() + begin * size, size, rows);
                 for (std::size_t c = 0; c + 1 < kernel_->first().size(); ++c) {
                   const auto first = static_cast<Index>(kernel_->first()[c]);
                   const Index count = static_cast<Index>(kernel_->first()[c + 1]) - first;
                   if (count == 0) continue;
                   auto part = columns.middleRows(first, count);
                   prior_.block(first, first, count, count)
                       .triangularView<Eigen::Lower>()
                       .solveInPlace(part);
                 }
               });
}

void SparseFit::flush(Accumulator& a, const Execution& execution) {
  if (a.filled == 0) return;
  const Index size = prior_.rows();
  if (a.gram.rows() == 0) {
    a.gram = Eigen::MatrixXd::Zero(size, size);
    a.moment = Eigen::VectorXd::Zero(size);
  }
  const auto rows = a.rows.topRows(a.filled);
  const auto labels = a.labels.head(a.filled);
  const Index tiles = (size + kGramTile - 1) / kGramTile;
  const auto items = static_cast<std::size_t>(tiles * (tiles + 1) / 2);
  parallel_for(items, resolve_threads(execution, items), execution, [&](std::size_t item, int) {
    Index i = 0;
    auto k = static_cast<Index>(item);
    while (k > i) k -= ++i;  // item → (i ≥ k), the lower triangle of tiles
    const Index row = i * kGramTile, height = std::min(kGramTile, size - row);
    const Index column = k * kGramTile, width = std::min(kGramTile, size - column);
    a.gram.block(row, column, height, width).noalias() +=
        rows.middleCols(row, height).transpose() * rows.middleCols(column, width);
  });
  a.moment.noalias() += rows.transpose() * labels;
  a.square += labels.squaredNorm();
  a.count += static_cast<double>(a.filled);
  a.filled = 0;
}

void SparseFit::flush_all() {
  for (auto& pair : accumulators_) {
    for (Accumulator& a : pair) flush(a, {});
  }
}

SparseFit::Solution SparseFit::solve(const Noise& noise, bool with_held_out) {
  flush_all();
  const Index size = prior_.rows();
  Solution solution{Eigen::VectorXd::Zero(size), Eigen::MatrixXd::Identity(size, size)};
  for (std::size_t q = 0; q < kQuantities; ++q) {
    const double weight = 1.0 / (noise[q] * noise[q]);
    for (int h = 0; h < (with_held_out ? 2 : 1); ++h) {
      const Accumulator& a = accumulators_[q][h];
      if (a.count == 0.0) continue;
      solution.posterior.triangularView<Eigen::Lower>() += weight * a.gram;
      solution.whitened += weight * a.moment;
    }
  }
  Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> factor(solution.posterior);
  if (factor.info() != Eigen::Success) {
    throw Error(ErrorCode::kNumerical,
                "the normal equations are not positive definite; use larger noise levels");
  }
  factor.solveInPlace(solution.whitened);
  return solution;
}

std::array<double, kQuantities> SparseFit::errors(const Solution& solution, bool held_out) {
  flush_all();
  std::array<double, kQuantities> result;
  for (std::size_t q = 0; q < kQuantities; ++q) {
    const Accumulator& a = accumulators_[q][held_out ? 1 : 0];
    if (a.count == 0.0) {
      result[q] = std::numeric_limits<double>::quiet_NaN();
      continue;
    }
    const Eigen::VectorXd& u = solution.whitened;
    const double fitted = u.dot(a.gram.selfadjointView<Eigen::Lower>() * u);
    const double square = fitted - 2.0 * u.dot(a.moment) + a.square;
    result[q] = std::sqrt(std::max(square, 0.0) / a.count);
  }
  return result;
}

std::vector<double> SparseFit::weights(const Solution& solution) const {
  Eigen::VectorXd weights = solution.whitened;
  prior_.triangularView<Eigen::Lower>().transpose().solveInPlace(weights);
  return {weights.data(), weights.data() + weights.size()};
}

}  // namespace soapstone
