#include "representations/power_spectrum.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "structures/systems.hpp"

namespace soapstone {
namespace {

const DensityParameters kDensity{{3.0, 0.6}, {}, 0.5, 1.0};

/// Parameters: largest angular momentum, number of radial functions.
class PowerSpectra : public ::testing::TestWithParam<std::pair<int, int>> {
 protected:
  PowerSpectrum representation{kDensity, {GetParam().first, GetParam().second, 1e-6}, {1, 6, 8}};
  const SphericalExpansion& expansion = representation.expansion();

  Environment environment(unsigned seed) const {
    const testing::System system = testing::cluster(seed, 9, {6, 1, 8, 1});
    NeighbourList list;
    find_neighbours(system.view(), expansion.cutoff(), list);
    Environment result;
    expansion.compute(system.view(), list, 4, false, result);
    return result;
  }

  std::vector<double> values(const Environment& environment) const {
    std::vector<double> features(representation.features());
    representation.values(environment, features.data());
    return features;
  }

  double coefficient(const Environment& e, std::size_t channel, std::size_t n, int lm) const {
    return e.coefficients[channel * expansion.channel_size() +
                          static_cast<std::size_t>(lm) * expansion.radial_stride() + n];
  }

  /// Random changes of the coefficients of the given channels.
  AlignedVector direction(std::size_t from, std::size_t to) const {
    std::mt19937 random(9);
    std::normal_distribution<double> normal;
    AlignedVector result(expansion.coefficients_size(), 0.0);
    for (std::size_t k = from * expansion.channel_size(); k < to * expansion.channel_size(); ++k) {
      if (k % expansion.radial_stride() < expansion.radial_count()) result[k] = normal(random);
    }
    return result;
  }

  /// ∂p along a direction: p is quadratic in c, so that the central difference is exact.
  std::vector<double> change(const Environment& e, const AlignedVector& direction) const {
    Environment above = e, below = e;
    for (std::size_t k = 0; k < direction.size(); ++k) {
      above.coefficients[k] += direction[k];
      below.coefficients[k] -= direction[k];
    }
    std::vector<double> difference = values(above);
    const std::vector<double> subtract = values(below);
    for (std::size_t k = 0; k < difference.size(); ++k) {
      difference[k] = 0.5 * (difference[k] - subtract[k]);
    }
    return difference;
  }
};

INSTANTIATE_TEST_SUITE_P(Sizes, PowerSpectra,
                         ::testing::Values(std::pair(3, 4), std::pair(0, 1), std::pair(2, 8),
                                           std::pair(1, 9)),
                         [](const auto& info) {
                           return "l" + std::to_string(info.param.first) + "n" +
                                  std::to_string(info.param.second);
                         });

TEST_P(PowerSpectra, AreTheContractionsInTheOrderOfTheirLabels) {
  const Environment e = environment(1);
  const std::vector<double> features = values(e);
  const std::size_t count = expansion.radial_count();
  std::size_t k = 0;
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t b = a; b < 3; ++b) {
      for (int l = 0; l <= expansion.max_angular(); ++l) {
        for (std::size_t n = 0; n < count; ++n) {
          for (std::size_t m = a == b ? n : 0; m < count; ++m) {
            double sum = 0.0;
            for (int lm = l * l; lm < (l + 1) * (l + 1); ++lm) {
              sum += coefficient(e, a, n, lm) * coefficient(e, b, m, lm);
            }
            const double twice = a == b && n == m ? 1.0 : std::sqrt(2.0);
            EXPECT_NEAR(features[k++], twice * sum / std::sqrt(2.0 * l + 1.0), 1e-14);
          }
        }
      }
    }
  }
  EXPECT_EQ(k, representation.features());
}

TEST_P(PowerSpectra, DotProductIsTheFullContraction) {
  const Environment first = environment(2), second = environment(3);
  const std::vector<double> p = values(first), q = values(second);
  const std::size_t count = expansion.radial_count();
  double full = 0.0;
  for (int l = 0; l <= expansion.max_angular(); ++l) {
    for (std::size_t an = 0; an < 3 * count; ++an) {
      for (std::size_t bm = 0; bm < 3 * count; ++bm) {
        double x = 0.0, y = 0.0;
        for (int lm = l * l; lm < (l + 1) * (l + 1); ++lm) {
          x += coefficient(first, an / count, an % count, lm) *
               coefficient(first, bm / count, bm % count, lm);
          y += coefficient(second, an / count, an % count, lm) *
               coefficient(second, bm / count, bm % count, lm);
        }
        full += x * y / (2 * l + 1);
      }
    }
  }
  EXPECT_NEAR(std::inner_product(p.begin(), p.end(), q.begin(), 0.0), full, 1e-13 * full);
}

TEST_P(PowerSpectra, AdjointIsTheTransposedDerivative) {
  const Environment e = environment(4);
  std::mt19937 random(5);
  std::normal_distribution<double> normal;
  std::vector<double> weights(representation.features());
  for (double& weight : weights) weight = normal(random);
  AlignedVector gradient(expansion.coefficients_size(), 7.0);
  representation.adjoint(e, weights.data(), gradient.data());

  const AlignedVector along = direction(0, 3);
  const std::vector<double> moved = change(e, along);
  const double expected = std::inner_product(moved.begin(), moved.end(), weights.begin(), 0.0);
  EXPECT_NEAR(std::inner_product(gradient.begin(), gradient.end(), along.begin(), 0.0), expected,
              1e-12 * std::abs(expected) + 1e-12);
}

TEST_P(PowerSpectra, JacobianIsTheDerivativeOfTheFeaturesThatAChannelTouches) {
  const Environment e = environment(6);
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const AlignedVector along = direction(channel, channel + 1);
    const std::vector<double> expected = change(e, along);
    AlignedVector derivative(3 * expansion.channel_size());
    for (std::size_t axis = 0; axis < 3; ++axis) {
      for (std::size_t k = 0; k < expansion.channel_size(); ++k) {
        derivative[axis * expansion.channel_size() + k] =
            static_cast<double>(axis + 1) * along[channel * expansion.channel_size() + k];
      }
    }
    const std::vector<std::size_t>& touched = representation.touched(channel);
    EXPECT_TRUE(std::is_sorted(touched.begin(), touched.end()));
    const std::size_t step = touched.size() + 3;
    std::vector<double> rows(3 * step, 7.0);
    representation.jacobian(e, channel, derivative.data(), rows.data(), step);
    std::vector<bool> seen(representation.features(), false);
    for (std::size_t k = 0; k < touched.size(); ++k) {
      seen[touched[k]] = true;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        EXPECT_NEAR(rows[axis * step + k], static_cast<double>(axis + 1) * expected[touched[k]],
                    1e-13);
      }
    }
    for (std::size_t k = 0; k < seen.size(); ++k) {
      if (!seen[k]) {
        EXPECT_EQ(expected[k], 0.0) << k << " is touched by channel " << channel;
      }
    }
  }
}

}  // namespace
}  // namespace soapstone
