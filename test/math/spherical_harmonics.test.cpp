#include "math/spherical_harmonics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

#include "common/error.hpp"
#include "math/quadrature.hpp"
#include "reference/json.hpp"

namespace soapstone {
namespace {

using Vector = std::array<double, 3>;

double length(const Vector& r) { return std::sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]); }

/// Values and gradients of many points at once.
struct Harmonics {
  std::size_t size, stride;
  AlignedVector values, gradients;

  Harmonics(int max_angular, const std::vector<Vector>& points) {
    const SphericalHarmonics harmonics(max_angular);
    size = harmonics.size();
    stride = padded(points.size());
    AlignedVector directions(3 * stride);
    for (std::size_t j = 0; j < stride; ++j) {
      const Vector& r = points[std::min(j, points.size() - 1)];
      for (std::size_t x = 0; x < 3; ++x) directions[x * stride + j] = r[x] / length(r);
    }
    values.resize(size * stride);
    gradients.resize(3 * size * stride);
    harmonics.compute(directions.data(), points.size(), stride, values.data(), gradients.data());
  }

  double value(std::size_t lm, std::size_t j) const { return values[lm * stride + j]; }
  double gradient(std::size_t axis, std::size_t lm, std::size_t j) const {
    return gradients[(axis * size + lm) * stride + j];
  }
};

TEST(SphericalHarmonics, FirstOnesAreTheTextbookOnes) {
  const Vector r{0.3, -0.5, 0.7};
  const Harmonics y(2, {r});
  const double d = length(r), pi = std::acos(-1.0);
  EXPECT_NEAR(y.value(0, 0), std::sqrt(0.25 / pi), 1e-15);
  EXPECT_NEAR(y.value(1, 0), std::sqrt(0.75 / pi) * r[1] / d, 1e-15);
  EXPECT_NEAR(y.value(2, 0), std::sqrt(0.75 / pi) * r[2] / d, 1e-15);
  EXPECT_NEAR(y.value(3, 0), std::sqrt(0.75 / pi) * r[0] / d, 1e-15);
  EXPECT_NEAR(y.value(4, 0), std::sqrt(3.75 / pi) * r[0] * r[1] / (d * d), 1e-15);
  EXPECT_NEAR(y.value(6, 0), std::sqrt(0.3125 / pi) * (3.0 * r[2] * r[2] / (d * d) - 1.0), 1e-15);
}

TEST(SphericalHarmonics, AgreeWithSphericartAndScipy) {
  const testing::Json fixture = testing::read_fixture("harmonics");
  std::vector<Vector> points;
  for (const testing::Json& point : fixture["points"].items) {
    points.push_back({point.at(0).number, point.at(1).number, point.at(2).number});
  }
  const Harmonics y(static_cast<int>(fixture["maxAngular"].number), points);
  for (std::size_t j = 0; j < points.size(); ++j) {
    for (std::size_t lm = 0; lm < y.size; ++lm) {
      const double value = fixture["values"].at(j).at(lm).number;
      EXPECT_NEAR(y.value(lm, j), value, 1e-13) << "point " << j << ", " << lm;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const double gradient = fixture["gradients"].at(j).at(axis).at(lm).number;
        EXPECT_NEAR(y.gradient(axis, lm, j), gradient * length(points[j]), 2e-12)
            << "point " << j << ", " << lm;
      }
    }
  }
}

TEST(SphericalHarmonics, GradientsAreTheSlopesOfValues) {
  constexpr int kMaxAngular = 10;
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  std::vector<Vector> points{{0, 0, 2}, {0, 0, -0.5}, {1.5, 0, 0}, {0, -3, 0}};
  while (points.size() < 12) points.push_back({normal(random), normal(random), normal(random)});
  const Harmonics y(kMaxAngular, points);
  for (std::size_t j = 0; j < points.size(); ++j) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double r = length(points[j]);
      const auto at = [&](double h) {
        Vector moved = points[j];
        moved[axis] += h * r;
        return Harmonics(kMaxAngular, {moved});
      };
      const double h = 5e-4;
      const Harmonics far_below = at(-2 * h), below = at(-h), above = at(h), far_above = at(2 * h);
      for (std::size_t lm = 0; lm < y.size; ++lm) {
        const double slope = (8.0 * (above.value(lm, 0) - below.value(lm, 0)) -
                              (far_above.value(lm, 0) - far_below.value(lm, 0))) /
                             (12.0 * h);
        EXPECT_NEAR(y.gradient(axis, lm, j), slope, 5e-9) << "point " << j << ", " << lm;
      }
    }
  }
}

TEST(SphericalHarmonics, AreOrthonormalOnTheSphere) {
  constexpr int kMaxAngular = 12;
  // Exact up to degree 2 · 12: Gauss–Legendre in z, equal steps in the azimuth.
  const Quadrature z = gauss_legendre(kMaxAngular + 1, -1.0, 1.0);
  constexpr std::size_t kSteps = 2 * kMaxAngular + 1;
  std::vector<Vector> points;
  std::vector<double> weights;
  const double pi = std::acos(-1.0);
  for (std::size_t q = 0; q < z.nodes.size(); ++q) {
    for (std::size_t k = 0; k < kSteps; ++k) {
      const double s = std::sqrt(1.0 - z.nodes[q] * z.nodes[q]), phi = 2.0 * pi * k / kSteps;
      points.push_back({s * std::cos(phi), s * std::sin(phi), z.nodes[q]});
      weights.push_back(z.weights[q] * 2.0 * pi / kSteps);
    }
  }
  const Harmonics y(kMaxAngular, points);
  for (std::size_t a = 0; a < y.size; ++a) {
    for (std::size_t b = 0; b <= a; ++b) {
      double overlap = 0.0;
      for (std::size_t j = 0; j < points.size(); ++j) {
        overlap += weights[j] * y.value(a, j) * y.value(b, j);
      }
      ASSERT_NEAR(overlap, a == b ? 1.0 : 0.0, 1e-13) << a << ", " << b;
    }
  }
}

TEST(SphericalHarmonics, ObeyTheAdditionTheoremUpToTheLargestOrder) {
  constexpr int kMaxAngular = 24;
  const Harmonics y(kMaxAngular, {{0.1, 0.2, -0.9}, {-0.4, 0.3, 0.2}, {0, 0, 1}, {1, 0, 0}});
  const double pi = std::acos(-1.0);
  for (std::size_t j = 0; j < 4; ++j) {
    for (int l = 0; l <= kMaxAngular; ++l) {
      double square = 0.0;
      for (int lm = l * l; lm < (l + 1) * (l + 1); ++lm) square += y.value(lm, j) * y.value(lm, j);
      EXPECT_NEAR(square * 4.0 * pi / (2 * l + 1), 1.0, 1e-12) << "l = " << l;
    }
  }
}

TEST(SphericalHarmonics, RefuseOrdersOutOfRange) {
  EXPECT_THROW(SphericalHarmonics(-1), Error);
  EXPECT_THROW(SphericalHarmonics(25), Error);
}

}  // namespace
}  // namespace soapstone
