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

/// Which derivatives of a structure's kernel row are wanted besides the row itself.
struct KernelRowParts {
  bool positions = false;
  bool strain = false;
};

/// Rows of K_NM for one structure: sums over its environments of the kernel with each sparse point
/// (the review's Eq. 13), and the derivatives of those sums (Eq. 16). `step` numbers from row to
/// row.
struct KernelRows {
  double* energy = nullptr;     ///< 1 row; null where it is not wanted
  double* positions = nullptr;  ///< 3N rows, atom · 3 + axis: ∂/∂r
  double* strain = nullptr;     ///< 9 rows, 3a + b: ∂/∂ε_ab
  std::size_t step = 0;
};

/// Forms rows of K_NM. Derivative blocks are formed a few centres at a time, multiplied with the
/// points as one matrix product, added to the rows of the moved atoms and forgotten.
class KernelRowBuilder {
 public:
  /// The kernel must outlive this.
  KernelRowBuilder(const SparseKernel& kernel, const Execution& execution);

  /// Adds one structure's rows for the points of one channel into zeroed `rows`, whose pointers are
  /// at the column of the first of these. Several threads form derivative blocks of their own and
  /// multiply them with the points; what comes of it is added up in the order of the centres.
  void add(const StructureView& structure, const NeighbourList& list, std::size_t channel,
           const KernelRowParts& parts, const KernelRows& rows, const Execution& execution) const;

 private:
  // The steps of `add`, on a tile of centres.
  struct Block;
  struct Tile;
  struct Columns;
  /// Centres of a channel in groups of about as many neighbours.
  std::vector<std::vector<std::size_t>> groups(const StructureView& structure,
                                               const NeighbourList& list, std::size_t channel,
                                               bool derivatives) const;
  /// Environments, their dot products with the points, slopes of the kernel, derivative blocks.
  void form(const StructureView& structure, const NeighbourList& list, std::size_t channel,
            const KernelRowParts& parts, Tile& tile) const;
  void compare(std::size_t channel, Tile& tile) const;
  /// The derivative block for motion of all neighbours of one species.
  void differentiate(std::size_t moved, const KernelRowParts& parts, Tile& tile,
                     Block& block) const;
  /// Kernels summed up in the row of the energy.
  void sum_kernels(const Columns& columns, const Tile& tile, const KernelRows& rows) const;
  /// A block's product with the points.
  void multiply(const Columns& columns, const PackedMatrix& points, Block& block) const;
  /// The product made derivatives of the kernel, in the rows of the moved atoms.
  void scatter(const Columns& columns, const Tile& tile, const Block& block,
               const KernelRows& rows) const;

  const PackedMatrix& points_touched(std::size_t moved, std::size_t channel) const;

  const SparseKernel& kernel_;
  NeighbourJacobian neighbours_;
  std::vector<PackedMatrix> points_;    // per channel of the centre: features × M_a
  std::vector<PackedMatrix> touching_;  // per moved species and centre's: touched features × M_a
};

}  // namespace soapstone
