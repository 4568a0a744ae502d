#include "math/packed_gemm.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <random>

#include "math/random_numbers.hpp"

namespace soapstone {
namespace {

using testing::random_numbers;

TEST(PackedProduct, IsTheProductOfAnyShape) {
  std::mt19937 random(7);
  for (std::size_t rows : {0, 1, 2, 5, 7, 8, 13, 50}) {
    for (std::size_t depth : {0, 1, 30, 512, 700}) {
      for (std::size_t columns : {1, 8, 24, 61}) {
        for (bool transposed : {false, true}) {
          SCOPED_TRACE(::testing::Message() << rows << " x " << depth << " x " << columns
                                            << (transposed ? " transposed" : ""));
          const AlignedVector left = random_numbers(random, rows * (depth + 3));
          const AlignedVector right = random_numbers(random, depth * columns);
          const std::size_t k_step = transposed ? 1 : columns, n_step = transposed ? depth : 1;
          const PackedMatrix packed(right.data(), k_step, n_step, depth, columns);
          ASSERT_GE(packed.padded_columns(), columns);
          const std::size_t step = packed.padded_columns();
          AlignedVector out(rows * step, 42.0);
          packed_product(left.data(), depth + 3, rows, packed, 0, packed.panels(), out.data(),
                         step);
          for (std::size_t m = 0; m < rows; ++m) {
            for (std::size_t n = 0; n < step; ++n) {
              double expected = 0.0;
              for (std::size_t k = 0; n < columns && k < depth; ++k) {
                expected += left[m * (depth + 3) + k] * right[k * k_step + n * n_step];
              }
              ASSERT_NEAR(out[m * step + n], expected, 1e-11) << m << ", " << n;
            }
          }
        }
      }
    }
  }
}

TEST(PackedProduct, NumbersDoNotDependOnRowsAndPanelsAskedFor) {
  std::mt19937 random(8);
  constexpr std::size_t kRows = 19, kDepth = 600, kColumns = 70;
  const AlignedVector left = random_numbers(random, kRows * kDepth);
  const AlignedVector right = random_numbers(random, kDepth * kColumns);
  const PackedMatrix packed(right.data(), kColumns, 1, kDepth, kColumns);
  const std::size_t step = packed.padded_columns();
  AlignedVector all(kRows * step), one(PackedMatrix::kPanel);
  packed_product(left.data(), kDepth, kRows, packed, 0, packed.panels(), all.data(), step);
  for (std::size_t m = 0; m < kRows; ++m) {
    for (std::size_t p = 0; p < packed.panels(); ++p) {
      packed_product(left.data() + m * kDepth, kDepth, 1, packed, p, p + 1, one.data(),
                     PackedMatrix::kPanel);
      for (std::size_t n = 0; n < PackedMatrix::kPanel; ++n) {
        EXPECT_EQ(all[m * step + p * PackedMatrix::kPanel + n], one[n]);
      }
    }
  }
}

}  // namespace
}  // namespace soapstone
