#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <vector>

#include "common/execution.hpp"
#include "math/packed_gemm.hpp"

namespace soapstone {

/// L⁻¹ of a Cholesky factor that serves many times: laid out once, so that L⁻¹ k of many k is a
/// matrix product, which takes M² operations per k as substitution does, but waits for nothing and
/// is cut in any way.
///
/// Rows of L⁻¹ are solutions of x L = eᵢ. What rounding does to them is then seen through L: of k =
/// L φ, φ is found as well as by substitution, for factors as badly conditioned as those of kernels
/// are.
class InverseFactor {
 public:
  /// Of the lower triangle.
  InverseFactor(const Eigen::Ref<const Eigen::MatrixXd>& factor, const Execution& execution);

  std::size_t size() const { return size_; }

  /// φ = L⁻¹ k of each row k: adds |φ|² to `squares`, and writes φ to `out` unless that is null.
  /// On the calling thread; `step` and `out_step` numbers from row to row.
  void apply(const double* rows, std::size_t step, std::size_t count, double* out,
             std::size_t out_step, double* squares) const;

 private:
  std::size_t size_;
  std::vector<PackedMatrix> parts_;  // some columns of L⁻ᵀ, as deep as the last of them
};

}  // namespace soapstone
