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

/// Rows formed before they are whitened and squared: many enough to share out among threads.
constexpr std::size_t kGroupRows = 2048;

bool given(const double* label) { return label != nullptr && !std::isnan(*label); }

}  // namespace

/// A structure of the group that is worked on: its labels' rows in the accumulators, −1 where it
/// has none, and before they are made rows of the stress those of the strain.
struct SparseFit::Piece {
  StructureView structure;
  std::size_t group;
  NeighbourList list;
  Index energy, forces, stress;

  bool labelled() const { return energy >= 0 || forces >= 0 || stress >= 0; }
};

SparseFit::SparseFit(std::shared_ptr<const SparseKernel> kernel, std::size_t groups)
    : kernel_(std::move(kernel)),
      rows_(*kernel_),
      prior_(factorise_prior(*kernel_)),
      accumulators_(groups) {}

void SparseFit::add(const BatchView& batch, const Targets& targets, const std::uint8_t* group,
                    const Execution& execution) {
  const Execution quiet{execution.threads, execution.cancelled, nullptr};
  std::vector<Piece> pieces;
  for (std::size_t s = 0; s < batch.structures;) {
    pieces.clear();
    for (std::size_t rows = 0; s < batch.structures && rows < kGroupRows; ++s) {
      Piece piece = claim(batch, s, targets, group[s]);
      if (!piece.labelled()) continue;
      rows += 3 * piece.structure.size;
      pieces.push_back(std::move(piece));
    }
    form_rows(pieces, quiet);
    for (auto& group_of : accumulators_) {
      for (GramAccumulator& a : group_of) a.settle(prior_, kernel_->first(), quiet);
    }
    if (execution.progress) {
      execution.progress(static_cast<std::size_t>(batch.offsets[s]), batch.atoms());
    }
  }
}

SparseFit::Piece SparseFit::claim(const BatchView& batch, std::size_t s, const Targets& targets,
                                  std::size_t group) {
  const auto size = static_cast<Index>(kernel_->size());
  Piece piece{batch[s], group, {}, -1, -1, -1};
  const auto claim_rows = [&](Quantity quantity, std::size_t rows, const double* labels,
                              double scale) {
    return accumulator(quantity, group).claim(size, rows, labels, scale);
  };
  const std::size_t atoms = piece.structure.size;
  const double* energy = targets.energy ? targets.energy + s : nullptr;
  const double* forces = targets.forces ? targets.forces + 3 * batch.offsets[s] : nullptr;
  const double* stress = targets.stress ? targets.stress + 9 * s : nullptr;
  if (atoms == 0) return piece;
  if (given(stress) && !(cell_volume(piece.structure.cell) > 0.0)) {
    throw Error(ErrorCode::kInvalidInput,
                "structures[" + std::to_string(s) + "]: a stress, but no cell with a volume");
  }
  if (given(energy)) {
    piece.energy = claim_rows(kEnergy, 1, energy, 1.0 / std::sqrt(static_cast<double>(atoms)));
  }
  // A force is minus the derivative that its row holds.
  if (given(forces)) piece.forces = claim_rows(kForces, 3 * atoms, forces, -1.0);
  if (given(stress)) piece.stress = claim_rows(kStress, 9, stress, 1.0);
  return piece;
}

// Structures go to threads whole, as long as they share out evenly; on those that are left over all
// threads work together.
void SparseFit::form_rows(std::vector<Piece>& pieces, const Execution& execution) {
  const double cutoff = kernel_->representation().expansion().cutoff();
  const auto threads = static_cast<std::size_t>(resolve_threads(execution, kernel_->size()));
  const std::size_t whole = pieces.size() - pieces.size() % threads;
  const Execution alone{1, execution.cancelled, nullptr};
  const auto form = [&](Piece& piece, const Execution& inner) {
    find_neighbours(piece.structure, cutoff, piece.list, inner);
    form_rows(piece, inner);
  };
  parallel_for(whole, static_cast<int>(threads), execution,
               [&](std::size_t k, int) { form(pieces[k], alone); });
  for (std::size_t k = whole; k < pieces.size(); ++k) form(pieces[k], execution);
}

