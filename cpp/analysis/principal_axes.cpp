#include "analysis/principal_axes.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <string>

#include "common/error.hpp"
#include "common/parallel.hpp"
#include "math/leading_eigenvectors.hpp"
#include "math/packed_solve.hpp"
#include "regression/cholesky.hpp"

namespace soapstone {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Up to this size all eigenvectors are computed.
constexpr Index kDense = 400;
constexpr Index kRowsOfProduct = 64;
/// Features whose dot products are added up together, and those that one thread works on at a time.
constexpr Index kFeaturesAtOnce = 1024, kFeaturesOfBlock = 64;
/// Eigenvalues below this part of the largest are round-off.
constexpr double kNothing = 1e-13;
/// Variances below this part of the squares that they are of are round-off: deviations of 1e-12.
constexpr double kNoVariance = 1e-24;
/// The same of kernels, which are the squares.
constexpr double kNoKernelVariance = 1e-13;
/// Of the residual of eigenvectors, relative to the largest eigenvalue.
constexpr double kTolerance = 1e-10;

/// A symmetric matrix times a block, on several threads.
template <typename Symmetric>
MatrixXd product(const Symmetric& matrix, const MatrixXd& block, const Execution& execution) {
  MatrixXd result(matrix.rows(), block.cols());
  parallel_blocks(matrix.rows(), kRowsOfProduct, execution.quiet(), [&](Index first, Index rows) {
    // Columns are rows of a symmetric matrix, and lie together.
    result.middleRows(first, rows).noalias() = matrix.middleCols(first, rows).transpose() * block;
  });
  return result;
}

/// @throws Error for samples that are the same but for round-off.
void require_variance(double variance, double least) {
  if (!(variance > least)) {
    throw Error(ErrorCode::kNumerical, "there is no variance: all samples are the same");
  }
}

/// The largest eigenvalues and eigenvectors (columns) of a positive semidefinite operator.
struct Pairs {
  VectorXd values;
  MatrixXd vectors;
};

template <typename Apply>
Pairs leading_pairs(Index size, const PcovrOptions& options, const Apply& apply) {
  const Index count = options.count;
  Pairs pairs;
  if (size <= kDense) {
    MatrixXd dense = apply(MatrixXd(MatrixXd::Identity(size, size)));
    dense = (0.5 * (dense + dense.transpose())).eval();
    const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(dense);
    pairs.values = solver.eigenvalues().reverse().head(count);
    pairs.vectors = solver.eigenvectors().rowwise().reverse().leftCols(count);
  } else {
    LeadingEigenvectors search(size, count, kTolerance);
    search.search(apply);
    pairs.values = search.values();
    pairs.vectors = search.vectors();
  }
  const double largest = pairs.values(0);
  Index found = 0;
  while (found < count && pairs.values(found) > kNothing * static_cast<double>(size) * largest) {
    ++found;
  }
  require_variance(largest, 0.0);
  if (found < count && !options.fewer) {
    throw Error(ErrorCode::kNumerical, "there are only " + std::to_string(found) +
                                           " directions in which samples differ, cannot find " +
                                           std::to_string(count));
  }
  return {pairs.values.head(found), pairs.vectors.leftCols(found)};
}

/// Turns axes, and what goes with them, so that the largest component of each is positive; equal
/// ones are decided by the first.
void orient(PrincipalAxes& result) {
  for (Index k = 0; k < result.axes.cols(); ++k) {
    double largest = 0.0;
    for (const double x : result.axes.col(k)) {
      if (std::abs(x) > std::abs(largest) * (1.0 + 1e-9)) largest = x;
    }
    if (!(largest < 0.0)) continue;
    result.axes.col(k) *= -1.0;
    result.offset(k) *= -1.0;
    if (result.loadings.size() > 0) result.loadings.row(k) *= -1.0;
    if (result.target_loadings.size() > 0) result.target_loadings.row(k) *= -1.0;
  }
}

/// Dot products of samples less their mean, which goes to `mean`.
MatrixXd dot_products(const Eigen::Map<const RowMatrix>& samples, VectorXd& mean,
                      const Execution& execution) {
  const Index size = samples.rows(), features = samples.cols();
  MatrixXd result = MatrixXd::Zero(size, size);
  RowMatrix part(size, std::min(kFeaturesAtOnce, features));
  for (Index first = 0; first < features; first += kFeaturesAtOnce) {
    execution.check_cancelled();
    const Index count = std::min(kFeaturesAtOnce, features - first);
    parallel_blocks(count, kFeaturesOfBlock, execution.quiet(), [&](Index from, Index own) {
      const auto block = samples.middleCols(first + from, own);
      mean.segment(first + from, own) = block.colwise().mean().transpose();
      part.middleCols(from, own) = block.rowwise() - mean.segment(first + from, own).transpose();
    });
    // The upper triangle row by row is the lower one column by column.
    add_gram({part.data(), 1, part.outerStride()}, static_cast<std::size_t>(count),
             static_cast<std::size_t>(size), 1.0, {result.data(), size, 1}, execution);
    if (execution.progress && first + count < features) {
      execution.progress(static_cast<std::size_t>(first + count),
                         static_cast<std::size_t>(features));
    }
  }
  result.triangularView<Eigen::StrictlyUpper>() = result.transpose();
  return result;
}

/// Weights of a ridge regression with a scatter or centred kernel matrix.
MatrixXd ridge(MatrixXd matrix, const MatrixXd& right, double regularization,
               const Execution& execution) {
  const double trace = matrix.trace();
  matrix.diagonal().array() += regularization * trace;
  MatrixXd weights = right;
  if (!(trace > 0.0) || !cholesky(matrix, execution)) {
    throw Error(
        ErrorCode::kNumerical,
        "the regression of the targets has no stable solution: use a larger regularization");
  }
  solve_lower(matrix, weights, execution);
  solve_upper(matrix, weights, execution);
  return weights;
}

/// (α + (1 − α) WWᵀ)^½ = √α + Q S Qᵀ: W = Q R, and S from the eigenvectors of the small RRᵀ.
class RootOfMetric {
 public:
  RootOfMetric(const MatrixXd& weights, double mixing) : root_(std::sqrt(mixing)) {
    if (weights.cols() == 0) return;
    const Index rank = std::min(weights.rows(), weights.cols());
    const Eigen::HouseholderQR<MatrixXd> qr(weights);
    basis_ = qr.householderQ() * MatrixXd::Identity(weights.rows(), rank);
    const MatrixXd r = basis_.transpose() * weights;
    const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(r * r.transpose());
    const VectorXd squares = solver.eigenvalues().cwiseMax(0.0);
    const VectorXd extra = (mixing + (1.0 - mixing) * squares.array()).sqrt() - root_;
    small_ = solver.eigenvectors() * extra.asDiagonal() * solver.eigenvectors().transpose();
  }

