#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>

#include "common/execution.hpp"

namespace soapstone {

/// Gaussian process regression (kernel ridge regression) on a given matrix of kernels between N
/// samples (Eq. 14 of the review): weights = (K + Σ)⁻¹ y with Σ the diagonal of noise variances.
class GaussianProcess {
 public:
  /// `kernel`: N × N, `noise`: N variances. Throws InvalidInput where K is not
  /// symmetric, Numerical where K + Σ is not positive definite.
  GaussianProcess(const double* kernel, const double* noise, std::size_t samples,
                  const Execution& execution);

  Eigen::Index size() const { return factor_.rows(); }

  /// ln |K + Σ|.
  double log_determinant() const;
  /// Weights for T targets; both N × T row-major.
  void weights(const double* targets, std::size_t count, double* out,
               const Execution& execution) const;
  /// k − kᵀ (K + Σ)⁻¹ k of `rows` new samples with kernels (rows × N) and own kernels k (Eq. 19).
  void variance(const double* kernels, const double* own, std::size_t rows, double* out,
                const Execution& execution) const;
  /// (K + Σ)⁻¹, N × N, and its diagonal alone.
  void inverse(double* out, const Execution& execution) const;
  void inverse_diagonal(double* out, const Execution& execution) const;
  /// Labels less what a fit without their group says of them, N × T, from the weights of T targets:
  /// ([(K + Σ)⁻¹]_gg)⁻¹ w_g, since that is what (K + Σ) w = y leaves once the other groups are
  /// solved for. Samples of group g are first[g] … first[g + 1] − 1.
  void leave_groups_out(const double* weights, std::size_t targets, const std::int32_t* first,
                        std::size_t groups, double* residuals, const Execution& execution) const;

 private:
  Eigen::MatrixXd factor_;  ///< L with K + Σ = L Lᵀ, in the lower triangle
};

}  // namespace soapstone
