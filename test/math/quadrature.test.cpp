#include "math/quadrature.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace soapstone {
namespace {

template <typename Function>
double integrate(const Quadrature& rule, const Function& f) {
  double sum = 0.0;
  for (std::size_t q = 0; q < rule.nodes.size(); ++q) sum += rule.weights[q] * f(rule.nodes[q]);
  return sum;
}

TEST(GaussLegendre, IsTheRuleOfTwoPoints) {
  const Quadrature rule = gauss_legendre(2, -1.0, 1.0);
  EXPECT_NEAR(rule.nodes[0], -1.0 / std::sqrt(3.0), 1e-15);
  EXPECT_NEAR(rule.nodes[1], 1.0 / std::sqrt(3.0), 1e-15);
  EXPECT_NEAR(rule.weights[0], 1.0, 1e-15);
  EXPECT_NEAR(rule.weights[1], 1.0, 1e-15);
}

TEST(GaussLegendre, IsExactForPolynomialsOfDegreeTwiceTheCountLessOne) {
  for (int count : {1, 2, 3, 8, 17, 40}) {
    const Quadrature rule = gauss_legendre(count, 0.0, 2.0);
    for (int degree = 0; degree < 2 * count; ++degree) {
      const double exact = std::pow(2.0, degree + 1) / (degree + 1);
      const double found = integrate(rule, [&](double x) { return std::pow(x, degree); });
      EXPECT_NEAR(found / exact, 1.0, 1e-13) << count << " points, degree " << degree;
    }
  }
}

TEST(GaussLegendre, NodesAscendWithinTheInterval) {
  const Quadrature rule = gauss_legendre(160, -3.0, 5.0);
  double previous = -3.0;
  for (std::size_t q = 0; q < rule.nodes.size(); ++q) {
    EXPECT_GT(rule.nodes[q], previous);
    EXPECT_GT(rule.weights[q], 0.0);
    previous = rule.nodes[q];
  }
  EXPECT_LT(previous, 5.0);
  EXPECT_NEAR(integrate(rule, [](double x) { return std::exp(x); }), std::exp(5.0) - std::exp(-3.0),
              1e-12 * std::exp(5.0));
}

TEST(GaussLegendre, OnPanelsIntegratesWhatHasAKinkBetweenThem) {
  const Quadrature rule = gauss_legendre_panels(6, 4, -1.0, 3.0);
  ASSERT_EQ(rule.nodes.size(), 24u);
  EXPECT_TRUE(std::is_sorted(rule.nodes.begin(), rule.nodes.end()));
  const double found = integrate(rule, [](double x) { return std::pow(std::abs(x), 11); });
  EXPECT_NEAR(found / ((1.0 + std::pow(3.0, 12)) / 12.0), 1.0, 1e-14);
}

}  // namespace
}  // namespace soapstone
