#include "regression/gaussian_process.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <vector>

#include "common/error.hpp"
#include "common/parallel.hpp"
#include "math/row_matrix.hpp"
#include "regression/cholesky.hpp"

namespace soapstone {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

constexpr std::size_t kSamplesAtOnce = 192;

}  // namespace

GaussianProcess::GaussianProcess(const double* kernel, const double* noise, std::size_t samples,
                                 const Execution& execution)
    : factor_(Eigen::Map<const MatrixXd>(kernel, static_cast<Index>(samples),
                                         static_cast<Index>(samples))) {
  check_symmetric(kernel, samples, "kernel");
  factor_.diagonal() += Eigen::Map<const Eigen::VectorXd>(noise, factor_.rows());
  if (cholesky(factor_, execution)) return;
  throw Error(ErrorCode::kNumerical,
              "the kernel matrix with its noise is not positive definite; samples may be copies of "
              "each other: use a larger noise");
}

double GaussianProcess::log_determinant() const {
  return 2.0 * factor_.diagonal().array().log().sum();
}

void GaussianProcess::weights(const double* targets, std::size_t count, double* out,
                              const Execution& execution) const {
  const auto columns = static_cast<Index>(count);
  MatrixXd weights = Eigen::Map<const RowMatrix>(targets, size(), columns);
  solve_lower(factor_, weights, execution);
  solve_upper(factor_, weights, execution);
  Eigen::Map<RowMatrix>(out, size(), columns) = weights;
}

void GaussianProcess::variance(const double* kernels, const double* own, std::size_t rows,
                               double* out, const Execution& execution) const {
  const Execution alone = execution.alone();
  parallel_blocks(rows, kSamplesAtOnce, execution, [&](std::size_t first, std::size_t count) {
    // A row-major block of rows is a column-major matrix with a row per column.
    MatrixXd columns = Eigen::Map<const MatrixXd>(
        kernels + first * static_cast<std::size_t>(size()), size(), static_cast<Index>(count));
    solve_lower(factor_, columns, alone);
    for (std::size_t s = 0; s < count; ++s) {
      const double explained = columns.col(static_cast<Index>(s)).squaredNorm();
      out[first + s] = std::max(own[first + s] - explained, 0.0);
    }
  });
}

void GaussianProcess::inverse(double* out, const Execution& execution) const {
  const Execution alone = execution.alone();
  parallel_blocks(static_cast<std::size_t>(size()), kSamplesAtOnce, execution,
                  [&](std::size_t first, std::size_t count) {
                    // Symmetric, so columns of the inverse are its rows.
                    const auto begin = static_cast<Index>(first), rest = size() - begin;
                    Eigen::Map<MatrixXd> columns(out + first * static_cast<std::size_t>(size()),
                                                 size(), static_cast<Index>(count));
                    // L⁻¹ e_i is zero above i.
                    columns.setZero();
                    auto below = columns.bottomRows(rest);
                    below.diagonal().setOnes();
                    solve_lower(factor_.bottomRightCorner(rest, rest), below, alone);
                    solve_upper(factor_, columns, alone);
                  });
}

void GaussianProcess::inverse_diagonal(double* out, const Execution& execution) const {
  const Execution alone = execution.alone();
  parallel_blocks(static_cast<std::size_t>(size()), kSamplesAtOnce, execution,
                  [&](std::size_t first, std::size_t count) {
                    // [(L Lᵀ)⁻¹]_ii = |L⁻¹ e_i|², and L⁻¹ e_i is zero above i.
                    const auto begin = static_cast<Index>(first), rest = size() - begin;
                    MatrixXd columns = MatrixXd::Identity(rest, static_cast<Index>(count));
                    solve_lower(factor_.bottomRightCorner(rest, rest), columns, alone);
                    for (std::size_t s = 0; s < count; ++s) {
                      out[first + s] = columns.col(static_cast<Index>(s)).squaredNorm();
                    }
                  });
}

void GaussianProcess::leave_groups_out(const double* weights, std::size_t targets,
                                       const std::int32_t* first, std::size_t groups,
                                       double* residuals, const Execution& execution) const {
  // Whole groups together, as many as make matrix products worth their while.
  std::vector<std::size_t> pieces{0};
  for (std::size_t g = 1; g <= groups; ++g) {
    const auto samples = static_cast<std::size_t>(first[g] - first[pieces.back()]);
    if (samples >= kSamplesAtOnce || g == groups) pieces.push_back(g);
  }
  const Execution alone = execution.alone();
  const auto columns = static_cast<Index>(targets);
  const Eigen::Map<const RowMatrix> w(weights, size(), columns);
  Eigen::Map<RowMatrix> out(residuals, size(), columns);
  const std::size_t items = pieces.size() - 1;
  parallel_for(items, resolve_threads(execution, items), execution, [&](std::size_t item, int) {
    const Index begin = first[pieces[item]], rest = size() - begin;
    // L⁻¹ e_i, which is zero above i: its products are the blocks of (L Lᵀ)⁻¹.
    MatrixXd inverse = MatrixXd::Identity(rest, first[pieces[item + 1]] - begin);
    solve_lower(factor_.bottomRightCorner(rest, rest), inverse, alone);
    for (std::size_t g = pieces[item]; g < pieces[item + 1]; ++g) {
      const Index from = first[g], count = first[g + 1] - from;
      if (count == 0) continue;
      const auto own = inverse.block(from - begin, from - begin, size() - from, count);
      const Eigen::LLT<MatrixXd> block(own.transpose() * own);
      out.middleRows(from, count) = block.solve(w.middleRows(from, count));
    }
  });
}

}  // namespace soapstone
