#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/execution.hpp"
#include "math/row_matrix.hpp"

namespace soapstone {

/// What remains uncertain once a projected process has been solved.
class ProjectedPosterior {
 public:
  /// `prior`: L with K_MM = L Lᵀ; `factor`: lower Cholesky factor of 1 + σ⁻² ΦᵀΦ.
  ProjectedPosterior(Eigen::MatrixXd prior, Eigen::MatrixXd factor);

  Eigen::Index size() const { return prior_.rows(); }

  /// Variances, for a prior of amplitude 1, of `rows` samples with kernels k_M (rows × M,
  /// row-major) and own kernels k:  k − |L⁻¹ k_M|² + |C⁻¹ L⁻¹ k_M|² (Eq. 19 of the review, and
  /// Quiñonero-Candela and Rasmussen, J. Mach. Learn. Res. 6, 1939, 2005).
  void variance(const double* kernels, const double* own, std::size_t rows, double* out,
                const Execution& execution) const;

 private:
  Eigen::MatrixXd prior_, factor_;
};

/// Sparse Gaussian process regression (projected process, Eq. 20 of the review) of T numbers on
/// given kernels with M reference points, in the coordinates of SparseFit: with K_MM = L Lᵀ and
/// rows φ = L⁻¹ k_M,
///
///   (1 + σ⁻² Φᵀ W Φ) u = σ⁻² Φᵀ W y,   weights = L⁻ᵀ u,
///
/// W the weights of samples. Rows stream by; an M × M matrix stays for each group of samples, so
/// that any noise and any group left out is a factorisation away, and errors are quadratic forms.
class ProjectedProcess {
 public:
  /// `point_kernel`: M × M. Throws Numerical where it is not positive semidefinite.
  ProjectedProcess(const double* point_kernel, std::size_t points, std::size_t groups,
                   std::size_t targets, const Execution& execution);

  std::size_t points() const { return static_cast<std::size_t>(prior_.rows()); }
  std::size_t groups() const { return groups_.size(); }
  std::size_t targets() const { return targets_; }

  /// Adds samples to a group. `kernels`: rows × M, `labels`: rows × T, `weights`: rows or null.
  void add(const double* kernels, const double* labels, const double* weights, std::size_t rows,
           std::size_t group, const Execution& execution);

  struct Solution {
    Eigen::MatrixXd whitened;  ///< u, M × T
    Eigen::MatrixXd factor;    ///< lower Cholesky factor of 1 + σ⁻² Φᵀ W Φ
  };
  /// `left_out`: of each group, whether it is.
  Solution solve(double noise, const std::uint8_t* left_out, const Execution& execution);

  /// M × T row-major.
  void weights(const Solution& solution, double* out) const;
  /// Weights of a committee, each member fitted without some groups; members × M × T.
  /// `left_out`: members × groups.
  void members(double noise, const std::uint8_t* left_out, std::size_t members, double* out,
               const Execution& execution);
  /// Weighted root-mean-square errors, groups × T; NaN for a group without samples.
  void errors(const Solution& solution, double* out) const;
  ProjectedPosterior posterior(const Solution& solution) const;

 private:
  struct Group {
    RowMatrix rows;    ///< φ √w that wait to be added up
    RowMatrix labels;  ///< y √w
    Eigen::Index filled = 0;
    Eigen::MatrixXd gram;    ///< lower triangle of Φᵀ W Φ
    Eigen::MatrixXd moment;  ///< Φᵀ W y
    Eigen::VectorXd square;  ///< yᵀ W y of each target
    double weight = 0.0;     ///< sum of weights
  };
  void flush(Group& group, const Execution& execution);

  std::size_t targets_;
  Eigen::MatrixXd prior_;
  std::vector<Group> groups_;
};

}  // namespace soapstone
