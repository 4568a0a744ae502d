#include "regression/inverse_factor.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "math/random_numbers.hpp"
#include "math/row_matrix.hpp"
#include "regression/cholesky.hpp"

namespace soapstone {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

const Execution kOneThread{1, nullptr, {}}, kThreeThreads{3, nullptr, {}};

RowMatrix random_rows(Index rows, Index columns) {
  const std::vector<double> numbers =
      testing::random_numbers(static_cast<std::size_t>(rows * columns));
  return Eigen::Map<const RowMatrix>(numbers.data(), rows, columns);
}

/// Of a Gaussian kernel of close points, whose condition number is that of the jitter: 10¹².
MatrixXd badly_conditioned(Index size) {
  MatrixXd kernel(size, size);
  for (Index i = 0; i < size; ++i) {
    for (Index j = 0; j < size; ++j) kernel(i, j) = std::exp(-0.001 * (i - j) * (i - j));
  }
  factorise_with_jitter(kernel, "not positive definite", kOneThread);
  return kernel;
}

struct Applied {
  RowMatrix rows;
  std::vector<double> squares;
};

Applied apply(const InverseFactor& inverse, const RowMatrix& rows) {
  Applied result{RowMatrix::Constant(rows.rows(), rows.cols(), std::nan("")),
                 std::vector<double>(static_cast<std::size_t>(rows.rows()), 0.5)};
  const auto step = static_cast<std::size_t>(rows.cols());
  inverse.apply(rows.data(), step, static_cast<std::size_t>(rows.rows()), result.rows.data(), step,
                result.squares.data());
  return result;
}

TEST(InverseFactor, SolvesForRowsAsWellAsSubstitution) {
  for (const Index size : {1, 7, 48, 61, 150}) {
    SCOPED_TRACE(::testing::Message() << size);
    const MatrixXd factor = badly_conditioned(size);
    const RowMatrix solution = random_rows(9, size);
    const RowMatrix rows = solution * factor.transpose();
    MatrixXd substituted = rows.transpose();
    solve_lower(factor, substituted, kOneThread);
    const double error = (substituted.transpose() - solution).cwiseAbs().maxCoeff();
    const Applied found = apply(InverseFactor(factor, kOneThread), rows);
    EXPECT_LT((found.rows - solution).cwiseAbs().maxCoeff(), std::max(3.0 * error, 1e-13));
    for (Index r = 0; r < rows.rows(); ++r) {
      const double square = found.rows.row(r).squaredNorm();
      EXPECT_NEAR(found.squares[static_cast<std::size_t>(r)], 0.5 + square, 1e-12 * square);
    }
  }
}

TEST(InverseFactor, DependsNeitherOnThreadsNorOnWhatRowsComeWith) {
  const MatrixXd factor = badly_conditioned(110);
  const RowMatrix rows = random_rows(13, 110);
  const InverseFactor one(factor, kOneThread), three(factor, kThreeThreads);
  const Applied all = apply(one, rows), again = apply(three, rows);
  EXPECT_EQ(again.rows, all.rows);
  EXPECT_EQ(again.squares, all.squares);
  const Applied last = apply(one, rows.bottomRows(1));
  EXPECT_EQ(last.rows, all.rows.bottomRows(1));
  EXPECT_EQ(last.squares.back(), all.squares.back());
  std::vector<double> squares(13, 0.5);
  one.apply(rows.data(), 110, 13, nullptr, 0, squares.data());
  EXPECT_EQ(squares, all.squares);
}

}  // namespace
}  // namespace soapstone