  MatrixXd operator*(const MatrixXd& block) const {
    MatrixXd result = root_ * block;
    if (basis_.size() == 0) return result;
    const MatrixXd along = small_ * (basis_.transpose() * block);
    result.noalias() += basis_ * along;
    return result;
  }

 private:
  double root_;
  MatrixXd basis_, small_;
};

}  // namespace

PrincipalAxes principal_covariates(const Scatter& scatter, const PcovrOptions& options,
                                   const Execution& execution) {
  const MatrixXd covariance = scatter.scatter();
  const MatrixXd cross = scatter.cross();
  require_variance(covariance.trace(),
                   kNoVariance * scatter.count() * scatter.mean().squaredNorm());
  const bool with_targets = cross.cols() > 0 && options.mixing < 1.0;
  const MatrixXd weights = with_targets
                               ? ridge(covariance, cross, options.regularization, execution)
                               : MatrixXd(covariance.rows(), 0);
  const RootOfMetric root(weights, options.mixing);
  const Pairs pairs = leading_pairs(covariance.rows(), options, [&](const MatrixXd& block) {
    return root * product(covariance, root * block, execution);
  });

  PrincipalAxes result;
  const MatrixXd axes = root * pairs.vectors;
  const MatrixXd images = product(covariance, axes, execution);  // XᵀT
  const VectorXd inverse = pairs.values.cwiseInverse();
  result.axes = axes;
  result.mean = scatter.mean();
  result.target_mean = scatter.target_mean();
  result.offset = axes.transpose() * result.mean;
  result.eigenvalues = pairs.values;
  result.loadings = inverse.asDiagonal() * images.transpose();
  const MatrixXd along = axes.transpose() * cross;
  result.target_loadings = inverse.asDiagonal() * along;
  result.shares =
      pairs.values.cwiseProduct(result.loadings.rowwise().squaredNorm()) / covariance.trace();
  orient(result);
  return result;
}

