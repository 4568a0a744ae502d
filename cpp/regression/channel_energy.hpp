#pragma once

#include <cstddef>

#include "kernels/sparse_kernel.hpp"
#include "math/packed_gemm.hpp"
#include "math/simd.hpp"

namespace soapstone {

/// Energy of environments of one channel, ε(p̂) = Σ_m w_m (p̂ · p̂_m)^ζ, and its gradient with respect
/// to p̂, for many environments by matrix products.
///
/// The weights are folded into as few numbers as the power allows: for ζ = 1 one vector, ε = p̂ · v
/// with v = Σ w_m p̂_m; for ζ = 2, unless sparse points are few, one matrix, ε = p̂ᵀ W p̂ with
/// W = Σ w_m p̂_m p̂_mᵀ, which costs F² a time instead of 2 M F.
class ChannelEnergy {
 public:
  /// What is computed on; it grows and serves again and again.
  struct Workspace {
    AlignedVector similarity;  // environment × M
  };

  /// `weights` of the sparse points of the channel.
  ChannelEnergy(const SparseKernel& kernel, std::size_t channel, const double* weights,
                const Execution& execution);

  /// Multiply–adds for one environment, with its gradient.
  double operations() const;

  /// Numbers from one environment's gradient to the next one's.
  std::size_t gradient_step() const { return gradient_step_; }

  /// Writes energies of `count` environments with normalised features `features`, `step` apart, and
  /// their gradients, count × gradient_step(), aligned. Gradients are complete only if
  /// `derivatives` are asked for.
  void compute(const double* features, std::size_t step, std::size_t count, bool derivatives,
               Workspace& workspace, double* energies, double* gradient) const;

 private:
  void compute_general(const double* features, std::size_t step, std::size_t count,
                       bool derivatives, Workspace& workspace, double* energies,
                       double* gradient) const;

  const SparseKernel& kernel_;
  std::size_t features_;
  std::size_t gradient_step_;
  AlignedVector weights_;   // padded like the columns of points_
  AlignedVector linear_;    // v, if ζ = 1
  PackedMatrix quadratic_;  // W, if ζ = 2 and points are many
  PackedMatrix points_;     // features × M_a
  PackedMatrix by_point_;   // M_a × features
};

}  // namespace soapstone
