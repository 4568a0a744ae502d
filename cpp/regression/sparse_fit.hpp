#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/execution.hpp"
#include "common/structures.hpp"
#include "kernels/kernel_rows.hpp"
#include "kernels/sparse_kernel.hpp"
#include "regression/normal_equations.hpp"

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
  /// Structures: how much all labels of each count, w > 0; null where all count 1.
  const double* weight = nullptr;
};

/// Standard deviations of the noise of labels of weight 1, in units of the prior's own: energy per
/// atom (a structure of N atoms has noise σ_E √N), force component, stress component. Those of
/// weight w have σ/√w, as the mean of w labels has.
using Noise = std::array<double, kQuantities>;

/// Sparse Gaussian process regression of energies, forces and stresses on kernels with M sparse
/// points, a kind of label each: see NormalEquations. Structures stream by.
class SparseFit {
 public:
  using Solution = NormalEquations::Solution;

  /// Throws InvalidInput for a kernel without points, Numerical where K_MM cannot be factorised.
  explicit SparseFit(std::shared_ptr<const SparseKernel> kernel, std::size_t groups = 2,
                     const Execution& execution = {});

  std::size_t groups() const { return equations_.groups(); }
  const SparseKernel& kernel() const { return *kernel_; }

  /// Adds labelled structures, each to a group. Throws InvalidInput, and has added nothing, where a
  /// structure cannot be used, such as one without volume that has a stress, or one whose weight is
  /// not greater than zero. Where it is aborted later than that, structures are lost: everything
  /// but the destructor then throws InvalidInput.
  void add(const BatchView& batch, const Targets& targets, const std::uint8_t* group,
           const Execution& execution);

  /// Solves for the given noise without the groups that are left out (≠ 0). Throws InvalidInput
  /// where the noise of labels that there are is not greater than zero.
  Solution solve(const Noise& noise, const std::uint8_t* left_out,
                 const Execution& execution = {}) {
    return equations_.solve(noise.data(), left_out, execution);
  }

  /// Weights of a committee, each member fitted without some groups; members × M.
  /// `left_out`: members × groups.
  void members(const Noise& noise, const std::uint8_t* left_out, std::size_t members, double* out,
               const Execution& execution) {
    equations_.members(noise.data(), left_out, members, out, execution);
  }

  /// Root-mean-square errors of a solution on the groups that are `among` (≠ 0), labels counted by
  /// their weights: energy in units of σ_E (per atom · √N), forces, stress; NaN for a quantity
  /// without labels.
  std::array<double, kQuantities> errors(const Solution& solution, const std::uint8_t* among);

  /// Weights of the kernel with each sparse point.
  std::vector<double> weights(const Solution& solution, const Execution& execution = {}) const;

 private:
  // The steps of `add`.
  struct Piece;
  /// Throws where a structure of the batch cannot be used.
  void check(const BatchView& batch, const Targets& targets, const Execution& execution) const;
  /// Claims rows for what a structure is labelled with.
  Piece claim(const BatchView& batch, std::size_t structure, const Targets& targets,
              std::size_t group);
  /// Fills the rows of a group of structures.
  void form_rows(std::vector<Piece>& pieces, const Execution& execution);
  /// Fills them for some of these together.
  void form_rows(const std::vector<Piece*>& block, const Execution& execution);

  std::shared_ptr<const SparseKernel> kernel_;
  KernelRowBuilder rows_;
  NormalEquations equations_;
};

}  // namespace soapstone
