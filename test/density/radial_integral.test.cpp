#include "density/radial_integral.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "density/orthonormal_basis.hpp"
#include "density/reference.hpp"
#include "finite_differences.hpp"

namespace soapstone {
namespace {

/// Values and, unless null, derivatives at one distance.
void evaluate(const RadialIntegral& integral, double r, double* values, double* derivatives) {
  const AlignedVector distances(kLanes, r);
  integral.evaluate(distances.data(), 1, values, derivatives);
}

struct Case {
  const char* name;
  DensityParameters density;
  BasisParameters basis;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

const RadialScaling kWillatt{true, 2.0, 1.5, 4.0};
const RadialScaling kPowerLaw{true, 2.0, 0.0, 3.0};
const Case kCases[] = {
    {"silicon", {{5.0, 0.5}, {}, 0.4, 1.0}, {6, 8, 1e-8}},
    {"narrow", {{3.5, 0.3}, {}, 0.15, 1.0}, {4, 5, 1e-8}},
    {"wide", {{4.0, 1.0}, {}, 1.1, 1.0}, {3, 4, 1e-8}},
    {"wide_with_many_functions", {{5.0, 1.0}, {}, 1.3, 1.0}, {2, 14, 1e-10}},
    {"large", {{5.0, 0.5}, {}, 0.4, 1.0}, {9, 12, 1e-10}},
    {"scaled", {{4.0, 0.5}, kWillatt, 0.4, 1.0}, {4, 4, 1e-8}},
    {"scaled_linearly", {{4.0, 0.5}, {true, 2.0, 1.5, 1.0}, 0.4, 1.0}, {4, 4, 1e-8}},
    {"scaled_quadratically", {{4.0, 0.5}, {true, 2.0, 1.5, 2.0}, 0.4, 1.0}, {4, 4, 1e-8}},
    {"power_law", {{4.0, 0.5}, kPowerLaw, 0.4, 1.0}, {2, 3, 1e-8}},
    {"cosine_throughout", {{4.0, 4.0}, {}, 0.5, 1.0}, {3, 4, 1e-8}},
    {"tight_spline", {{4.0, 0.5}, {}, 0.4, 1.0}, {4, 6, 1e-11}},
    {"loose_spline", {{4.0, 0.5}, {}, 0.4, 1.0}, {4, 6, 1e-4}},
    {"radial_only", {{4.0, 0.5}, {}, 0.4, 1.0}, {0, 8, 1e-8}},
};

Case with_basis(const char* name, RadialBasisParameters::Type type, double sigma) {
  Case result{name, {{4.0, 0.8}, {}, sigma, 1.0}, {3, 4, 1e-8}};
  result.basis.radial.type = type;
  return result;
}

using Basis = RadialBasisParameters::Type;
const Case kBases[] = {
    with_basis("monomial", Basis::kMonomial, 0.4), with_basis("chebyshev", Basis::kChebyshev, 0.4),
    with_basis("bernstein", Basis::kBernstein, 0.4), with_basis("bessel", Basis::kBessel, 0.4),
    with_basis("narrow_bessel", Basis::kBessel, 0.2)};

class RadialIntegrals : public ::testing::TestWithParam<Case> {
 protected:
  DensityParameters density = GetParam().density;
  BasisParameters basis = GetParam().basis;
  std::size_t count = static_cast<std::size_t>(basis.radial_count);
  std::size_t angles = static_cast<std::size_t>(basis.max_angular + 1);
  std::unique_ptr<RadialBasis> made =
      make_radial_basis(basis.radial, basis.radial_count, density.cutoff.radius, basis.max_angular);
  const RadialBasis& radial = *made;
  RadialIntegral integral{density, basis, radial};

  /// The table starts at 0, or where no atoms are for a scaling that diverges there.
  double begin() const {
    return density.scaling.enabled && density.scaling.rate == 0.0 ? 0.1 : 0.0;
  }

  std::vector<double> distances() const {
    const double rc = density.cutoff.radius, onset = density.cutoff.onset();
    std::vector<double> all;
    for (double r = begin(); r < rc; r += 0.0973) all.push_back(r);
    for (double r : {onset - 1e-3, onset - 1e-12, onset, onset + 1e-12, onset + 1e-3, rc - 1e-2,
                     rc - 1e-6, std::nextafter(rc, 0.0)}) {
      if (r >= begin()) all.push_back(r);
    }
    return all;
  }

