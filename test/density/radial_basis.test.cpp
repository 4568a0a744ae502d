#include "density/radial_basis.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "density/orthonormal_basis.hpp"
#include "math/quadrature.hpp"

namespace soapstone {
namespace {

using Type = RadialBasisParameters::Type;

/// Bumps on 31 points, for splines.
std::vector<double> bumps(int count) {
  std::vector<double> points;
  for (int n = 0; n < count; ++n) {
    for (int k = 0; k <= 30; ++k) {
      const double x = k / 30.0 - (n + 0.5) / count;
      points.push_back(std::exp(-8.0 * x * x));
    }
  }
  return points;
}

RadialBasisParameters parameters(Type type, int count) {
  RadialBasisParameters result{type};
  if (type == Type::kSpline) result.points = bumps(count);
  return result;
}

std::unique_ptr<RadialBasis> make(Type type, int count, double radius, int max_angular) {
  return make_radial_basis(parameters(type, count), count, radius, max_angular);
}

class RadialBases : public ::testing::TestWithParam<Type> {};

std::string name_of(const ::testing::TestParamInfo<Type>& info) {
  static const std::vector<std::string> names{"Gto",    "Monomial",    "Chebyshev", "Bernstein",
                                              "Bessel", "LegendreDvr", "Spline"};
  return names[static_cast<std::size_t>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(Types, RadialBases,
                         ::testing::Values(Type::kGto, Type::kMonomial, Type::kChebyshev,
                                           Type::kBernstein, Type::kBessel, Type::kSpline),
                         name_of);

TEST_P(RadialBases, AreOrthonormal) {
  for (int count : {1, 2, 5}) {
    for (double radius : {2.5, 6.0}) {
      const auto basis = make(GetParam(), count, radius, 3);
      const double end = GetParam() == Type::kGto ? 10.0 * radius : radius;
      for (int l : {0, 1, 3}) {
        for (int n = 0; n < count; ++n) {
          for (int m = 0; m < count; ++m) {
            double overlap = 0.0;
            std::vector<Jet> jets(static_cast<std::size_t>(count));
            for (int part = 0; part < 30; ++part) {  // pieces on which splines are smooth
              const Quadrature rule =
                  gauss_legendre(20, end * part / 30.0, end * (part + 1) / 30.0);
              for (std::size_t q = 0; q < rule.nodes.size(); ++q) {
                const double r = rule.nodes[q];
                basis->evaluate(l, r, jets.data());
                overlap += rule.weights[q] * r * r * jets[n].value * jets[m].value;
              }
            }
            EXPECT_NEAR(overlap, n == m ? 1.0 : 0.0, 1e-9) << count << " l " << l;
          }
        }
      }
    }
  }
}

TEST_P(RadialBases, DerivativesAreSlopes) {
  const auto basis = make(GetParam(), 5, 4.0, 3);
  std::vector<Jet> at(5), above(5), below(5);
  const double h = 1e-4;
  for (int l : {0, 2, 3}) {
    for (double r : {0.21, 1.3, 2.47, 3.9}) {
      basis->evaluate(l, r, at.data());
      basis->evaluate(l, r + h, above.data());
      basis->evaluate(l, r - h, below.data());
      for (std::size_t n = 0; n < 5; ++n) {
        EXPECT_NEAR(at[n].first, (above[n].value - below[n].value) / (2.0 * h), 1e-5);
        EXPECT_NEAR(at[n].second, (above[n].first - below[n].first) / (2.0 * h), 1e-4);
      }
    }
  }
}

TEST_P(RadialBases, ScaleWithTheRadius) {  // R(r; s r_c) = s^{−3/2} R(r/s; r_c)
  const auto small = make(GetParam(), 5, 2.0, 2);
  const auto large = make(GetParam(), 5, 5.0, 2);
  std::vector<Jet> a(5), b(5);
  for (double r : {0.0, 0.4, 1.1, 1.9}) {
    small->evaluate(2, r, a.data());
    large->evaluate(2, 2.5 * r, b.data());
    for (std::size_t n = 0; n < 5; ++n) {
      EXPECT_NEAR(b[n].value * std::pow(2.5, 1.5), a[n].value, 1e-9);
    }
  }
}

TEST_P(RadialBases, EndAtTheirRadius) {
  const auto basis = make(GetParam(), 3, 2.0, 0);
  if (GetParam() == Type::kGto) return;  // goes on
  std::vector<Jet> jets(3);
  basis->evaluate(0, 2.0 + 1e-9, jets.data());
  for (const Jet& jet : jets) EXPECT_EQ(jet.value, 0.0);
}

TEST(RadialBasis, GtoOfOneFunctionIsANormalisedGaussian) {
  const GtoBasis basis(1, 3.0);  // σ = r_c
  const double norm = std::sqrt(4.0 / (std::sqrt(std::acos(-1.0)) * 27.0));
  for (double r : {0.0, 1.0, 2.9}) {
    Jet jet;
    basis.evaluate(0, r, &jet);
    EXPECT_NEAR(jet.value, norm * std::exp(-r * r / 18.0), 1e-14);
  }
}

// j_l(z r) satisfies (r² R')' = (l(l+1) − z² r²) R and vanishes at the radius.
TEST(RadialBasis, BesselFunctionsAreEigenstatesOfTheLaplacian) {
  const auto basis = make(Type::kBessel, 4, 3.0, 4);
  for (int l : {0, 1, 4}) {
    std::vector<Jet> jets(4), other(4);
    basis->evaluate(l, 3.0, jets.data());
    for (const Jet& jet : jets) EXPECT_NEAR(jet.value, 0.0, 1e-12);
    const auto eigenvalue = [&](const Jet& jet, double r) {
      return (l * (l + 1) / (r * r)) - (jet.second + 2.0 * jet.first / r) / jet.value;
    };
    basis->evaluate(l, 1.1, jets.data());
    basis->evaluate(l, 1.7, other.data());
    double previous = 0.0;
    for (std::size_t n = 0; n < 4; ++n) {
      const double value = eigenvalue(jets[n], 1.1);
      EXPECT_NEAR(value, eigenvalue(other[n], 1.7), 1e-8 * value);
      EXPECT_GT(value, previous);
      previous = value;
    }
  }
}

TEST(RadialBasis, SplinesGoThroughTheirPoints) {
  // Values of one function: orthonormalisation only scales it.
  std::vector<double> points;
  for (int k = 0; k <= 40; ++k) points.push_back(std::sin(0.05 * k * 2.0));
  const SplineBasis basis(1, 2.0, points);
  Jet a, b;
  basis.evaluate(0, 0.5, &a);
  basis.evaluate(0, 1.225, &b);
  EXPECT_NEAR(a.value / b.value, std::sin(1.0) / std::sin(2.45), 1e-6);
}

TEST(RadialBasis, DvrIsDefinedByItsQuadrature) {
  const auto basis = make(Type::kLegendreDvr, 6, 4.0, 0);
  ASSERT_NE(basis->rule(), nullptr);
  const Quadrature& rule = *basis->rule();
  std::vector<Jet> jets(6);
  std::vector<double> overlap(36, 0.0);
  for (std::size_t q = 0; q < rule.nodes.size(); ++q) {
    basis->evaluate(0, rule.nodes[q], jets.data());
    for (std::size_t k = 0; k < 36; ++k) {
      overlap[k] +=
          rule.weights[q] * rule.nodes[q] * rule.nodes[q] * jets[k / 6].value * jets[k % 6].value;
    }
  }
  for (std::size_t k = 0; k < 36; ++k) EXPECT_NEAR(overlap[k], k / 6 == k % 6 ? 1.0 : 0.0, 1e-12);
}

TEST(RadialBasis, ContractionsAreSumsOfFunctions) {
  RadialBasisParameters contracted = parameters(Type::kGto, 3);
  const auto whole = make_radial_basis(contracted, 3, 4.0, 1);
  contracted.contracted_from = 3;
  contracted.contraction = {1, 0, 0, 0, 0.6, 0.8, /* l = 1 */ 0, 0, 1, 0.8, -0.6, 0};
  const auto basis = make_radial_basis(contracted, 2, 4.0, 1);
  ASSERT_EQ(basis->count(), 2u);
  std::vector<Jet> all(3), some(2);
  for (int l : {0, 1}) {
    whole->evaluate(l, 1.2, all.data());
    basis->evaluate(l, 1.2, some.data());
    const double* u = contracted.contraction.data() + 6 * l;
    for (int n = 0; n < 2; ++n) {
      EXPECT_NEAR(
          some[n].first,
          u[3 * n] * all[0].first + u[3 * n + 1] * all[1].first + u[3 * n + 2] * all[2].first,
          1e-14);
    }
  }
  // A second channel contracts in its own way.
  contracted.contraction.insert(contracted.contraction.end(), 12, 0.0);
  contracted.contraction[12 + 6 + 1] = 1.0;  // l = 1: the second function, then nothing
  const auto other = make_radial_basis(contracted, 2, 4.0, 1, 1);
  other->evaluate(1, 1.2, some.data());
  EXPECT_EQ(some[0].value, all[1].value);
  EXPECT_EQ(some[1].value, 0.0);
  EXPECT_THROW(make_radial_basis(contracted, 2, 4.0, 1, 2), Error);
  contracted.contraction.pop_back();
  EXPECT_THROW(make_radial_basis(contracted, 2, 4.0, 1), Error);
}

TEST(RadialBasis, RefusesMoreFunctionsThanDoublePrecisionCanTellApart) {
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
