#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "common/execution.hpp"
#include "common/structures.hpp"
#include "kernels/sparse_kernel.hpp"
#include "regression/sparse_potential.hpp"

namespace soapstone {

/// Potentials of one kernel that differ in their weights (Eq. 21 of the review). Environments and
/// their kernels with the sparse points are computed once for all members: energies cost one more
/// matrix product with as many columns as there are members, forces a product and an adjoint each.
class CommitteePotential {
 public:
  /// `weights`: M × members, row-major, eV.
  CommitteePotential(std::shared_ptr<const SparseKernel> kernel, const double* weights,
                     std::size_t members, const Execution& execution);

  std::size_t members() const { return members_; }

  /// Predicts without a baseline; outputs are those of SparsePotential for one member after the
  /// other, but for energies of atoms, which there are none of.
  void predict(const BatchView& batch, const Predictions& out, const Execution& execution) const;

 private:
  /// What is computed on.
  struct Workspace;
  /// What matrix products with a channel's points need.
  struct Channel {
    PackedMatrix points;    ///< features × M_a
    PackedMatrix by_point;  ///< M_a × features
    PackedMatrix members;   ///< weights, M_a × members
    AlignedVector weights;  ///< the same, members × M_a, padded like the columns of points
  };
  void predict_tile(const Channel& channel, std::size_t count, bool derivatives,
                    Workspace& workspace) const;

  std::shared_ptr<const SparseKernel> kernel_;
  std::size_t members_;
  std::vector<Channel> channels_;
};

}  // namespace soapstone
