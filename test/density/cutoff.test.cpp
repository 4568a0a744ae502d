#include "density/cutoff.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "finite_differences.hpp"

namespace soapstone {
namespace {

template <typename Function>
void expect_derivatives(const Function& f, double r) {
  SCOPED_TRACE(::testing::Message() << "r = " << r);
  const auto value = [&](double h) { return f(r + h).value; };
  const auto first = [&](double h) { return f(r + h).first; };
  const double scale = std::abs(f(r).value) + std::abs(f(r).first) + std::abs(f(r).second);
  EXPECT_NEAR(f(r).first, testing::slope_at_zero(value), 1e-8 * scale);
  EXPECT_NEAR(f(r).second, testing::slope_at_zero(first), 1e-8 * scale);
}

TEST(Cutoff, GoesFromOneToZeroWithoutAKink) {
  const Cutoff cutoff{5.0, 1.5};
  for (double r : {0.0, 2.0, 3.5}) {
    EXPECT_DOUBLE_EQ(cutoff(r).value, 1.0);
    EXPECT_NEAR(cutoff(r).first, 0.0, 1e-15);
  }
  EXPECT_NEAR(cutoff(4.25).value, 0.5, 1e-15);
  EXPECT_NEAR(cutoff(5.0 - 1e-9).value, 0.0, 1e-15);
  EXPECT_NEAR(cutoff(5.0 - 1e-9).first, 0.0, 1e-8);
  EXPECT_EQ(cutoff(5.0).value, 0.0);
  EXPECT_EQ(cutoff(7.0).first, 0.0);
  for (double r : {1.0, 3.6, 4.0, 4.9}) expect_derivatives(cutoff, r);
}

TEST(Cutoff, OfEveryTypeGoesFromOneToZeroWithItsDerivatives) {
  using Type = Cutoff::Type;
  for (const Type type : {Type::kCosine, Type::kPolynomial, Type::kTanh}) {
    const Cutoff cutoff{5.0, type == Type::kTanh ? 5.0 : 1.5, type};
    EXPECT_NEAR(cutoff(cutoff.onset()).value, 1.0, 1e-15);
    EXPECT_NEAR(cutoff(5.0 - 1e-9).value, 0.0, 1e-15);
    EXPECT_NEAR(cutoff(5.0 - 1e-9).first, 0.0, 1e-8);
    if (type != Type::kCosine) {
      EXPECT_NEAR(cutoff(5.0 - 1e-9).second, 0.0, 1e-7);
    }
    EXPECT_EQ(cutoff(5.0).value, 0.0);
    for (double r : {3.6, 4.0, 4.9}) expect_derivatives(cutoff, r);
  }
  const Cutoff step{5.0, 5.0, Type::kStep};
  EXPECT_EQ(step(4.999).value, 1.0);
  EXPECT_EQ(step(4.999).first, 0.0);
  EXPECT_EQ(step(5.0).value, 0.0);
}

TEST(RadialScaling, IsWillattsAndItsDerivatives) {
  const RadialScaling scaling{true, 2.0, 1.5, 4.0};
  EXPECT_DOUBLE_EQ(scaling(0.0).value, 1.0);
  EXPECT_DOUBLE_EQ(scaling(2.0).value, 1.5 / 2.5);
  EXPECT_DOUBLE_EQ(scaling(4.0).value, 1.5 / 17.5);
  for (double r : {0.3, 1.0, 2.0, 3.7}) {
    expect_derivatives(scaling, r);
    expect_derivatives(RadialScaling{true, 1.7, 0.8, 1.0}, r);
    expect_derivatives(RadialScaling{true, 1.7, 0.8, 2.5}, r);
    expect_derivatives(RadialScaling{true, 2.0, 0.0, 3.0}, r);
  }
}

TEST(RadialScaling, DerivativesAreContinuousAtTheCentre) {
  for (const double exponent : {1.0, 2.0, 3.0, 4.0}) {
    const RadialScaling scaling{true, 1.7, 0.8, exponent};
    const Jet centre = scaling(0.0), beside = scaling(1e-9);
    EXPECT_NEAR(centre.first, beside.first, 1e-7) << exponent;
    EXPECT_NEAR(centre.second, beside.second, 1e-7) << exponent;
  }
}

TEST(RadialScaling, WithoutARateIsAPowerLaw) {
  EXPECT_DOUBLE_EQ((RadialScaling{true, 2.0, 0.0, 3.0}(4.0).value), 0.125);
}

TEST(RadialScaling, IsOneWhereThereIsNone) {
  const RadialScaling none;
  EXPECT_EQ(none(3.0).value, 1.0);
  EXPECT_EQ(none(3.0).first, 0.0);
}

TEST(Jet, ProductsFollowLeibniz) {
  const Jet product = Jet{2.0, 3.0, 5.0} * Jet{7.0, 11.0, 13.0};
  EXPECT_EQ(product.value, 14.0);
  EXPECT_EQ(product.first, 3.0 * 7.0 + 2.0 * 11.0);
  EXPECT_EQ(product.second, 5.0 * 7.0 + 2.0 * 3.0 * 11.0 + 2.0 * 13.0);
}

}  // namespace
}  // namespace soapstone
