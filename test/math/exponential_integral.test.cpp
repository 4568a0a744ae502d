#include "math/exponential_integral.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "math/quadrature.hpp"

namespace soapstone {
namespace {

TEST(ExponentialIntegral, IsTheIntegral) {
  // With t = 1/u: ∫_0^1 e^{−x/u} u^{s−2} du, smooth as u goes to zero.
  const Quadrature rule = gauss_legendre_panels(40, 20, 0.0, 1.0);
  for (const double s : {-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0}) {
    for (const double x : {0.3, 0.99, 1.01, 4.0, 20.0}) {
      double expected = 0.0;
      for (std::size_t q = 0; q < rule.nodes.size(); ++q) {
        const double u = rule.nodes[q];
        expected += rule.weights[q] * std::exp(-x / u) * std::pow(u, s - 2.0);
      }
      EXPECT_NEAR(exponential_integral(s, x), expected, 1e-13 * expected) << s << " " << x;
    }
  }
}

TEST(ExponentialIntegral, OfSmallArgumentsHasTheKnownLimits) {
  const double x = 1e-6;
  EXPECT_NEAR(exponential_integral(3.0, x), 0.5, 2e-6);
  EXPECT_NEAR(exponential_integral(1.0, x), -0.57721566490153286 - std::log(x), 2e-6);
  EXPECT_NEAR(exponential_integral(0.5, x) * std::sqrt(x / std::acos(-1.0)), 1.0, 2e-3);
}

}  // namespace
}  // namespace soapstone
