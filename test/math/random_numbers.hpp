#pragma once

#include <cstddef>
#include <random>
#include <vector>

#include "math/simd.hpp"

namespace soapstone::testing {

/// Normally distributed numbers, aligned as what computes in lanes wants them.
inline AlignedVector random_numbers(std::mt19937& random, std::size_t count) {
  std::normal_distribution<double> normal;
  AlignedVector numbers(count);
  for (double& x : numbers) x = normal(random);
  return numbers;
}

/// The same numbers each time.
inline std::vector<double> random_numbers(std::size_t count) {
  std::mt19937 random(11);
  const AlignedVector numbers = random_numbers(random, count);
  return {numbers.begin(), numbers.end()};
}

}  // namespace soapstone::testing
