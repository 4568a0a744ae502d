#include "math/small_gemm.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <random>

#include "math/random_numbers.hpp"

namespace soapstone {
namespace {

using testing::random_numbers;

template <bool kAdd>
void expect_naive_product(std::size_t rows, std::size_t depth, std::size_t columns,
                          bool transposed) {
  SCOPED_TRACE(::testing::Message()
               << rows << " x " << depth << " x " << columns << (transposed ? " transposed" : ""));
  std::mt19937 random(7);
  const std::size_t right_step = columns + kLanes, out_step = columns + 2 * kLanes;
  const AlignedVector left = random_numbers(random, rows * depth);
  const AlignedVector right = random_numbers(random, depth * right_step);
  const AlignedVector before = random_numbers(random, rows * out_step);
  AlignedVector out = before;
  const StridedMatrix view =
      transposed ? StridedMatrix{left.data(), 1, rows} : StridedMatrix{left.data(), depth, 1};
  small_gemm<kAdd>(view, rows, right.data(), right_step, depth, columns, out.data(), out_step);
  for (std::size_t m = 0; m < rows; ++m) {
    for (std::size_t n = 0; n < out_step; ++n) {
      double expected = before[m * out_step + n];
      if (n < columns) {
        if (!kAdd) expected = 0.0;
        for (std::size_t k = 0; k < depth; ++k) {
          expected += left[transposed ? k * rows + m : m * depth + k] * right[k * right_step + n];
        }
      }
      ASSERT_NEAR(out[m * out_step + n], expected, 1e-13) << m << ", " << n;
    }
  }
}

TEST(SmallGemm, IsTheProductOfAnyShape) {
  for (std::size_t rows : {1, 2, 7, 8, 9, 13, 17, 24}) {
    for (std::size_t depth : {0, 1, 5, 28}) {
      for (std::size_t columns : {8, 24}) {
        for (bool transposed : {false, true}) {
          expect_naive_product<false>(rows, depth, columns, transposed);
          expect_naive_product<true>(rows, depth, columns, transposed);
        }
      }
    }
  }
}

TEST(SmallGemm, RowsDoNotDependOnTheirBlock) {
  std::mt19937 random(8);
  constexpr std::size_t kRows = 19, kDepth = 30, kColumns = 16;
  const AlignedVector left = random_numbers(random, kRows * kDepth);
  const AlignedVector right = random_numbers(random, kDepth * kColumns);
  AlignedVector all(kRows * kColumns), one(kColumns);
  small_gemm<false>({left.data(), kDepth, 1}, kRows, right.data(), kColumns, kDepth, kColumns,
                    all.data(), kColumns);
  for (std::size_t m = 0; m < kRows; ++m) {
    small_gemm<false>({left.data() + m * kDepth, kDepth, 1}, 1, right.data(), kColumns, kDepth,
                      kColumns, one.data(), kColumns);
    for (std::size_t n = 0; n < kColumns; ++n) EXPECT_EQ(all[m * kColumns + n], one[n]);
  }
}

}  // namespace
}  // namespace soapstone
