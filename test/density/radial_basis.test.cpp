#include "density/radial_basis.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "math/quadrature.hpp"

namespace soapstone {
namespace {

TEST(GtoBasis, IsOrthonormal) {
  for (std::size_t count : {1, 2, 6, 8, 12}) {
    for (double cutoff : {2.5, 6.0}) {
      const GtoBasis basis(count, cutoff);
      // All but exp(−r²/2σ²) with σ < r_c lies within ten cutoffs.
      const Quadrature rule = gauss_legendre(400, 0.0, 10.0 * cutoff);
      std::vector<double> overlap(count * count, 0.0), values(count);
      for (std::size_t q = 0; q < rule.nodes.size(); ++q) {
        const double r = rule.nodes[q];
        basis.evaluate(r, values.data());
        for (std::size_t n = 0; n < count; ++n) {
          for (std::size_t m = 0; m < count; ++m) {
            overlap[n * count + m] += rule.weights[q] * r * r * values[n] * values[m];
          }
        }
      }
      // Löwdin's transformation amplifies rounding by the inverse of the smallest overlap, 1e-7 for
      // twelve functions.
      const double tolerance = count > 8 ? 1e-8 : 1e-11;
      for (std::size_t n = 0; n < count; ++n) {
        for (std::size_t m = 0; m < count; ++m) {
          EXPECT_NEAR(overlap[n * count + m], n == m ? 1.0 : 0.0, tolerance)
              << count << " functions: " << n << ", " << m;
        }
      }
    }
  }
}

TEST(GtoBasis, OfOneFunctionIsANormalisedGaussian) {
  const GtoBasis basis(1, 3.0);  // σ = r_c
  const double norm = std::sqrt(4.0 / (std::sqrt(std::acos(-1.0)) * 27.0));
  for (double r : {0.0, 1.0, 2.9}) {
    double value = 0.0;
    basis.evaluate(r, &value);
    EXPECT_NEAR(value, norm * std::exp(-r * r / 18.0), 1e-15);
  }
}

TEST(GtoBasis, ScalesWithTheCutoff) {  // R(r; s r_c) = s^{−3/2} R(r/s; r_c)
  const GtoBasis small(6, 2.0), large(6, 5.0);
  std::vector<double> a(6), b(6);
  for (double r : {0.0, 0.4, 1.1, 1.9}) {
    small.evaluate(r, a.data());
    large.evaluate(2.5 * r, b.data());
    for (std::size_t n = 0; n < 6; ++n) EXPECT_NEAR(b[n] * std::pow(2.5, 1.5), a[n], 1e-11);
  }
}

TEST(GtoBasis, RefusesMoreFunctionsThanDoublePrecisionCanTellApart) {
  try {
    GtoBasis(40, 5.0);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNumerical);
    EXPECT_NE(std::string(error.what()).find("basis.radial.count: 40"), std::string::npos);
  }
}

}  // namespace
}  // namespace soapstone
