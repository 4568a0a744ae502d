#include "regression/cholesky.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <type_traits>
#include <utility>

#include "common/error.hpp"
#include "math/packed_solve.hpp"

namespace soapstone {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

/// Columns that are factorised at a time.
constexpr Index kBlock = 192;

template <typename Matrix>
auto view(Matrix&& matrix) {
  return Strided<std::remove_pointer_t<decltype(matrix.data())>>{matrix.data(), 1,
                                                                 matrix.outerStride()};
}

/// The same matrix, its rows from the last to the first.
template <typename Number>
Strided<Number> backwards(const Strided<Number>& of, Index rows) {
  return {of.data + (rows - 1) * of.row_step, -of.row_step, of.column_step};
}

template <typename Number>
Strided<Number> transposed(const Strided<Number>& of) {
  return {of.data, of.column_step, of.row_step};
}

std::size_t count(Index number) { return static_cast<std::size_t>(number); }

}  // namespace

bool cholesky(MatrixXd& matrix, const Execution& execution) {
  const Index size = matrix.rows();
  for (Index k = 0; k < size; k += kBlock) {
    const Index width = std::min(kBlock, size - k), below = size - k - width;
    Eigen::Ref<MatrixXd> corner = matrix.block(k, k, width, width);
    Eigen::LLT<Eigen::Ref<MatrixXd>> diagonal(corner);
    if (diagonal.info() != Eigen::Success) return false;
    // P ← P L⁻ᵀ of the rows below, and what they leave of the rest: both as row-major transposes.
    const auto panel = transposed(view(matrix.block(k + width, k, below, width)));
    solve_triangular(view(corner), count(width), panel, count(below), execution);
    const auto rest = transposed(view(matrix.bottomRightCorner(below, below)));
    add_gram(panel, count(width), count(below), -1.0, rest, execution);
    if (execution.progress) execution.progress(count(k + width), count(size));
  }
  return true;
}

void solve_lower(const Eigen::Ref<const MatrixXd>& factor, Eigen::Ref<MatrixXd> columns,
                 const Execution& execution) {
  solve_triangular(view(factor), count(factor.rows()), view(columns), count(columns.cols()),
                   execution);
}

void solve_upper(const Eigen::Ref<const MatrixXd>& factor, Eigen::Ref<MatrixXd> columns,
                 const Execution& execution) {
  const Index size = factor.rows();
  const auto upper = backwards(transposed(backwards(view(factor), size)), size);
  solve_triangular(upper, count(size), backwards(view(columns), size), count(columns.cols()),
                   execution);
}

void factorise_with_jitter(MatrixXd& matrix, const char* message, const Execution& execution) {
  const double largest = matrix.diagonal().maxCoeff();
  for (double jitter = 1e-12; jitter < 1e-4; jitter *= 10.0) {
    MatrixXd shifted = matrix;
    shifted.diagonal().array() += jitter * largest;
    if (!cholesky(shifted, execution)) continue;
    shifted.triangularView<Eigen::StrictlyUpper>().setZero();
    matrix = std::move(shifted);
    return;
  }
  throw Error(ErrorCode::kNumerical, message);
}

}  // namespace soapstone
