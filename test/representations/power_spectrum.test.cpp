#include "representations/power_spectrum.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "representations/quadratic_features.hpp"

namespace soapstone {
namespace {

const DensityParameters kDensity{{3.0, 0.6}, {}, 0.5, 1.0};

/// Parameters: largest angular momentum, number of radial functions.
class PowerSpectra : public ::testing::TestWithParam<std::pair<int, int>> {
 protected:
  PowerSpectrum representation{kDensity, {GetParam().first, GetParam().second, 1e-6}, {1, 6, 8}};
  const SphericalExpansion& expansion = representation.expansion();

  Environment environment(unsigned seed) const {
    return testing::environment_in_cluster(expansion, seed);
  }

  std::vector<double> values(const Environment& environment) const {
    return testing::values_of(representation, environment);
  }

  double coefficient(const Environment& e, std::size_t channel, std::size_t n, int lm) const {
    return e.coefficients[channel * expansion.channel_size() +
                          static_cast<std::size_t>(lm) * expansion.radial_stride() + n];
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
  testing::expect_adjoint_is_the_transposed_derivative(representation, environment(4), 1e-13);
}

TEST_P(PowerSpectra, JacobianIsTheDerivativeOfTheFeaturesThatAChannelTouches) {
  testing::expect_jacobian_is_the_derivative(representation, environment(6), 1e-13);
}

}  // namespace
}  // namespace soapstone