  double value(double r, std::size_t k) const {
    AlignedVector values(integral.row());
    evaluate(integral, r, values.data(), nullptr);
    return values[k];
  }
};

INSTANTIATE_TEST_SUITE_P(Hyperparameters, RadialIntegrals, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return info.param.name; });
INSTANTIATE_TEST_SUITE_P(Bases, RadialIntegrals, ::testing::ValuesIn(kBases),
                         [](const auto& info) { return info.param.name; });

TEST_P(RadialIntegrals, AreTheProjectionsOfTheGaussianToTheAccuracyAskedFor) {
  AlignedVector values(integral.row());
  double error = 0.0, largest = 0.0;
  for (double r : distances()) {
    const std::vector<double> exact = testing::radial_integrals(density, basis, radial, r);
    evaluate(integral, r, values.data(), nullptr);
    for (std::size_t l = 0; l < angles; ++l) {
      for (std::size_t n = 0; n < count; ++n) {
        const double expected = exact[l * count + n];
        error = std::max(error, std::abs(values[l * integral.radial_stride() + n] - expected));
        largest = std::max(largest, std::abs(expected));
      }
    }
  }
  EXPECT_LT(error, basis.accuracy * largest);
}

TEST_P(RadialIntegrals, DerivativesAreThoseOfTheSplineItself) {
  AlignedVector values(integral.row()), derivatives(integral.row());
  const double onset = density.cutoff.onset();
  double error = 0.0, largest = 0.0;
  for (double r : distances()) {
    constexpr double kStep = 2e-4;
    const bool whole = r - 2 * kStep >= begin() && r + 2 * kStep < density.cutoff.radius;
    if (!whole || std::abs(r - onset) < 2 * kStep) continue;
    evaluate(integral, r, values.data(), derivatives.data());
    for (std::size_t k = 0; k < integral.row(); ++k) {
      const double slope = testing::slope_at_zero([&](double h) { return value(r + h, k); }, kStep);
      error = std::max(error, std::abs(derivatives[k] - slope));
      largest = std::max(largest, std::abs(slope));
    }
  }
  // The third derivative of the spline jumps at its knots, the more the looser it is.
  EXPECT_LT(error, (basis.accuracy > 1e-5 ? 1e-4 : 1e-8) * largest);
}

TEST_P(RadialIntegrals, AndTheirSlopesAreContinuousAtTheOnsetAndZeroAtTheCutoff) {
  const std::size_t row = integral.row();
  AlignedVector values[2], slopes[2];
  const double onset = density.cutoff.onset();
  const double ends[] = {std::max(begin(), std::nextafter(onset, 0.0)), std::max(begin(), onset)};
  double scale = 0.0;
  for (int side = 0; side < 2; ++side) {
    values[side].resize(row);
    slopes[side].resize(row);
    evaluate(integral, ends[side], values[side].data(), slopes[side].data());
    for (std::size_t k = 0; k < row; ++k) {
      scale = std::max({scale, std::abs(values[side][k]), std::abs(slopes[side][k])});
    }
  }
  for (std::size_t k = 0; k < row; ++k) {
    EXPECT_NEAR(values[0][k], values[1][k], 1e-12 * scale);
    EXPECT_NEAR(slopes[0][k], slopes[1][k], 1e-11 * scale);
  }
  evaluate(integral, std::nextafter(density.cutoff.radius, 0.0), values[0].data(),
           slopes[0].data());
  for (std::size_t k = 0; k < row; ++k) {
    EXPECT_NEAR(values[0][k], 0.0, 1e-13);
    EXPECT_NEAR(slopes[0][k], 0.0, 1e-12);
  }
}

TEST_P(RadialIntegrals, PaddingStaysZero) {
  AlignedVector values(integral.row(), 7.0), derivatives(integral.row(), 7.0);
  evaluate(integral, 1.3, values.data(), derivatives.data());
  for (std::size_t l = 0; l < angles; ++l) {
    for (std::size_t n = count; n < integral.radial_stride(); ++n) {
      EXPECT_EQ(values[l * integral.radial_stride() + n], 0.0);
      EXPECT_EQ(derivatives[l * integral.radial_stride() + n], 0.0);
    }
  }
}

TEST_P(RadialIntegrals, OfManyDistancesAreThoseOfEach) {
  std::vector<double> all = distances();
  std::reverse(all.begin() + 3, all.end());  // no order is needed
  AlignedVector padded_distances(padded(all.size()), 1.0);
  std::copy(all.begin(), all.end(), padded_distances.begin());
  const std::size_t row = integral.row();
  AlignedVector values(all.size() * row), derivatives(all.size() * row), only(all.size() * row);
  integral.evaluate(padded_distances.data(), all.size(), values.data(), derivatives.data());
  integral.evaluate(padded_distances.data(), all.size(), only.data(), nullptr);
  EXPECT_EQ(values, only);
  AlignedVector value(row), derivative(row);
  for (std::size_t j = 0; j < all.size(); ++j) {
    evaluate(integral, all[j], value.data(), derivative.data());
    EXPECT_TRUE(std::equal(value.begin(), value.end(), values.begin() + j * row));
    EXPECT_TRUE(std::equal(derivative.begin(), derivative.end(), derivatives.begin() + j * row));
  }
}

TEST(RadialIntegral, KeepsItsValueWhereAPowerLawIsCutShort) {
  const DensityParameters density{{4.0, 0.5}, kPowerLaw, 0.4, 1.0};
  const RadialIntegral integral(density, {2, 3, 1e-8}, GtoBasis(3, 4.0));
  AlignedVector edge(integral.row()), values(integral.row()), slopes(integral.row());
  evaluate(integral, 0.1, edge.data(), nullptr);
  for (double r : {0.0, 0.05, std::nextafter(0.1, 0.0)}) {
    evaluate(integral, r, values.data(), slopes.data());
    EXPECT_EQ(values, edge);
    EXPECT_EQ(slopes, AlignedVector(integral.row(), 0.0));
  }
  EXPECT_NE(edge[0], 0.0);
}

TEST(RadialIntegral, OfTheCentreIsItsLimitAtZero) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    DensityParameters density = c.density;
    density.scaling.enabled = false;
    const auto count = static_cast<std::size_t>(c.basis.radial_count);
    const GtoBasis radial(count, density.cutoff.radius);
    std::vector<double> central(count);
    central_integrals(density, radial, central.data());
    const std::vector<double> expected =
        testing::radial_integrals(density, {0, c.basis.radial_count, 1e-8}, radial, 0.0);
    for (std::size_t n = 0; n < count; ++n) EXPECT_NEAR(central[n], expected[n], 1e-11);
  }
}

