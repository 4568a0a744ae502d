#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "common/execution.hpp"
#include "common/structures.hpp"
#include "kernels/sparse_kernel.hpp"
#include "math/row_matrix.hpp"
#include "neighbours/neighbour_list.hpp"
#include "representations/neighbour_jacobian.hpp"

namespace soapstone {

/// Kernels of derivatives of a structure's energy with themselves: how much the prior lets a force
/// or a stress vary. With d_i = ∂p̂_i/∂x and u = p̂_i · p̂_j, and i, j of one species,
///
///   ∂²k(A, A')/∂x∂x' = Σ_ij k'(u) d_i · d_j + k''(u) (d_i · p̂_j)(p̂_i · d_j)   at A' = A.
///
/// Only the n atoms within the cutoff of an atom that moves change, so the derivatives by its
/// position cost n² dot products; those by the strain N².
class DerivativeKernel {
 public:
  /// The kernel must outlive this.
  explicit DerivativeKernel(const SparseKernel& kernel);

  /// Writes 3N kernels of ∂/∂r, atom · 3 + axis.
  void positions(const StructureView& structure, const NeighbourList& list,
                 const Execution& execution, double* out) const;

  /// Writes 9 kernels of ∂/∂ε_ab, 3a + b. Takes memory for 7 N features.
  void strain(const StructureView& structure, const NeighbourList& list, const Execution& execution,
              double* out) const;

 private:
  /// A few ways x_c for the atoms of a structure to move, each of which changes one component of
  /// the vectors r_ij from centres to neighbours.
  struct Motion;
  /// How some environments of one species change.
  struct Change;

  Change change(const StructureView& structure, const NeighbourList& list,
                const std::vector<std::size_t>& centres, const Motion& motion,
                const Execution& execution) const;
  /// Adds one kernel per way to move.
  void add(const Change& change, const Execution& execution, double* out) const;

  const SparseKernel& kernel_;
  NeighbourJacobian neighbours_;
};

}  // namespace soapstone
