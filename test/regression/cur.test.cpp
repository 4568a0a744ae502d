#include "regression/cur.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <atomic>
#include <cstddef>
#include <random>
#include <vector>

#include "common/error.hpp"
#include "execution.hpp"

namespace soapstone {
namespace {

using testing::on;

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Rows that decay over `decades` powers of ten, as those of features do.
Rows decaying_rows(Eigen::Index rows, Eigen::Index features, double decades, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  const Eigen::Index rank = std::min(rows, features);
  Rows left(rows, rank), right(rank, features);
  for (double& x : left.reshaped()) x = normal(random);
  for (double& x : right.reshaped()) x = normal(random);
  for (Eigen::Index k = 0; k < rank; ++k) {
    right.row(k) *= std::pow(10.0, -decades * static_cast<double>(k) / static_cast<double>(rank));
  }
  return left * right;
}

CurSelection pick(const Rows& rows, const CurOptions& options, const Execution& execution = on(1)) {
  return cur(rows.data(), static_cast<std::size_t>(rows.rows()),
             static_cast<std::size_t>(rows.cols()), options, execution);
}

/// The definition: a full singular value decomposition of what is left for every score.
CurSelection naive(Rows rows, const CurOptions& options) {
  CurSelection picked;
  Eigen::VectorXd scores;
  while (picked.indices.size() < options.count) {
    const std::size_t done = picked.indices.size(), every = options.recompute_every;
    if (done == 0 || (every > 0 && done % every == 0)) {
      const Eigen::JacobiSVD<Eigen::MatrixXd> svd(rows, Eigen::ComputeThinU);
      scores = svd.matrixU()
                   .leftCols(static_cast<Eigen::Index>(options.leading))
                   .rowwise()
                   .squaredNorm();
    }
    for (const std::int32_t index : picked.indices) scores(index) = -1.0;
    Eigen::Index best = 0;
    picked.scores.push_back(scores.maxCoeff(&best));
    picked.indices.push_back(static_cast<std::int32_t>(best));
    if (every > 0) {
      const Eigen::RowVectorXd direction = rows.row(best).normalized();
      rows -= (rows * direction.transpose()).eval() * direction;
    }
  }
  return picked;
}

void expect_same(const CurSelection& picked, const CurSelection& expected) {
  EXPECT_EQ(picked.indices, expected.indices);
  for (std::size_t i = 0; i < expected.scores.size(); ++i) {
    EXPECT_NEAR(picked.scores[i], expected.scores[i], 1e-3 * expected.scores[i]) << "pick " << i;
  }
}

TEST(Cur, PicksWhatTheDefinitionPicks) {
  const std::pair<int, int> shapes[] = {{30, 70}, {70, 30}, {40, 40}, {3, 9}, {9, 3}, {1, 5}};
  for (const auto& [rows, features] : shapes) {
    for (const double decades : {0.0, 3.0, 7.0}) {
      const Rows data = decaying_rows(rows, features, decades, 1);
      const auto rank = static_cast<std::size_t>(std::min(rows, features));
      expect_same(pick(data, {std::min<std::size_t>(rank, 12)}),
                  naive(data, {std::min<std::size_t>(rank, 12)}));
      if (rank >= 20) expect_same(pick(data, {12, 5}), naive(data, {12, 5}));
    }
  }
}

TEST(Cur, ScoresAgainAsOftenAsAsked) {
  const Rows data = decaying_rows(40, 60, 2.0, 2);
  for (const std::size_t every : {0, 2, 5}) {
    expect_same(pick(data, {12, 2, every}), naive(data, {12, 2, every}));
  }
}

TEST(Cur, IsRightThoughTheRestIsTenOrdersBelowTheFirst) {
  // Squares of these are below the round-off of a Gram matrix.
  for (const auto& [rows, features] : {std::pair<int, int>{30, 50}, {50, 30}}) {
    const Rows data = decaying_rows(rows, features, 11.0, 3);
    const CurOptions options{25, 1, 1};
    EXPECT_EQ(pick(data, options).indices, naive(data, options).indices);
  }
}

TEST(Cur, IsTheSameOnAnyNumberOfThreads) {
  for (const auto& [rows, features] : {std::pair<int, int>{150, 200}, {300, 140}}) {
    const Rows data = decaying_rows(rows, features, 3.0, 4);
    const CurSelection one = pick(data, {20, 3, 1});
    for (const int threads : {2, 3, 0}) {
      const CurSelection picked = pick(data, {20, 3, 1}, on(threads));
      EXPECT_EQ(picked.indices, one.indices);
      EXPECT_EQ(picked.scores, one.scores);
    }
  }
}

TEST(Cur, SaysWhenTheRankIsExhausted) {
  const Rows data = decaying_rows(20, 4, 0.0, 5);
  EXPECT_EQ(pick(data, {4, 1, 1}).indices.size(), 4u);
  for (const Rows& matrix : {data, Rows(Rows::Zero(3, 3))}) {
    try {
      pick(matrix, {5, 1, 1});
      FAIL() << "picked more than there are";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kNumerical);
    }
  }
}

TEST(Cur, CanBeCancelledAndReports) {
  const Rows data = decaying_rows(60, 40, 2.0, 6);
  std::atomic<bool> cancelled{false};
  std::size_t reported = 0;
  const Execution execution{2, &cancelled, [&](std::size_t done, std::size_t total) {
                              EXPECT_EQ(total, 30u);
                              reported = done;
                              if (done == 7) cancelled = true;
                            }};
  try {
    pick(data, {30, 1, 1}, execution);
    FAIL() << "went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kAborted);
  }
  EXPECT_EQ(reported, 7u);
}

}  // namespace
}  // namespace soapstone
