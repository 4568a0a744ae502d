#pragma once

#include <cstddef>
#include <vector>

#include "common/execution.hpp"
#include "common/structures.hpp"
#include "kernels/sparse_kernel.hpp"
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

  /// Writes 3 kernels of ∂/∂r for each of the atoms first … last − 1, axis by axis. The result for
  /// an atom does not depend on the others that are asked for.
  void positions(const StructureView& structure, const NeighbourList& list, std::size_t first,
                 std::size_t last, const Execution& execution, double* out) const;

  /// Writes 9 kernels of ∂/∂ε_ab, 3a + b. Takes memory for 7 N features.
  void strain(const StructureView& structure, const NeighbourList& list, const Execution& execution,
              double* out) const;

 private:
  /// How environments of one species change in a few ways x_c.
  struct Change;
  /// The same for the positions of a few atoms.
  struct Moves;
  /// What a thread works with.
  struct Workspace;

  /// For atoms from `first` on and environments of one channel, in memory of the calling thread
  /// that the next call uses again. `seen`: of each atom the centres whose environments change.
  Moves differentiate(const StructureView& structure, const NeighbourList& list, std::size_t first,
                      const std::vector<std::vector<std::size_t>>& seen, std::size_t channel,
                      const Execution& execution) const;
  /// The derivatives of one centre.
  void differentiate(const StructureView& structure, const NeighbourList& list, const Moves& moves,
                     std::size_t c, Workspace& workspace) const;
  /// Adds one kernel per way, of the environments first … last − 1 with those that follow, which
  /// count twice, and with each other.
  void add(const Change& change, std::size_t first, std::size_t last, double* out) const;
  template <std::size_t kLeft, std::size_t kRight>
  void add_tile(const Change& change, std::size_t i, std::size_t j, double weight,
                double* out) const;

  const SparseKernel& kernel_;
  NeighbourJacobian neighbours_;
};

}  // namespace soapstone
