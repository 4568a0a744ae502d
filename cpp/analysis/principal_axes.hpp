#pragma once

#include <Eigen/Core>
#include <cstddef>

#include "common/execution.hpp"
#include "math/row_matrix.hpp"

namespace soapstone {

/// Centred sums over samples x (F features) with targets y (P, none or more) that come block by
/// block: Σ (x − x̄)(x − x̄)ᵀ, Σ (x − x̄)(y − ȳ)ᵀ and the means. Sums are taken about the mean of the
/// first block, so that a mean that is large against the spread costs no digits.
class Scatter {
 public:
  using Index = Eigen::Index;

  Scatter(Index features, Index targets);

  /// Adds `rows` samples, row-major.
  void add(const double* x, const double* y, std::size_t rows, const Execution& execution);

  Index features() const { return sums_.rows(); }
  Index targets() const { return cross_.cols(); }
  double count() const { return count_; }
  Eigen::VectorXd mean() const;         ///< F
  Eigen::VectorXd target_mean() const;  ///< P
  Eigen::MatrixXd scatter() const;      ///< F × F, both triangles
  Eigen::MatrixXd cross() const;        ///< F × P

 private:
  Eigen::VectorXd shift_, target_shift_, sum_, target_sum_;
  Eigen::MatrixXd sums_;  // lower triangle
  Eigen::MatrixXd cross_;
  double count_ = 0.0;
};

struct PcovrOptions {
  Eigen::Index count;           ///< axes wanted
  double mixing = 1.0;          ///< α: 1 is principal component analysis, 0 is regression
  double regularization = 0.0;  ///< ridge of the regression, in parts of the trace of the scatter
  bool fewer = false;           ///< finds fewer axes where samples differ in fewer directions
};

/// Coordinates t = x A − b of samples x along few axes, the best first, and what they tell.
struct PrincipalAxes {
  RowMatrix axes;               ///< F × k, A; the largest component of each axis is positive
  Eigen::VectorXd offset;       ///< k, b
  Eigen::VectorXd eigenvalues;  ///< k
  Eigen::VectorXd shares;       ///< k, of the variance of x that each explains
  RowMatrix loadings;           ///< k × F: x ≈ x̄ + t L; empty for kernels
  RowMatrix target_loadings;    ///< k × P: y ≈ ȳ + t L_y
  Eigen::VectorXd mean;         ///< F; empty for kernels
  Eigen::VectorXd target_mean;  ///< P
};

/// Principal covariates of what a scatter holds: the eigenvectors of α XXᵀ + (1 − α) ŶŶᵀ, with
/// Ŷ = X W the ridge regression of the targets. With M = α + (1 − α) WWᵀ these are X M^½ v for the
/// eigenvectors v of M^½ XᵀX M^½, features × features, whatever the number of samples. Without
/// targets: principal components. S. de Jong, H. A. L. Kiers, Chemom. Intell. Lab. Syst. 14, 155
/// (1992); B. A. Helfrecht et al., Mach. Learn.: Sci. Technol. 1, 045021 (2020).
///
/// Throws kNumerical where there is no variance, or fewer directions than are wanted unless fewer
/// will do.
PrincipalAxes principal_covariates(const Scatter& scatter, const PcovrOptions& options,
                                   const Execution& execution);

/// The same for the samples of a kernel matrix K (n × n, row-major), which is centred:
/// eigenvectors of α K + (1 − α) ŶŶᵀ, Ŷ the kernel ridge regression. Axes are for the kernels of a
/// sample with those n. Without targets: kernel principal components. B. Schölkopf et al., Neural
/// Comput. 10, 1299 (1998).
PrincipalAxes kernel_principal_covariates(const double* kernel, std::size_t samples,
                                          const double* targets, std::size_t target_count,
                                          const PcovrOptions& options, const Execution& execution);

/// The axes of `principal_covariates` for fewer samples (N × F) than features, from the N × N dot
/// products K = X Xᵀ of centred samples: where coordinates are T = K P, axes are A = Xᵀ P and
/// loadings Λ⁻¹ Tᵀ X. Progress counts features.
PrincipalAxes principal_covariates_of_few(const Eigen::Map<const RowMatrix>& samples,
                                          const double* targets, std::size_t target_count,
                                          const PcovrOptions& options, const Execution& execution);

/// Features whose scalar products are the kernels of a set of landmarks exactly, and those of other
/// samples nearly: φ(x) = L⁻¹ k(x), L Lᵀ the kernel matrix of the landmarks (Nyström). C. K. I.
/// Williams, M. Seeger, NIPS 13 (2000).
class LandmarkFeatures {
 public:
  /// `kernel`: landmarks × landmarks.
  LandmarkFeatures(const double* kernel, std::size_t landmarks, const Execution& execution);

  std::size_t size() const { return static_cast<std::size_t>(factor_.rows()); }
  /// Overwrites rows of kernels with the landmarks by rows of features.
  void apply(double* rows, std::size_t count, const Execution& execution) const;
  /// Overwrites axes (landmarks × k) for features by those for kernels.
  void pull_back(double* axes, std::size_t count, const Execution& execution) const;

 private:
  Eigen::MatrixXd factor_;
};

}  // namespace soapstone
