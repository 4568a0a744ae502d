#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <vector>

#include "common/execution.hpp"
#include "regression/inverse_factor.hpp"

namespace soapstone {

/// What remains uncertain once a projected process has been solved.
class ProjectedPosterior {
 public:
  /// `prior`: L with K_MM = L Lᵀ, zero but for diagonal blocks, which begin at `first`, whose last
  /// element is M; `factor`: lower Cholesky factor of 1 + σ⁻² ΦᵀΦ.
  ProjectedPosterior(const Eigen::MatrixXd& prior, std::vector<std::size_t> first,
                     const Eigen::MatrixXd& factor, const Execution& execution);

  std::size_t size() const { return first_.back(); }

  /// Variances, for a prior of amplitude 1, of `rows` samples with kernels k_M (rows × M,
  /// row-major) and own kernels k:  k − |L⁻¹ k_M|² + |C⁻¹ L⁻¹ k_M|² (Eq. 19 of the review, and
  /// Quiñonero-Candela and Rasmussen, J. Mach. Learn. Res. 6, 1939, 2005), the first difference no
  /// less than zero. `out` may be `own`.
  void variance(const double* kernels, const double* own, std::size_t rows, double* out,
                const Execution& execution) const;

 private:
  std::vector<std::size_t> first_;
  std::vector<InverseFactor> prior_;  // of each diagonal block
  InverseFactor factor_;
};

}  // namespace soapstone
