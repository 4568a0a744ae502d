#include "regression/projected_process.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "common/error.hpp"
#include "common/parallel.hpp"
#include "math/packed_solve.hpp"
#include "regression/cholesky.hpp"

namespace soapstone {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

constexpr Index kRowsAtOnce = 512;

}  // namespace

ProjectedPosterior::ProjectedPosterior(MatrixXd prior, MatrixXd factor)
    : prior_(std::move(prior)), factor_(std::move(factor)) {}

void ProjectedPosterior::variance(const double* kernels, const double* own, std::size_t rows,
                                  double* out, const Execution& execution) const {
  constexpr std::size_t kSamples = 64;
  const std::size_t items = (rows + kSamples - 1) / kSamples;
  parallel_for(items, resolve_threads(execution, items), execution, [&](std::size_t item, int) {
    const std::size_t first = item * kSamples;
    const auto count = static_cast<Index>(std::min(kSamples, rows - first));
    // A row-major block of rows is a column-major matrix with a row per column.
    MatrixXd columns = Eigen::Map<const MatrixXd>(
        kernels + first * static_cast<std::size_t>(size()), size(), count);
    prior_.triangularView<Eigen::Lower>().solveInPlace(columns);
    const Eigen::VectorXd explained = columns.colwise().squaredNorm();
    factor_.triangularView<Eigen::Lower>().solveInPlace(columns);
    const Eigen::VectorXd left = columns.colwise().squaredNorm();
    for (Index s = 0; s < count; ++s) {
      const std::size_t sample = first + static_cast<std::size_t>(s);
      out[sample] = std::max(own[sample] - explained(s), 0.0) + left(s);
    }
  });
}

ProjectedProcess::ProjectedProcess(const double* point_kernel, std::size_t points,
                                   std::size_t groups, std::size_t targets,
                                   const Execution& execution)
    : targets_(targets),
      prior_(Eigen::Map<const MatrixXd>(point_kernel, static_cast<Index>(points),
                                        static_cast<Index>(points))),
      groups_(groups) {
  check_symmetric(point_kernel, points, "pointKernel");
  factorise_with_jitter(prior_,
                        "the kernel matrix of the reference points is not positive definite; they "
                        "may hold copies, or the kernel may not be one",
                        execution);
}

void ProjectedProcess::add(const double* kernels, const double* labels, const double* weights,
                           std::size_t rows, std::size_t group, const Execution& execution) {
  Group& to = groups_[group];
  const Index size = prior_.rows();
  if (to.rows.rows() == 0) {
    to.rows.resize(kRowsAtOnce, size);
    to.labels.resize(kRowsAtOnce, static_cast<Index>(targets_));
    to.gram = MatrixXd::Zero(size, size);
    to.moment = MatrixXd::Zero(size, static_cast<Index>(targets_));
    to.square = Eigen::VectorXd::Zero(static_cast<Index>(targets_));
  }
  for (std::size_t row = 0; row < rows; ++row) {
    const double weight = weights ? weights[row] : 1.0, root = std::sqrt(weight);
    to.rows.row(to.filled) =
        root * Eigen::Map<const Eigen::RowVectorXd>(kernels + row * points(), size);
    to.labels.row(to.filled) = root * Eigen::Map<const Eigen::RowVectorXd>(
                                          labels + row * targets_, static_cast<Index>(targets_));
    to.weight += weight;
    if (++to.filled == kRowsAtOnce) flush(to, execution);
  }
}

void ProjectedProcess::flush(Group& group, const Execution& execution) {
  if (group.filled == 0) return;
  execution.check_cancelled();
  const Execution quiet{execution.threads, execution.cancelled, {}};
  const Index size = prior_.rows();
  solve_lower(prior_, Eigen::Map<MatrixXd>(group.rows.data(), size, group.filled), quiet);
  const auto rows = group.rows.topRows(group.filled);
  const auto labels = group.labels.topRows(group.filled);
  // ΦᵀΦ is symmetric: its lower triangle column by column is the upper one row by row.
  add_gram({group.rows.data(), size, 1}, static_cast<std::size_t>(group.filled), points(), 1.0,
           {group.gram.data(), size, 1}, quiet);
  group.moment.noalias() += rows.transpose() * labels;
  group.square += labels.colwise().squaredNorm().transpose();
  group.filled = 0;
}

ProjectedProcess::Solution ProjectedProcess::solve(double noise, const std::uint8_t* left_out,
                                                   const Execution& execution) {
  const Index size = prior_.rows();
  Solution solution{MatrixXd::Zero(size, static_cast<Index>(targets_)),
                    MatrixXd::Identity(size, size)};
  const double weight = 1.0 / (noise * noise);
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    flush(groups_[g], execution);
    if (left_out[g] || groups_[g].weight == 0.0) continue;
    solution.factor.triangularView<Eigen::Lower>() += weight * groups_[g].gram;
    solution.whitened += weight * groups_[g].moment;
  }
  if (!cholesky(solution.factor, execution)) {
    throw Error(ErrorCode::kNumerical,
                "the normal equations are not positive definite; use a larger noise");
  }
  solve_lower(solution.factor, solution.whitened, execution);
  solve_upper(solution.factor, solution.whitened, execution);
  return solution;
}

void ProjectedProcess::weights(const Solution& solution, double* out) const {
  MatrixXd weights = solution.whitened;
  prior_.triangularView<Eigen::Lower>().transpose().solveInPlace(weights);
  Eigen::Map<RowMatrix>(out, weights.rows(), weights.cols()) = weights;
}

void ProjectedProcess::members(double noise, const std::uint8_t* left_out, std::size_t members,
                               double* out, const Execution& execution) {
  const Execution quiet{execution.threads, execution.cancelled, {}};
  for (std::size_t i = 0; i < members; ++i) {
    execution.check_cancelled();
    weights(solve(noise, left_out + i * groups(), quiet), out + i * points() * targets_);
    if (execution.progress) execution.progress(i + 1, members);
  }
}

void ProjectedProcess::errors(const Solution& solution, double* out) const {
  for (const Group& group : groups_) {
    if (group.weight == 0.0) {
      for (std::size_t t = 0; t < targets_; ++t) *out++ = std::numeric_limits<double>::quiet_NaN();
      continue;
    }
    const MatrixXd product = group.gram.selfadjointView<Eigen::Lower>() * solution.whitened;
    for (Index t = 0; t < solution.whitened.cols(); ++t) {
      const auto u = solution.whitened.col(t);
      const double square =
          u.dot(product.col(t)) - 2.0 * u.dot(group.moment.col(t)) + group.square(t);
      *out++ = std::sqrt(std::max(square, 0.0) / group.weight);
    }
  }
}

ProjectedPosterior ProjectedProcess::posterior(const Solution& solution) const {
  return {prior_, solution.factor};
}

}  // namespace soapstone
