#include "kernels/regularized_match.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

#include "common/error.hpp"
#include "kernels/structure_match.hpp"

namespace soapstone {
namespace {

std::vector<double> random_kernels(unsigned seed, std::size_t size) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  std::vector<double> kernels(size);
  for (double& k : kernels) k = uniform(random);
  return kernels;
}

/// Sinkhorn's iteration as it is written down first, until nothing changes.
double sinkhorn(const std::vector<double>& kernels, std::size_t n, std::size_t m, double gamma) {
  std::vector<long double> u(n, 1.0L), v(m, 1.0L), weights;
  for (double k : kernels) weights.push_back(std::exp((k - 1.0L) / gamma));
  for (long double change = 1.0L; change > 1e-16L;) {
    change = 0.0L;
    for (std::size_t i = 0; i < n; ++i) {
      long double sum = 0.0L;
      for (std::size_t j = 0; j < m; ++j) sum += weights[i * m + j] * v[j];
      const long double next = 1.0L / (n * sum);
      change = std::max(change, std::abs(next - u[i]) / next);
      u[i] = next;
    }
    for (std::size_t j = 0; j < m; ++j) {
      long double sum = 0.0L;
      for (std::size_t i = 0; i < n; ++i) sum += weights[i * m + j] * u[i];
      v[j] = 1.0L / (m * sum);
    }
  }
  long double total = 0.0L;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < m; ++j)
      total += u[i] * weights[i * m + j] * v[j] * kernels[i * m + j];
  }
  return static_cast<double>(total);
}

TEST(RegularizedMatch, KeepsDigitsOfSmallDifferencesBetweenLargeKernels) {
  const std::vector<double> kernels = random_kernels(5, 6 * 4);
  for (const double offset : {1e3, 1e6}) {
    for (const double gamma : {0.01, 0.1, 1.0}) {
      std::vector<double> large = kernels;
      for (double& k : large) k += offset;
      const double expected = offset + regularized_match(kernels.data(), 6, 4, gamma);
      EXPECT_NEAR(regularized_match(large.data(), 6, 4, gamma), expected, 1e-8);
    }
  }
}

TEST(RegularizedMatch, ConvergesForManyEnvironmentsThatAreNearlyAlike) {
  std::vector<double> kernels = random_kernels(6, 60 * 50);
  for (double& k : kernels) k = 1.0 - 1e-3 * k;
  for (const double gamma : {1e-3, 1e-5, 1e-7}) {
    const double match = regularized_match(kernels.data(), 60, 50, gamma);
    EXPECT_GT(match, 0.999);
    EXPECT_LE(match, 1.0);
  }
}

TEST(RegularizedMatch, IsWhatSinkhornConvergesTo) {
  for (const auto& [n, m] : {std::pair{1, 1}, {1, 5}, {4, 4}, {7, 3}, {3, 7}, {20, 14}}) {
    for (double gamma : {10.0, 1.0, 0.1, 0.04}) {
      const auto kernels =
          random_kernels(static_cast<unsigned>(n + m), static_cast<std::size_t>(n * m));
      EXPECT_NEAR(regularized_match(kernels.data(), n, m, gamma), sinkhorn(kernels, n, m, gamma),
                  1e-11)
          << n << " × " << m << ", gamma " << gamma;
    }
  }
}

// Between environments of different elements kernels are zero: sums of rows and columns over an
// element adapt to each other in steps of e^(−1/γ).
TEST(RegularizedMatch, KnowsWhatTwoElementsExchange) {
  constexpr std::size_t n = 9, m = 12, rows = 3;  // of the first element
  for (std::size_t columns : {4u, 6u}) {
    for (double gamma : {1.0, 0.3, 0.1, 0.05, 0.01, 1e-3}) {
      std::vector<double> kernels(n * m);
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < m; ++j) kernels[i * m + j] = (i < rows) == (j < columns);
      }
      // P is constant in each of four blocks; x, the sum of the first, has
      // x (1 − a − b + x) = e^(2/γ) (a − x) (b − x), where a ≤ b: bisected for y = a − x.
      const long double a = static_cast<long double>(rows) / n,
                        b = static_cast<long double>(columns) / m;
      const long double across = std::exp(-2.0L / gamma);
      long double low = 0.0L, high = a;
      for (int k = 0; k < 20000 && low < high; ++k) {
        const long double y = 0.5L * (low + high);
        if (y == low || y == high) break;
        (across * (a - y) * (1.0L - b - y) > y * (b - a + y) ? low : high) = y;
      }
      const auto expected = static_cast<double>(1.0L - (b - a) - 2.0L * low);
      EXPECT_NEAR(regularized_match(kernels.data(), n, m, gamma), expected, 1e-11)
          << columns << " columns, gamma " << gamma;
    }
  }
}

TEST(RegularizedMatch, GoesToTheBestMatchHoweverSmallGammaIs) {
  for (std::size_t n : {2u, 5u, 16u}) {
    auto kernels = random_kernels(static_cast<unsigned>(n), n * n);
    for (std::size_t k = 0; k < n * n / 2; ++k) kernels[k] *= k % 3 == 0;  // some that are zero
    const double best = match(kernels.data(), n, n, {Match::Type::kBest, 0.0});
    for (double gamma : {1e-2, 1e-3, 1e-4, 1e-6, 1e-9}) {
      const double found = regularized_match(kernels.data(), n, n, gamma);
      EXPECT_LE(found, best + 1e-7 * gamma + 1e-12);
      EXPECT_GE(found, best - gamma * std::log(static_cast<double>(n)) - 1e-7) << gamma;
    }
  }
}

TEST(RegularizedMatch, EqualKernelsAreNoTrouble) {
  const std::vector<double> kernels(12, 0.25);
  for (double gamma : {1.0, 1e-8}) {
    EXPECT_NEAR(regularized_match(kernels.data(), 3, 4, gamma), 0.25, 1e-14);
  }
}

TEST(RegularizedMatch, RefusesWhatIsNoNumber) {
  for (double wrong : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    const std::vector<double> kernels{1.0, wrong, 0.5, 1.0};
    try {
      regularized_match(kernels.data(), 2, 2, 0.1);
      FAIL() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kNumerical);
    }
  }
}

TEST(Match, RefusesWhatIsNoNumber) {
  for (const auto type : {Match::Type::kBest, Match::Type::kRegularized}) {
    for (double wrong : {std::nan(""), std::numeric_limits<double>::infinity(),
                         -std::numeric_limits<double>::infinity()}) {
      const std::vector<double> kernels{wrong, wrong, 0.5, wrong};
      try {
        match(kernels.data(), 2, 2, {type, 0.1});
        FAIL() << "accepted";
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kNumerical);
      }
    }
  }
}

}  // namespace
}  // namespace soapstone