PrincipalAxes kernel_principal_covariates(const double* kernel, std::size_t samples,
                                          const double* targets, std::size_t target_count,
                                          const PcovrOptions& options, const Execution& execution) {
  const auto size = static_cast<Index>(samples);
  const Eigen::Map<const MatrixXd> whole(kernel, size, size);  // symmetric: either order
  const Eigen::Map<const RowMatrix> labels(targets, target_count == 0 ? 0 : size,
                                           static_cast<Index>(target_count));
  const VectorXd means = product(whole, MatrixXd::Constant(size, 1, 1.0 / size), execution);
  const double mean = means.mean();
  const double variance = whole.trace() - static_cast<double>(size) * mean;
  require_variance(variance, kNoKernelVariance * whole.trace());
  // H K H times a block, H = 1 − 1 1ᵀ / n.
  const auto centred = [&](const MatrixXd& block) {
    const MatrixXd inside = block.rowwise() - block.colwise().mean();
    MatrixXd image = product(whole, inside, execution);
    image.rowwise() -= image.colwise().mean().eval();
    return image;
  };

  PrincipalAxes result;
  MatrixXd aims(size, static_cast<Index>(target_count)), weights, predicted;
  if (target_count > 0) {
    result.target_mean = labels.colwise().mean().transpose();
    aims = labels.rowwise() - result.target_mean.transpose();
  }
  const bool with_targets = target_count > 0 && options.mixing < 1.0;
  if (with_targets) {
    MatrixXd full = whole;
    full.colwise() -= means;
    full.rowwise() -= means.transpose();
    full.array() += mean;
    weights = ridge(std::move(full), aims, options.regularization, execution);
    predicted = centred(weights);
  }
  const double alpha = with_targets ? options.mixing : 1.0;
  const Pairs pairs = leading_pairs(size, options, [&](const MatrixXd& block) {
    MatrixXd image = alpha * centred(block);
    if (with_targets) {
      const MatrixXd along = predicted.transpose() * block;
      image.noalias() += (1.0 - alpha) * (predicted * along);
    }
    return image;
  });

  // T = K_c P with P = (α + (1 − α) W Ŷᵀ) U Λ^−½; rows of K_c are those of K less their mean, and
  // less those of the means: T = K A − b, A = H P.
  MatrixXd axes = alpha * pairs.vectors;
  if (with_targets) {
    const MatrixXd along = predicted.transpose() * pairs.vectors;
    axes.noalias() += (1.0 - alpha) * (weights * along);
  }
  axes = (axes * pairs.values.cwiseSqrt().cwiseInverse().asDiagonal()).eval();
  axes.rowwise() -= axes.colwise().mean().eval();
  result.axes = axes;
  result.offset = axes.transpose() * means;
  result.eigenvalues = pairs.values;
  const MatrixXd images = centred(pairs.vectors);
  result.shares = pairs.vectors.cwiseProduct(images).colwise().sum().transpose() / variance;
  // T = U Λ^½, so TᵀY / λ = Λ^−½ UᵀY.
  const MatrixXd along = pairs.vectors.transpose() * aims;
  result.target_loadings = pairs.values.cwiseSqrt().cwiseInverse().asDiagonal() * along;
  orient(result);
  return result;
}

PrincipalAxes principal_covariates_of_few(const Eigen::Map<const RowMatrix>& samples,
                                          const double* targets, std::size_t target_count,
                                          const PcovrOptions& options, const Execution& execution) {
  const Index size = samples.rows(), features = samples.cols();
  VectorXd mean(features);
  const MatrixXd kernel = dot_products(samples, mean, execution);
  require_variance(kernel.trace(), kNoVariance * static_cast<double>(size) * mean.squaredNorm());
  PrincipalAxes result =
      kernel_principal_covariates(kernel.data(), static_cast<std::size_t>(size), targets,
                                  target_count, options, execution.quiet());

  const Index count = result.axes.cols();
  MatrixXd right(size, 2 * count);  // P and T Λ⁻¹
  right.leftCols(count) = result.axes;
  right.rightCols(count) = product(kernel, right.leftCols(count), execution);
  right.rightCols(count).rowwise() -= result.offset.transpose();
  right.rightCols(count) *= result.eigenvalues.cwiseInverse().asDiagonal();
  result.axes.resize(features, count);
  result.loadings.resize(count, features);
  parallel_blocks(features, kFeaturesOfBlock, execution.quiet(), [&](Index first, Index own) {
    const MatrixXd centred =
        samples.middleCols(first, own).rowwise() - mean.segment(first, own).transpose();
    const MatrixXd along = centred.transpose() * right;
    result.axes.middleRows(first, own) = along.leftCols(count);
    result.loadings.middleCols(first, own) = along.rightCols(count).transpose();
  });
  result.mean = mean;
  result.offset = result.axes.transpose() * mean;
  orient(result);
  if (execution.progress) {
    execution.progress(static_cast<std::size_t>(features), static_cast<std::size_t>(features));
  }
  return result;
}

LandmarkFeatures::LandmarkFeatures(const double* kernel, std::size_t landmarks,
                                   const Execution& execution)
    : factor_(Eigen::Map<const MatrixXd>(kernel, static_cast<Index>(landmarks),
                                         static_cast<Index>(landmarks))) {
  factorise_with_jitter(factor_,
                        "the kernel matrix of the landmarks is not positive semidefinite; they may "
                        "be copies of each other",
                        execution);
}

void LandmarkFeatures::apply(double* rows, std::size_t count, const Execution& execution) const {
  // A row-major block of rows is a column-major matrix with a row per column.
  solve_lower(factor_, Eigen::Map<MatrixXd>(rows, factor_.rows(), static_cast<Index>(count)),
              execution);
}

void LandmarkFeatures::pull_back(double* axes, std::size_t count,
                                 const Execution& execution) const {
  Eigen::Map<RowMatrix> map(axes, factor_.rows(), static_cast<Index>(count));
  MatrixXd columns = map;
  solve_upper(factor_, columns, execution);
  map = columns;
}

}  // namespace soapstone