void SparseFit::form_rows(const Piece& piece, const Execution& execution) {
  const std::size_t size = kernel_->size();
  const auto atoms = static_cast<Index>(piece.structure.size);
  const auto rows = [&](Quantity quantity, Index first, Index count) {
    if (first < 0) return Rows(nullptr, 0, static_cast<Index>(size));
    double* begin = accumulator(quantity, piece.group).row(first);
    const auto items = static_cast<std::size_t>(count);
    parallel_for(items, resolve_threads(execution, items), execution,
                 [&](std::size_t r, int) { std::fill_n(begin + r * size, size, 0.0); });
    return Rows(begin, count, static_cast<Index>(size));
  };
  Rows energy = rows(kEnergy, piece.energy, 1);
  Rows forces = rows(kForces, piece.forces, 3 * atoms);
  Rows stress = rows(kStress, piece.stress, 9);
  for (std::size_t a = 0; a + 1 < kernel_->first().size(); ++a) {
    const auto at = [&](Rows& part) {
      return part.rows() > 0 ? part.data() + kernel_->first()[a] : nullptr;
    };
    rows_.add(piece.structure, piece.list, a, {forces.rows() > 0, stress.rows() > 0},
              {at(energy), at(forces), at(stress), size}, execution);
  }
  energy /= std::sqrt(static_cast<double>(atoms));
  if (stress.rows() > 0) stress /= cell_volume(piece.structure.cell);
}

void SparseFit::flush_all(const Execution& execution) {
  for (auto& group : accumulators_) {
    for (GramAccumulator& a : group) a.flush(execution);
  }
}

SparseFit::Solution SparseFit::solve(const Noise& noise, const std::uint8_t* left_out,
                                     const Execution& execution) {
  flush_all(execution);
  const Index size = prior_.rows();
  Solution solution{Eigen::VectorXd::Zero(size), Eigen::MatrixXd::Identity(size, size)};
  for (std::size_t g = 0; g < groups(); ++g) {
    if (left_out[g]) continue;
    for (std::size_t q = 0; q < kQuantities; ++q) {
      const GramAccumulator& a = accumulators_[g][q];
      if (a.empty()) continue;
      const double weight = 1.0 / (noise[q] * noise[q]);
      if (!(noise[q] > 0.0)) {
        throw Error(ErrorCode::kInvalidInput, "the noise of labels must be greater than zero");
      }
      solution.posterior.triangularView<Eigen::Lower>() += weight * a.gram();
      solution.whitened += weight * a.moment();
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

void SparseFit::members(const Noise& noise, const std::uint8_t* left_out, std::size_t members,
                        double* out, const Execution& execution) {
  const Execution quiet{execution.threads, execution.cancelled, {}};
  for (std::size_t i = 0; i < members; ++i) {
    execution.check_cancelled();
    const auto solved = weights(solve(noise, left_out + i * groups(), quiet));
    std::copy(solved.begin(), solved.end(), out + i * solved.size());
    if (execution.progress) execution.progress(i + 1, members);
  }
}

std::array<double, kQuantities> SparseFit::errors(const Solution& solution,
                                                  const std::uint8_t* among) {
  flush_all({1, nullptr, nullptr});
  const Eigen::VectorXd& u = solution.whitened;
  std::array<double, kQuantities> result;
  for (std::size_t q = 0; q < kQuantities; ++q) {
    double square = 0.0, count = 0.0;
    for (std::size_t g = 0; g < groups(); ++g) {
      const GramAccumulator& a = accumulators_[g][q];
      if (!among[g] || a.empty()) continue;
      const double fitted = u.dot(a.gram().selfadjointView<Eigen::Lower>() * u);
      square += fitted - 2.0 * u.dot(a.moment()) + a.square();
      count += a.count();
    }
    result[q] = count > 0.0 ? std::sqrt(std::max(square, 0.0) / count)
                            : std::numeric_limits<double>::quiet_NaN();
  }
  return result;
}

std::vector<double> SparseFit::weights(const Solution& solution) const {
  Eigen::VectorXd weights = solution.whitened;
  prior_.triangularView<Eigen::Lower>().transpose().solveInPlace(weights);
  return {weights.data(), weights.data() + weights.size()};
}

}  // namespace soapstone
