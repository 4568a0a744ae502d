#include "math/row_products.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <random>

#include "math/random_numbers.hpp"

namespace soapstone {
namespace {

TEST(RowProducts, AreDotProductsOfRowsAnywhere) {
  constexpr std::size_t kRight = (kProductRows + 1) / 2;
  std::mt19937 random(3);
  for (const std::size_t size : {kLanes, 5 * kLanes}) {
    const AlignedVector numbers = testing::random_numbers(random, 20 * size);
    const double *left[kProductRows], *right[kRight];
    for (std::size_t m = 0; m < kProductRows; ++m) left[m] = numbers.data() + (7 * m % 20) * size;
    for (std::size_t n = 0; n < kRight; ++n) right[n] = numbers.data() + (3 + 11 * n % 20) * size;
    double found[kProductRows * kRight];
    row_products<kProductRows, kRight>(left, right, size, found);
    for (std::size_t m = 0; m < kProductRows; ++m) {
      for (std::size_t n = 0; n < kRight; ++n) {
        double expected = 0.0;
        for (std::size_t k = 0; k < size; ++k) expected += left[m][k] * right[n][k];
        EXPECT_NEAR(found[m * kRight + n], expected, 1e-12);
      }
    }
  }
}

}  // namespace
}  // namespace soapstone
