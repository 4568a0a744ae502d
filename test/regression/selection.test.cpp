#include "regression/selection.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "common/error.hpp"
#include "execution.hpp"

namespace soapstone {
namespace {

using testing::on;

using Rows = std::vector<double>;

Rows random_rows(std::size_t rows, std::size_t features, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  Rows data(rows * features);
  for (double& x : data) x = normal(random);
  return data;
}

/// The definition: every time look at all rows and all that were picked.
std::vector<std::int32_t> naive(const Rows& data, std::size_t features, std::size_t count,
                                std::size_t start) {
  const std::size_t rows = data.size() / features;
  std::vector<std::int32_t> picked{static_cast<std::int32_t>(start)};
  while (picked.size() < count) {
    double farthest = 0.0;
    std::size_t next = rows;
    for (std::size_t i = 0; i < rows; ++i) {
      double nearest = INFINITY;
      for (const std::int32_t p : picked) {
        double square = 0.0;
        for (std::size_t k = 0; k < features; ++k) {
          square += std::pow(
              data[i * features + k] - data[static_cast<std::size_t>(p) * features + k], 2);
        }
        nearest = std::min(nearest, square);
      }
      if (nearest > farthest) {
        farthest = nearest;
        next = i;
      }
    }
    if (next == rows) break;
    picked.push_back(static_cast<std::int32_t>(next));
  }
  return picked;
}

TEST(FarthestPoints, AreThoseOfTheDefinition) {
  for (std::size_t features : {1, 3, 40}) {
    for (std::size_t rows : {2, 30, 1300}) {
      const Rows data = random_rows(rows, features, 1);
      const std::size_t count = std::min<std::size_t>(rows, 25), start = rows / 3;
      EXPECT_EQ(farthest_points(data.data(), rows, features, count, start, on(1)).indices,
                naive(data, features, count, start));
    }
  }
}

TEST(FarthestPoints, AreThoseOfTheDefinitionWithASketch) {
  // Few directions and little noise, as environments have it; and nothing but noise.
  for (const double noise : {1e-3, 1.0}) {
    constexpr std::size_t kRows = 400, kFeatures = 300, kDirections = 20;
    const Rows directions = random_rows(kDirections, kFeatures, 6);
    const Rows weights = random_rows(kRows, kDirections, 7);
    Rows data = random_rows(kRows, kFeatures, 8);
    for (std::size_t i = 0; i < kRows; ++i) {
      for (std::size_t k = 0; k < kFeatures; ++k) {
        double& x = data[i * kFeatures + k];
        x *= noise;
        for (std::size_t d = 0; d < kDirections; ++d) {
          x += weights[i * kDirections + d] * directions[d * kFeatures + k];
        }
      }
    }
    const auto picked = farthest_points(data.data(), kRows, kFeatures, 60, 3, on(2));
    EXPECT_EQ(picked.indices, naive(data, kFeatures, 60, 3));
    EXPECT_TRUE(std::isinf(picked.distances[0]));
    EXPECT_TRUE(std::is_sorted(picked.distances.rbegin(), picked.distances.rend()));
  }
}

TEST(FarthestPoints, AreTheSameInSinglePrecisionOnceRounded) {
  for (std::size_t features : {5, 300}) {  // without and with a sketch
    const Rows data = random_rows(500, features, 9);
    const std::vector<float> single(data.begin(), data.end());
    const Rows rounded(single.begin(), single.end());
    const auto picked = farthest_points(single.data(), 500, features, 40, 2, on(2));
    const auto expected = farthest_points(rounded.data(), 500, features, 40, 2, on(2));
    EXPECT_EQ(picked.indices, expected.indices);
    EXPECT_EQ(picked.distances, expected.distances);
  }
}

TEST(FarthestPoints, AreTheSameOnAnyNumberOfThreads) {
  const Rows data = random_rows(3000, 7, 2);
  const auto one = farthest_points(data.data(), 3000, 7, 30, 5, on(1)).indices;
  for (int threads : {2, 3, 0}) {
    EXPECT_EQ(farthest_points(data.data(), 3000, 7, 30, 5, on(threads)).indices, one);
  }
}

TEST(FarthestPoints, TiesGoToTheLowerIndex) {
  const Rows line{0.0, -1.0, 1.0, -1.0, 1.0};
  EXPECT_EQ(farthest_points(line.data(), 5, 1, 3, 0, on(2)).indices,
            (std::vector<std::int32_t>{0, 1, 2}));
}

TEST(FarthestPoints, StopWhenOnlyCopiesAreLeft) {
  Rows data = random_rows(4, 6, 3);
  const Rows once = data;
  for (int copy = 0; copy < 400; ++copy) data.insert(data.end(), once.begin(), once.end());
  auto picked = farthest_points(data.data(), data.size() / 6, 6, 10, 0, on(1)).indices;
  EXPECT_EQ(picked.size(), 4u);
  std::sort(picked.begin(), picked.end());
  EXPECT_EQ(picked, (std::vector<std::int32_t>{0, 1, 2, 3}));
}

TEST(FarthestPoints, TakeAllRowsAtMost) {
  const Rows data = random_rows(6, 2, 4);
  EXPECT_EQ(farthest_points(data.data(), 6, 2, 100, 2, on(1)).indices.size(), 6u);
  EXPECT_EQ(farthest_points(data.data(), 6, 2, 1, 2, on(1)).indices,
            (std::vector<std::int32_t>{2}));
  EXPECT_TRUE(farthest_points(data.data(), 6, 2, 0, 2, on(1)).indices.empty());
}

TEST(FarthestPoints, CanBeCancelledAndReport) {
  const Rows data = random_rows(600, 3, 5);
  std::atomic<bool> cancelled{false};
  std::size_t reported = 0;
  Execution execution{2, &cancelled, [&](std::size_t done, std::size_t total) {
                        EXPECT_EQ(total, 100u);
                        reported = done;
                        if (done == 10) cancelled = true;
                      }};
  try {
    farthest_points(data.data(), 600, 3, 100, 0, execution);
    FAIL() << "went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kAborted);
  }
  EXPECT_EQ(reported, 10u);
}

}  // namespace
}  // namespace soapstone
