#include "math/bessel.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace soapstone {
namespace {

/// e^{−x} i_l(x) by the power series, DLMF 10.53.3; all terms are positive, so nothing cancels.
double series(int l, double x) {
  const long double half_square = 0.5L * x * x;
  long double term = std::exp(-static_cast<long double>(x));
  for (int k = 1; k <= l; ++k) term *= static_cast<long double>(x) / (2 * k + 1);
  long double sum = 0.0L;
  for (int k = 1; term > 1e-22L * sum; ++k) {
    sum += term;
    term *= half_square / (k * static_cast<long double>(2 * l + 2 * k + 1));
  }
  return static_cast<double>(sum);
}

TEST(ScaledBessel, AgreesWithScipy) {  // spherical_in(l, x) * exp(-x), scipy 1.17.1
  std::vector<double> values(25);
  scaled_bessel_i(24, 1e-4, values.data());
  EXPECT_NEAR(values[0], 0.999900006666333, 1e-14);
  scaled_bessel_i(24, 0.5, values.data());
  EXPECT_NEAR(values[3] / 0.000732146088368068, 1.0, 1e-13);
  scaled_bessel_i(24, 12.5, values.data());
  EXPECT_NEAR(values[8] / 0.002239202326925402, 1.0, 1e-13);
  scaled_bessel_i(24, 3.0, values.data());
  EXPECT_NEAR(values[24] / 2.627870394910201e-22, 1.0, 1e-12);
}

TEST(ScaledBessel, AgreesWithItsSeriesForAllOrdersAndArguments) {
  for (int most : {0, 1, 6, 26}) {
    std::vector<double> values(most + 1);
    for (double x :
         {1e-9, 1e-5, 9.99e-4, 1.001e-3, 0.02, 0.3, 1.0, 4.7, 20.0, 99.0, 640.0, 2500.0}) {
      scaled_bessel_i(most, x, values.data());
      for (int l = 0; l <= most; ++l) {
        const double exact = series(l, x);
        if (exact < 1e-290) continue;
        EXPECT_NEAR(values[l] / exact, 1.0, 2e-13) << "l = " << l << ", x = " << x;
      }
    }
  }
}

TEST(ScaledBessel, AtZeroOnlyTheFirstIsNotZero) {
  std::vector<double> values(5);
  scaled_bessel_i(4, 0.0, values.data());
  EXPECT_EQ(values, (std::vector<double>{1.0, 0.0, 0.0, 0.0, 0.0}));
}

TEST(ScaledBessel, OfEightArgumentsAreThoseOfEach) {
  const Lanes cases[] = {
      {0.0, 1e-9, 1e-4, 2e-3, 0.1, 5.0, 30.0, 700.0},           // the series for some
      {2e-3, 4e-3, 0.1, 1.0, 5.0, 30.0, 99.0, 2500.0},          // rescaled on the way
      {0.5, 0.6, 0.7, 1.0, 1.5, 2.0, 3.0, 4.0},                 // downwards
      {19.0, 20.0, 21.0, 22.0, 23.0, 24.0, 25.0, 26.0},         // near where the direction turns
      {21.0, 22.0, 23.0, 24.0, 25.0, 26.0, 27.0, 28.0},         // upwards where l ≤ 8
      {180.0, 200.0, 300.0, 400.0, 600.0, 700.0, 1e3, 2500.0},  // upwards
  };
  for (const Lanes& x : cases) {
    for (int most : {0, 1, 8, 26}) {
      std::vector<Lanes> values(most + 1);
      std::vector<double> expected(most + 1);
      scaled_bessel_i(most, x, values.data());
      for (std::size_t j = 0; j < kLanes; ++j) {
        scaled_bessel_i(most, x[j], expected.data());
        for (int l = 0; l <= most; ++l) {
          if (expected[l] < 1e-200) continue;
          EXPECT_NEAR(values[l][j] / expected[l], 1.0, 5e-13) << "l = " << l << ", x = " << x[j];
        }
      }
    }
  }
}

TEST(SphericalBesselJ, OfEightArgumentsIsThatOfEach) {
  for (const double from : {0.0, 2.0, 9.0, 150.0}) {
    const Lanes x = {from,       from + 0.1, from + 0.5, from + 1.0,
                     from + 3.0, from + 5.5, from + 7.0, from + 80.0};
    Lanes values[8];
    spherical_bessel_j(7, x, values);
    for (std::size_t j = 0; j < kLanes; ++j) {
      double expected[8];
      spherical_bessel_j(7, x[j], expected);
      for (int l = 0; l <= 7; ++l) EXPECT_NEAR(values[l][j], expected[l], 1e-13);
    }
  }
}

}  // namespace
}  // namespace soapstone
