#pragma once

#include <cstddef>
#include <vector>

#include "common/execution.hpp"
#include "common/structures.hpp"
#include "kernels/sparse_kernel.hpp"
#include "math/packed_gemm.hpp"
#include "neighbours/neighbour_list.hpp"
#include "representations/neighbour_jacobian.hpp"

namespace soapstone {

/// Rows of K_NM that are wanted of one structure: sums over its environments of the kernel with
/// each sparse point (the review's Eq. 13), and the derivatives of those sums (Eq. 16); null where
/// they are not wanted. Of M columns, `step` numbers from row to row.
struct KernelRows {
  StructureView structure;
  const NeighbourList* list = nullptr;
  std::size_t step = 0;
  double* energy = nullptr;         ///< 1 row
  double* positions = nullptr;      ///< 3 rows for each of some atoms, axis by axis: ∂/∂r
  double* strain = nullptr;         ///< 9 rows, 3a + b: ∂/∂ε_ab
  std::size_t first = 0, last = 0;  ///< the atoms, first … last − 1

  bool has(std::size_t atom) const { return positions && atom >= first && atom < last; }
  double* row(std::size_t atom) const { return positions + 3 * (atom - first) * step; }
};

/// Forms rows of K_NM. Derivative blocks are formed a few centres at a time, multiplied with the
/// points as one matrix product, added to the rows of the moved atoms and forgotten.
class KernelRowBuilder {
 public:
  /// The kernel must outlive this.
  KernelRowBuilder(const SparseKernel& kernel, const Execution& execution);

  /// Adds up zeroed rows of some structures. Small ones are best given together. Several threads
  /// form derivative blocks of their own and multiply them with the points; what comes of it is
  /// added up in the order of the centres, so that rows do not depend on threads, nor on what else
  /// is given with them.
  void add(const std::vector<KernelRows>& rows, const Execution& execution) const;

 private:
  // The steps of `add`, on a tile of centres.
  struct Centre;
  struct Block;
  struct Tile;
  struct Columns;
  void add(const std::vector<KernelRows>& rows, std::size_t channel,
           const Execution& execution) const;
  /// Centres of a channel that add to the rows, in groups of about as many derivatives.
  std::vector<std::vector<Centre>> groups(const std::vector<KernelRows>& rows,
                                          std::size_t channel) const;
  /// Environments, their dot products with the points, slopes of the kernel, derivative blocks.
  void form(std::size_t channel, Tile& tile) const;
  void compare(std::size_t channel, Tile& tile) const;
  /// The derivative block for motion of all neighbours of one species.
  void differentiate(std::size_t moved, Tile& tile, Block& block) const;
  /// Kernels summed up in the rows of energies.
  void sum_kernels(const Columns& columns, const Tile& tile) const;
  /// A block's product with the points.
  void multiply(const Columns& columns, const PackedMatrix& points, Block& block) const;
  /// The products made derivatives of the kernel, in the rows of the moved atoms.
  void scatter(const Columns& columns, const Tile& tile) const;

  const PackedMatrix& points_touched(std::size_t moved, std::size_t channel) const;

  const SparseKernel& kernel_;
  NeighbourJacobian neighbours_;
  std::vector<PackedMatrix> points_;    // per channel of the centre: features × M_a
  std::vector<PackedMatrix> touching_;  // per moved species and centre's: touched features × M_a
};

}  // namespace soapstone
