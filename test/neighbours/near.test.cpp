#include "neighbours/near.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace soapstone {
namespace {

constexpr std::size_t kWords = 3;
constexpr std::size_t kPoints = kWords * kPointsPerWord;

class Near : public ::testing::Test {
 protected:
  Near() {
    std::mt19937 random(1);
    std::uniform_real_distribution<float> coordinate(-2, 2);
    for (auto* values : {&x, &y, &z}) {
      for (float& value : *values) value = coordinate(random);
    }
    x[100] = std::numeric_limits<float>::infinity();
    y[101] = std::numeric_limits<float>::quiet_NaN();
  }

  Points points() const { return {x.data(), y.data(), z.data()}; }

  std::vector<float> x = std::vector<float>(kPoints), y = x, z = x;
};

std::vector<std::size_t> set_bits(const std::uint64_t* bits, std::size_t words) {
  std::vector<std::size_t> result;
  for_each_bit(bits, words, [&](std::size_t n) { result.push_back(n); });
  return result;
}

TEST_F(Near, CentreFindsThePointsThatALoopFinds) {
  const float centre[3] = {0.3f, -0.2f, 0.1f};
  std::uint64_t bits[kWords];
  for (const float limit2 : {0.0f, 0.5f, 1.0f, 30.0f}) {
    near_centre(points(), kWords, centre, limit2, limit2, bits);
    std::vector<std::size_t> expected;
    for (std::size_t n = 0; n < kPoints; ++n) {
      const float dx = x[n] - centre[0], dy = y[n] - centre[1], dz = z[n] - centre[2];
      if (dx * dx + dy * dy + dz * dz < limit2) expected.push_back(n);
    }
    EXPECT_EQ(set_bits(bits, kWords), expected);
  }
}

TEST_F(Near, CentreTellsWhetherAnyPointIsBetweenTheLimits) {
  const float centre[3] = {3, 0, 0};
  x[170] = 4;
  y[170] = 0;
  z[170] = 0;
  for (std::size_t n = 0; n < kPoints; ++n) {
    if (n != 170) x[n] = -9;
  }
  std::uint64_t bits[kWords];
  EXPECT_TRUE(near_centre(points(), kWords, centre, 0.9f, 1.1f, bits));
  EXPECT_EQ(set_bits(bits, kWords), (std::vector<std::size_t>{170}));
  EXPECT_FALSE(near_centre(points(), kWords, centre, 1.1f, 1.2f, bits));
  EXPECT_FALSE(near_centre(points(), kWords, centre, 0.5f, 0.9f, bits));
}

TEST_F(Near, BoxFindsThePointsThatALoopFinds) {
  const float offset[3] = {0.5f, -0.4f, 0.2f};
  const float half[3] = {0.7f, 0.3f, 0.0f};
  for (const float limit2 : {0.25f, 1.0f, 30.0f}) {
    std::vector<std::size_t> expected;
    for (std::size_t n = 0; n < kPointsPerWord; ++n) {
      const auto gap = [&](float p, int k) {
        return std::max(0.0f, std::abs(p + offset[k]) - half[k]);
      };
      const float gx = gap(x[n], 0), gy = gap(y[n], 1), gz = gap(z[n], 2);
      if (gx * gx + gy * gy + gz * gz < limit2) expected.push_back(n);
    }
    const std::uint64_t bits = near_box(points(), offset, half, limit2);
    EXPECT_EQ(set_bits(&bits, 1), expected);
  }
}

}  // namespace
}  // namespace soapstone
