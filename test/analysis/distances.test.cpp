#include "analysis/distances.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "analysis/clusters.hpp"
#include "analysis/nearest_neighbours.hpp"

namespace soapstone {
namespace {

Points points(const std::vector<double>& numbers, Eigen::Index columns) {
  return {numbers.data(), static_cast<Eigen::Index>(numbers.size()) / columns, columns};
}

TEST(Distances, AreThoseOfAllPairs) {
  const std::vector<double> x{1e6, 0.0, 1e6 + 3.0, 4.0}, y{1e6, 1.0, 1e6, 0.0, 1e6 - 1.0, 0.0};
  const Distances all(points(x, 2), points(y, 2));
  const double expected[2][3] = {{1.0, 0.0, 1.0}, {18.0, 25.0, 32.0}};
  std::size_t seen = 0;
  all.for_tiles({1, nullptr, nullptr},
                [&](Eigen::Index row, Eigen::Index column, const auto& tile) {
                  for (Eigen::Index i = 0; i < tile.rows(); ++i) {
                    for (Eigen::Index j = 0; j < tile.cols(); ++j, ++seen) {
                      EXPECT_NEAR(tile(i, j), expected[row + i][column + j], 1e-9);
                      EXPECT_EQ(all.square(row + i, column + j), expected[row + i][column + j]);
                    }
                  }
                });
  EXPECT_EQ(seen, 6u);
}

TEST(Distances, RefusePointsWhoseDistancesAreNotFinite) {
  const std::vector<double> near{0.0, 1.0, 2.0};
  for (const double far : {1e154, 1e200, std::numeric_limits<double>::infinity(), std::nan("")}) {
    const std::vector<double> all{0.0, far, -far};
    EXPECT_THROW(Distances(points(all, 1), points(near, 1)), Error);
    EXPECT_THROW(Distances(points(near, 1), points(all, 1)), Error);
  }
  const std::vector<double> large{0.0, 1e150, -1e150};
  EXPECT_NO_THROW(Distances(points(large, 1), points(large, 1)));
}

TEST(NearestNeighbours, RefusePointsThatHaveNone) {
  const std::vector<double> all{0.0, 1e200, -1e200};
  std::int32_t indices[3];
  double distances[3];
  EXPECT_THROW(nearest_neighbours(points(all, 1), points(all, 1), true, 1, indices, distances, {}),
               Error);
}

TEST(KMeans, RefusesPointsThatNoCentreIsNearestTo) {
  const std::vector<double> all{0.0, 1e200, -1e200};
  std::vector<double> centres{1e200, -1e200};
  std::int32_t labels[3];
  EXPECT_THROW(k_means(points(all, 1), centres.data(), 2, 10, 0.0, labels, {}), Error);
}

}  // namespace
}  // namespace soapstone
