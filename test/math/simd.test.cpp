#include "math/simd.hpp"

#include <gtest/gtest.h>

#include <cstddef>

namespace soapstone {
namespace {

Lanes counting(double from) {
  Lanes lanes;
  for (std::size_t k = 0; k < kLanes; ++k) lanes[k] = from + double(k);
  return lanes;
}

TEST(Lanes, TheFirstAreStoredAndNothingBehindThem) {
  for (std::size_t count = 0; count <= 9; ++count) {
    double to[kLanes + 1];
    for (double& x : to) x = -1.0;
    store_first(to, counting(1.0), count);
    for (std::size_t k = 0; k <= kLanes; ++k) {
      EXPECT_EQ(to[k], k < count && k < kLanes ? 1.0 + double(k) : -1.0) << count << ", " << k;
    }
  }
}

TEST(Lanes, TheFirstAreLoadedAndTheOthersAreZero) {
  const double from[kLanes] = {1, 2, 3, 4, 5, 6, 7, 8};
  for (std::size_t count = 0; count <= 9; ++count) {
    const Lanes lanes = load_first(from, count);
    for (std::size_t k = 0; k < kLanes; ++k) EXPECT_EQ(lanes[k], k < count ? from[k] : 0.0);
  }
}

TEST(Lanes, AreTransposed) {
  Lanes rows[kLanes];
  for (std::size_t i = 0; i < kLanes; ++i) rows[i] = counting(10.0 * double(i));
  transpose(rows);
  for (std::size_t i = 0; i < kLanes; ++i) {
    for (std::size_t k = 0; k < kLanes; ++k) EXPECT_EQ(rows[i][k], 10.0 * double(k) + double(i));
  }
}

}  // namespace
}  // namespace soapstone
