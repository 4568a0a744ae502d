#include "regression/cholesky.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
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

void check_symmetric(const double* matrix, std::size_t size, const char* name) {
  constexpr std::size_t kTile = 64;
  double largest = 0.0, worst = 0.0;
  std::size_t row = 0, column = 0;
  for (std::size_t i = 0; i < size; ++i) {
    largest = std::max(largest, std::abs(matrix[i * size + i]));
  }
  for (std::size_t first = 0; first < size; first += kTile) {
    for (std::size_t from = 0; from <= first; from += kTile) {
      for (std::size_t i = first; i < std::min(size, first + kTile); ++i) {
        for (std::size_t j = from; j < std::min(i, from + kTile); ++j) {
          const double difference = std::abs(matrix[i * size + j] - matrix[j * size + i]);
          if (difference > worst) worst = difference, row = i, column = j;
        }
      }
    }
  }
  if (worst <= 1e-6 * largest) return;
  const auto place = [](std::size_t i, std::size_t j) {
    return " in row " + std::to_string(i) + ", column " + std::to_string(j);
  };
  std::ostringstream message;
  message << name << ": expected a symmetric matrix, got " << matrix[row * size + column]
          << place(row, column) << " and " << matrix[column * size + row] << place(column, row);
  throw Error(ErrorCode::kInvalidInput, message.str());
}

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