TEST(RadialIntegral, AtZeroOnlyLZeroHasAValueAndOnlyLOneASlope) {
  const DensityParameters density;
  const BasisParameters basis{3, 4, 1e-10};
  const RadialIntegral integral(density, basis, GtoBasis(4, density.cutoff.radius));
  AlignedVector values(integral.row()), slopes(integral.row());
  evaluate(integral, 0.0, values.data(), slopes.data());
  for (std::size_t l = 0; l <= 3; ++l) {
    for (std::size_t n = 0; n < 4; ++n) {
      const double value = values[l * integral.radial_stride() + n];
      const double slope = slopes[l * integral.radial_stride() + n];
      EXPECT_EQ(value != 0.0, l == 0) << "l = " << l << ": " << value;
      EXPECT_EQ(slope != 0.0, l == 1) << "l = " << l << ": " << slope;
    }
  }
}

TEST(RadialIntegral, ATransitionMayBeginWhereAPowerLawIsCutShort) {
  const DensityParameters density{{4.0, 3.95}, kPowerLaw, 0.5, 1.0};
  const BasisParameters basis{2, 3, 1e-8};
  const GtoBasis radial(3, 4.0);
  const RadialIntegral integral(density, basis, radial);
  AlignedVector values(integral.row());
  for (double r : {0.2, 1.0, 3.0}) {
    const std::vector<double> exact = testing::radial_integrals(density, basis, radial, r);
    evaluate(integral, r, values.data(), nullptr);
    for (std::size_t k = 0; k < 9; ++k) {  // the largest values, near the atom, are about 1e4
      EXPECT_NEAR(values[k / 3 * integral.radial_stride() + k % 3], exact[k], 1e-4);
    }
  }
}

TEST(RadialIntegral, SaysWhenTheAccuracyCannotBeReached) {
  const DensityParameters density{{5.0, 1e-6}, {}, 0.4, 1.0};
  try {
    RadialIntegral(density, {0, 1, 1e-17}, GtoBasis(1, 5.0));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNumerical);
    EXPECT_NE(std::string(error.what()).find("accuracy of 1e-17"), std::string::npos)
        << error.what();
  }
}

TEST(RadialIntegral, InTheDeltaLimitIsTheBasisItself) {
  for (const auto type : {Basis::kGto, Basis::kChebyshev, Basis::kBessel}) {
    BasisParameters basis{3, 4, 1e-9};
    basis.radial.type = type;
    const DensityParameters density{{4.0, 4.0, Cutoff::Type::kPolynomial}, {}, 0.0, 1.0};
    const auto radial = make_radial_basis(basis.radial, 4, 4.0, 3);
    const RadialIntegral integral(density, basis, *radial);
    AlignedVector values(integral.row()), slopes(integral.row());
    std::vector<Jet> jets(4);
    for (double r : {0.0, 0.7, 2.1, 3.95}) {
      evaluate(integral, r, values.data(), slopes.data());
      for (int l = 0; l <= 3; ++l) {
        radial->evaluate(l, r, jets.data());
        for (std::size_t n = 0; n < 4; ++n) {
          const Jet expected = jets[n] * density.cutoff(r);
          const std::size_t at = static_cast<std::size_t>(l) * integral.radial_stride() + n;
          EXPECT_NEAR(values[at], expected.value, 1e-8);
          EXPECT_NEAR(slopes[at], expected.first, 1e-7);
        }
      }
    }
  }
}

}  // namespace
}  // namespace soapstone
