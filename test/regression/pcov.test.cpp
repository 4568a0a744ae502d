#include "regression/pcov.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <random>

#include "common/error.hpp"
#include "execution.hpp"

namespace soapstone {
namespace {

using testing::on;

using Matrix = Eigen::MatrixXd;
using Index = Eigen::Index;

RowMatrix random_rows(Index rows, Index columns, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  RowMatrix result(rows, columns);
  for (double& x : result.reshaped()) x = normal(random);
  return result;
}

/// Candidates and what is to be learned: of them, or of the samples whose features they are.
struct Problem {
  Problem(Index candidates, Index others, bool features, double mixing, unsigned seed = 1)
      : rows(random_rows(candidates, others, seed)),
        values(random_rows(features ? others : candidates, 2, seed + 1)),
        targets{{values.data(), values.rows(), values.cols()}, mixing, features} {}

  RowMatrix rows, values;
  PcovTargets targets;
};

/// The formulas: the kernel of samples, or the covariance of features.
Matrix pcov_matrix(const Matrix& rows, const Matrix& values, const PcovTargets& targets) {
  Matrix covariates = values;
  if (targets.candidates_are_features) {
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(rows * rows.transpose());
    Eigen::VectorXd inverse = solver.eigenvalues();
    for (double& x : inverse) x = x > 1e-9 ? 1.0 / std::sqrt(x) : 0.0;
    covariates = solver.eigenvectors() * inverse.asDiagonal() * solver.eigenvectors().transpose() *
                 rows * values;
  }
  return targets.mixing * rows * rows.transpose() +
         (1.0 - targets.mixing) * covariates * covariates.transpose();
}

/// The definition: after every pick project the candidates, and fit the targets anew.
CurSelection naive(const Problem& problem, const CurOptions& options) {
  Matrix rows = problem.rows, values = problem.values;
  CurSelection picked;
  Eigen::VectorXd scores;
  while (picked.indices.size() < options.count) {
    const std::size_t done = picked.indices.size(), every = options.recompute_every;
    if (done == 0 || (every > 0 && done % every == 0)) {
      const Eigen::SelfAdjointEigenSolver<Matrix> solver(
          pcov_matrix(rows, values, problem.targets));
      scores = solver.eigenvectors()
                   .rightCols(static_cast<Index>(options.leading))
                   .rowwise()
                   .squaredNorm();
    }
    for (const std::int32_t index : picked.indices) scores(index) = -1.0;
    Index best = 0;
    picked.scores.push_back(scores.maxCoeff(&best));
    picked.indices.push_back(static_cast<std::int32_t>(best));
    if (every == 0) continue;
    const Matrix chosen = problem.rows(picked.indices, Eigen::all);
    const Eigen::CompleteOrthogonalDecomposition<Matrix> regression(chosen);
    rows = problem.rows - problem.rows * regression.pseudoInverse() * chosen;
    if (problem.targets.candidates_are_features) {
      values = problem.values -
               chosen.transpose() * regression.pseudoInverse().transpose() * problem.values;
    } else {
      values = problem.values -
               problem.rows * regression.solve(Matrix(problem.values(picked.indices, Eigen::all)));
    }
  }
  return picked;
}

TEST(Pcov, ScalarProductsOfJoinedRowsAreThoseOfTheFormulas) {
  for (const bool features : {false, true}) {
    for (const auto& [candidates, others] : {std::pair<int, int>{12, 30}, {30, 12}}) {
      const Problem problem(candidates, others, features, 0.3);
      const RowMatrix joined = with_covariates(problem.rows, problem.targets);
      const Matrix expected = pcov_matrix(problem.rows, problem.values, problem.targets);
      EXPECT_LT((joined * joined.transpose() - expected).norm(), 1e-10 * expected.norm());
    }
  }
}

TEST(Pcov, CurPicksWhatTheDefinitionPicks) {
  for (const bool features : {false, true}) {
    for (const auto& [candidates, others] : {std::pair<int, int>{20, 50}, {90, 20}, {30, 30}}) {
      for (const double mixing : {0.0, 0.4, 1.0}) {
        const Problem problem(candidates, others, features, mixing);
        for (const CurOptions& options : {CurOptions{10, 1, 1}, {10, 2, 3}, {10, 2, 0}}) {
          const CurSelection picked = pcov_cur(problem.rows, problem.targets, options, on(1));
          const CurSelection expected = naive(problem, options);
          EXPECT_EQ(picked.indices, expected.indices);
          for (std::size_t i = 0; i < expected.scores.size(); ++i) {
            EXPECT_NEAR(picked.scores[i], expected.scores[i], 1e-3 * expected.scores[i])
                << "pick " << i;
          }
        }
      }
    }
  }
}

TEST(Pcov, CurIsTheSameOnAnyNumberOfThreads) {
  for (const bool features : {false, true}) {
    const Problem problem(200, 150, features, 0.5);
    const CurSelection one = pcov_cur(problem.rows, problem.targets, {8, 2, 1}, on(1));
    for (const int threads : {2, 3, 0}) {
      const CurSelection picked = pcov_cur(problem.rows, problem.targets, {8, 2, 1}, on(threads));
      EXPECT_EQ(picked.indices, one.indices);
      EXPECT_EQ(picked.scores, one.scores);
    }
  }
}

TEST(Pcov, CurTakesACopyThatContradictsForWhatItIs) {
  // Sample 3 is sample 1 with other targets, and those are all that differs much.
  Problem problem(8, 20, false, 0.1);
  problem.values *= 1e-3;
  problem.rows.row(3) = problem.rows.row(1);
  problem.values.row(1).setConstant(100.0);
  problem.values.row(3).setConstant(-101.0);
  const CurSelection picked = pcov_cur(problem.rows, problem.targets, {7, 1, 1}, on(1));
  EXPECT_EQ(picked.indices[0], 3);
  EXPECT_EQ(picked.indices[1], 1);
  for (std::size_t i = 2; i < 7; ++i) EXPECT_TRUE(std::isfinite(picked.scores[i]));
}

TEST(Pcov, CurSaysWhenTheRankIsExhaustedAndCanBeCancelled) {
  for (const bool features : {false, true}) {
    const Problem problem(20, 4, features, 0.5);
    EXPECT_EQ(pcov_cur(problem.rows, problem.targets, {4, 1, 1}, on(1)).indices.size(), 4u);
    const auto code = [&](std::size_t count, const Execution& execution) {
      try {
        pcov_cur(problem.rows, problem.targets, {count, 1, 1}, execution);
      } catch (const Error& error) {
        return error.code();
      }
      return ErrorCode::kInvalidInput;
    };
    EXPECT_EQ(code(5, on(1)), ErrorCode::kNumerical);
    const std::atomic<bool> cancelled{true};
    EXPECT_EQ(code(4, {1, &cancelled, nullptr}), ErrorCode::kAborted);
  }
}

}  // namespace
}  // namespace soapstone
