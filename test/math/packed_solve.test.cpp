#include "math/packed_solve.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstring>
#include <vector>

#include "math/random_numbers.hpp"

namespace soapstone {
namespace {

using testing::random_numbers;

const Execution kOneThread{1, nullptr, {}}, kThreeThreads{3, nullptr, {}};

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

TEST(AddGram, AddsToTheUpperTriangleOnly) {
  for (std::size_t size : {1, 7, 24, 49, 200}) {
    for (std::size_t depth : {1, 30, 600}) {
      for (bool across : {false, true}) {
        SCOPED_TRACE(::testing::Message()
                     << size << " columns, depth " << depth << (across ? ", across" : ""));
        const std::size_t step = size + 5;
        const auto numbers = random_numbers((depth + 5) * step);
        const auto before = random_numbers(size * step);
        auto out = before, again = before;
        const auto width = static_cast<std::ptrdiff_t>(step);
        const auto height = static_cast<std::ptrdiff_t>(depth + 5);
        const Strided<const double> rows{numbers.data(), across ? 1 : width, across ? height : 1};
        add_gram(rows, depth, size, -0.5, {out.data(), width, 1}, kOneThread);
        add_gram(rows, depth, size, -0.5, {again.data(), width, 1}, kThreeThreads);
        EXPECT_TRUE(same_bits(out, again));
        for (std::size_t i = 0; i < size; ++i) {
          for (std::size_t j = 0; j < step; ++j) {
            double expected = before[i * step + j];
            for (std::size_t k = 0; j >= i && j < size && k < depth; ++k) {
              expected -= 0.5 * rows(k, i) * rows(k, j);
            }
            ASSERT_NEAR(out[i * step + j], expected, 1e-11) << i << ", " << j;
          }
        }
      }
    }
  }
}

/// Both orders of memory, and both triangles: columns ← L⁻¹ columns, then multiplied by L again.
TEST(SolveTriangular, IsTheInverseOfTheProduct) {
  for (std::size_t size : {1, 7, 8, 48, 61, 150}) {
    for (std::size_t count : {1, 5, 24, 230}) {
      for (bool upper : {false, true}) {
        SCOPED_TRACE(::testing::Message() << size << " x " << count << (upper ? ", upper" : ""));
        auto factor = random_numbers(size * size);
        for (double& x : factor) x /= std::sqrt(static_cast<double>(size));
        for (std::size_t i = 0; i < size; ++i) factor[i * size + i] = 2.0 + std::fabs(factor[i]);
        const auto given = random_numbers(size * count);
        auto solved = given, again = given;
        // The factor column by column, the solved columns row by row.
        const auto height = static_cast<std::ptrdiff_t>(size);
        const auto width = static_cast<std::ptrdiff_t>(count);
        const auto solve = [&](std::vector<double>& columns, const Execution& execution) {
          if (upper) {
            solve_triangular({factor.data() + factor.size() - 1, -1, -height}, size,
                             {columns.data() + (height - 1) * width, -width, 1}, count, execution);
          } else {
            solve_triangular({factor.data(), 1, height}, size, {columns.data(), width, 1}, count,
                             execution);
          }
        };
        solve(solved, kOneThread);
        solve(again, kThreeThreads);
        EXPECT_TRUE(same_bits(solved, again));
        for (std::size_t i = 0; i < size; ++i) {
          for (std::size_t n = 0; n < count; ++n) {
            double product = 0.0;
            for (std::size_t k = upper ? i : 0; k < (upper ? size : i + 1); ++k) {
              product += factor[i + k * size] * solved[k * count + n];
            }
            ASSERT_NEAR(product, given[i * count + n], 1e-11) << i << ", " << n;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace soapstone
