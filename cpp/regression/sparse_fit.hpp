#pragma once

#include <Eigen/Core>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/execution.hpp"
#include "common/structures.hpp"
#include "kernels/kernel_rows.hpp"
#include "kernels/sparse_kernel.hpp"
#include "math/row_matrix.hpp"
#include "regression/gram_accumulator.hpp"

namespace soapstone {

/// What a structure may be labelled with. All are linear in the weights of the energy model.
enum Quantity { kEnergy = 0, kForces = 1, kStress = 2 };
constexpr std::size_t kQuantities = 3;

/// Labels of a batch; null where a quantity is absent throughout, NaN where it is for one
/// structure.
struct Targets {
  const double* energy = nullptr;  ///< structures, eV, baseline taken off
  const double* forces = nullptr;  ///< A × 3, eV/Å
  const double* stress = nullptr;  ///< structures × 9, eV/Å³, (1/V) dE/dε
};

/// Standard deviations of the labels' noise, in units of the prior's own: energy per atom (a
/// structure of N atoms has noise σ_E √N), force component, stress component.
using Noise = std::array<double, kQuantities>;

/// Sparse Gaussian process regression (projected process, the review's Eq. 20) in coordinates that
/// make it well conditioned. With K_MM = L Lᵀ and rows φ = L⁻¹ k_M the weights obey
///
///   (1 + Σ_q σ_q⁻² Φ_qᵀ Φ_q) u = Σ_q σ_q⁻² Φ_qᵀ y_q,   weights = L⁻ᵀ u,
///
/// which is K̃ = K_MM + σ⁻² K_NMᵀ K_NM seen through L: the identity bounds the smallest eigenvalue,
/// so a near singular K_MM does no harm. Rows are whitened before they are squared, which keeps the
/// digits that whitening the square would lose. Structures stream by; only M × M matrices stay, one
/// per quantity and group of structures, so that any choice of noise and of groups to leave out is
/// a factorisation away, the error on a group a quadratic form, and the final fit to all the data a
/// sum of what is already there.
class SparseFit {
 public:
  explicit SparseFit(std::shared_ptr<const SparseKernel> kernel, std::size_t groups = 2);

  std::size_t groups() const { return accumulators_.size(); }
  const SparseKernel& kernel() const { return *kernel_; }

  /// Adds labelled structures, each to a group. Throws InvalidInput where a structure without
  /// volume has a stress.
  void add(const BatchView& batch, const Targets& targets, const std::uint8_t* group,
           const Execution& execution);

  struct Solution {
    Eigen::VectorXd whitened;   ///< u
    Eigen::MatrixXd posterior;  ///< lower Cholesky factor of 1 + Σ σ⁻² ΦᵀΦ
  };

  /// Solves for the given noise without the groups that are left out (≠ 0). Throws InvalidInput
  /// where the noise of labels that there are is not greater than zero.
  Solution solve(const Noise& noise, const std::uint8_t* left_out, const Execution& execution = {});

  /// Weights of a committee, each member fitted without some groups; members × M.
  /// `left_out`: members × groups.
  void members(const Noise& noise, const std::uint8_t* left_out, std::size_t members, double* out,
               const Execution& execution);

  /// Root-mean-square errors of a solution on the groups that are `among` (≠ 0): energy in units of
  /// σ_E (per atom · √N), forces, stress; NaN for a quantity without labels.
  std::array<double, kQuantities> errors(const Solution& solution, const std::uint8_t* among);

  /// Weights of the kernel with each sparse point: L⁻ᵀ u.
  std::vector<double> weights(const Solution& solution) const;

  /// Lower Cholesky factor of K_MM (one block per channel, zero elsewhere).
  const Eigen::MatrixXd& prior() const { return prior_; }

 private:
  using Rows = Eigen::Map<RowMatrix>;

  GramAccumulator& accumulator(Quantity quantity, std::size_t group) {
    return accumulators_[group][static_cast<std::size_t>(quantity)];
  }
  // The steps of `add`.
  struct Piece;
  /// Claims rows for what a structure is labelled with.
  Piece claim(const BatchView& batch, std::size_t structure, const Targets& targets,
              std::size_t group);
  /// Fills the rows of a group of structures.
  void form_rows(std::vector<Piece>& pieces, const Execution& execution);
  /// Fills them for one structure, whose neighbours are known.
  void form_rows(const Piece& piece, const Execution& execution);

  void flush_all(const Execution& execution);

  std::shared_ptr<const SparseKernel> kernel_;
  KernelRowBuilder rows_;
  Eigen::MatrixXd prior_;
  std::vector<std::array<GramAccumulator, kQuantities>> accumulators_;  ///< of each group
};

}  // namespace soapstone
