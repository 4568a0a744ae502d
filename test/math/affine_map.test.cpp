#include "math/affine_map.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include "execution.hpp"
#include "math/random_numbers.hpp"

namespace soapstone {
namespace {

using testing::on;
using testing::random_numbers;

TEST(AffineMap, IsTheProductWithTheConstant) {
  for (std::size_t rows : {1, 47, 130}) {
    for (std::size_t depth : {1, 30, 600}) {
      for (std::size_t columns : {1, 24, 250}) {
        SCOPED_TRACE(::testing::Message() << rows << " x " << depth << " x " << columns);
        const auto x = random_numbers(rows * depth);
        const auto matrix = random_numbers(depth * columns);
        const auto constant = random_numbers(columns);
        std::vector<double> out(rows * columns), linear(rows * columns);
        map_rows({matrix.data(), constant.data(), depth, columns}, x.data(), rows, out.data(),
                 on(1));
        map_rows({matrix.data(), nullptr, depth, columns}, x.data(), rows, linear.data(), on(1));
        for (std::size_t i = 0; i < rows; ++i) {
          for (std::size_t n = 0; n < columns; ++n) {
            double sum = 0.0;
            for (std::size_t k = 0; k < depth; ++k) {
              sum += x[i * depth + k] * matrix[k * columns + n];
            }
            ASSERT_NEAR(linear[i * columns + n], sum, 1e-11) << i << ", " << n;
            ASSERT_NEAR(out[i * columns + n], sum + constant[n], 1e-11) << i << ", " << n;
          }
        }
      }
    }
  }
}

TEST(AffineMap, OfARowDependsOnThatRowAlone) {
  constexpr std::size_t kRows = 1001, kDepth = 700, kColumns = 5;
  const auto x = random_numbers(kRows * kDepth);
  const auto matrix = random_numbers(kDepth * kColumns);
  const AffineMap map{matrix.data(), nullptr, kDepth, kColumns};
  std::vector<double> all(kRows * kColumns), threads = all, one = all;
  map_rows(map, x.data(), kRows, all.data(), on(1));
  map_rows(map, x.data(), kRows, threads.data(), on(3));
  for (std::size_t i = 0; i < kRows; ++i) {
    map_rows(map, x.data() + i * kDepth, 1, one.data() + i * kColumns, on(1));
  }
  EXPECT_EQ(threads, all);
  EXPECT_EQ(one, all);
}

}  // namespace
}  // namespace soapstone
