#include "representations/coupled_power_spectrum.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "representations/power_spectrum.hpp"
#include "structures/systems.hpp"

namespace soapstone {
namespace {

using Pairing = DensityCoupling::Pairing;

const DensityParameters kDensity{{3.0, 0.6}, {}, 0.5, 1.0};
const std::vector<std::int32_t> kSpecies{1, 6, 8};
constexpr std::size_t kChannels = 3;

/// Weights W_q,αn as a function of the group, q, α and n, for n radial functions.
DensityWeights filled(
    const std::vector<std::size_t>& counts, std::size_t n,
    const std::function<double(std::size_t, std::size_t, std::size_t, std::size_t)>& weight) {
  DensityWeights result{counts, {}};
  for (std::size_t g = 0; g < counts.size(); ++g) {
    for (std::size_t q = 0; q < counts[g]; ++q) {
      for (std::size_t a = 0; a < kChannels; ++a) {
        for (std::size_t k = 0; k < n; ++k) result.weights.push_back(weight(g, q, a, k));
      }
    }
  }
  return result;
}

/// Every channel as it stands.
DensityWeights channels(std::size_t n) {
  return filled({n, n, n}, n, [](auto g, auto q, auto a, auto k) { return g == a && q == k; });
}

/// The sum over channels.
DensityWeights sum_of_channels(std::size_t n) {
  return filled({n}, n, [](auto, auto q, auto, auto k) { return q == k; });
}

/// The sum over radial functions of each channel.
DensityWeights sums_of_radial(std::size_t n) {
  return filled({kChannels}, n, [](auto, auto q, auto a, auto) { return q == a; });
}

/// Numbers without a pattern, and a channel that one group lacks.
DensityWeights random_weights(const std::vector<std::size_t>& counts, std::size_t n,
                              unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  return filled(counts, n, [&](auto g, auto, auto a, auto) {
    const double x = normal(random);
    return g == 1 && a == 2 ? 0.0 : x;
  });
}

struct Case {
  std::string name;
  std::size_t n;
  int max_angular;
  DensityCoupling coupling;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"Channels", 4, 3, {channels(4), {}, Pairing::kAll}},
      {"ManyFunctions", 9, 1, {channels(9), {}, Pairing::kAll}},
      {"SameElement", 4, 3, {channels(4), {}, Pairing::kSameGroup}},
      {"SumTimesChannels", 3, 2, {sum_of_channels(3), channels(3), Pairing::kAll}},
      {"SumOfEverything", 8, 2, {sum_of_channels(8), {}, Pairing::kAll}},
      {"RadialSumsTimesChannels", 4, 2, {sums_of_radial(4), channels(4), Pairing::kAll}},
      {"Mixed", 4, 3, {random_weights({11, 5}, 4, 1), {}, Pairing::kAll}},
      {"TwoMixtures", 3, 2, {random_weights({3, 9}, 3, 2), random_weights({17}, 3, 3)}},
      {"MixedSameGroup", 3, 2, {random_weights({6, 3}, 3, 4), {}, Pairing::kSameGroup}},
      {"TwoMixedSameGroup",
       3,
       2,
       {random_weights({6, 3}, 3, 5), random_weights({6, 3}, 3, 6), Pairing::kSameGroup}},
      {"Squares", 3, 2, {random_weights({10}, 3, 7), {}, Pairing::kElementwise}},
      {"Projected",
       3,
       2,
       {random_weights({12, 7}, 3, 8), random_weights({12, 7}, 3, 9), Pairing::kElementwise}},
      {"ScaledChannels",
       2,
       1,
       {filled({2, 2}, 2,
               [](auto g, auto q, auto a, auto k) { return q == k ? double(a + g) - 1.0 : 0.0; }),
        {},
        Pairing::kAll}},
  };
  return all;
}

/// Parameter: index of the case.
class CoupledPowerSpectra : public ::testing::TestWithParam<std::size_t> {
 protected:
  const Case& given = cases()[GetParam()];
  const DensityCoupling& coupling = given.coupling;
  CoupledPowerSpectrum representation{
      kDensity, {given.max_angular, static_cast<int>(given.n), 1e-6}, kSpecies, coupling};
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

  /// Σ_αn W_q,αn c^α_nlm, q counted over all groups.
  double density(const DensityWeights& weights, const Environment& e, std::size_t q, int lm) const {
    double sum = 0.0;
    for (std::size_t a = 0; a < kChannels; ++a) {
      for (std::size_t k = 0; k < given.n; ++k) {
        sum += weights.weights[(q * kChannels + a) * given.n + k] *
               e.coefficients[a * expansion.channel_size() +
                              static_cast<std::size_t>(lm) * expansion.radial_stride() + k];
      }
    }
    return sum;
  }

  /// The features as their definition has them.
  std::vector<double> expected(const Environment& e) const {
    const bool same = coupling.second.counts.empty();
    const DensityWeights& first = coupling.first;
    const DensityWeights& second = same ? first : coupling.second;
    const auto start = [](const DensityWeights& weights, std::size_t group) {
      return std::accumulate(weights.counts.begin(),
                             weights.counts.begin() + static_cast<std::ptrdiff_t>(group),
                             std::size_t{0});
    };
    std::vector<double> result;
    for (std::size_t g = 0; g < first.counts.size(); ++g) {
      for (std::size_t h = 0; h < second.counts.size(); ++h) {
        if (coupling.pairing != Pairing::kAll ? h != g : same && h < g) continue;
        for (int l = 0; l <= given.max_angular; ++l) {
          for (std::size_t q = 0; q < first.counts[g]; ++q) {
            for (std::size_t r = 0; r < second.counts[h]; ++r) {
              const bool elementwise = coupling.pairing == Pairing::kElementwise;
              if (elementwise ? r != q : same && g == h && r < q) continue;
              double sum = 0.0;
              for (int lm = l * l; lm < (l + 1) * (l + 1); ++lm) {
                sum += density(first, e, start(first, g) + q, lm) *
                       density(second, e, start(second, h) + r, lm);
              }
              const bool twice = same && !elementwise && (g != h || q != r);
              result.push_back((twice ? std::sqrt(2.0) : 1.0) * sum / std::sqrt(2.0 * l + 1.0));
            }
          }
        }
      }
    }
    return result;
  }

  /// Random changes of the coefficients of the given channels.
  AlignedVector direction(std::size_t from, std::size_t to) const {
    std::mt19937 random(9);
    std::normal_distribution<double> normal;
    AlignedVector result(expansion.coefficients_size(), 0.0);
    for (std::size_t k = from * expansion.channel_size(); k < to * expansion.channel_size(); ++k) {
      if (k % expansion.radial_stride() < given.n) result[k] = normal(random);
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

INSTANTIATE_TEST_SUITE_P(Couplings, CoupledPowerSpectra, ::testing::Range<std::size_t>(0, 13),
                         [](const auto& info) { return cases()[info.param].name; });

TEST_P(CoupledPowerSpectra, AreTheirDefinition) {
  const Environment e = environment(1);
  const std::vector<double> features = values(e), defined = expected(e);
  ASSERT_EQ(features.size(), defined.size());
  for (std::size_t k = 0; k < features.size(); ++k) {
    EXPECT_NEAR(features[k], defined[k], 1e-13 * (1.0 + std::abs(defined[k]))) << k;
  }
}

TEST_P(CoupledPowerSpectra, AdjointIsTheTransposedDerivative) {
  const Environment e = environment(4);
  std::mt19937 random(5);
  std::normal_distribution<double> normal;
  std::vector<double> weights(representation.features());
  for (double& weight : weights) weight = normal(random);
  AlignedVector gradient(expansion.coefficients_size(), 7.0);
  representation.adjoint(e, weights.data(), gradient.data());

  const AlignedVector along = direction(0, kChannels);
  const std::vector<double> moved = change(e, along);
  const double expected = std::inner_product(moved.begin(), moved.end(), weights.begin(), 0.0);
  EXPECT_NEAR(std::inner_product(gradient.begin(), gradient.end(), along.begin(), 0.0), expected,
              1e-11 * std::abs(expected) + 1e-11);
}

TEST_P(CoupledPowerSpectra, JacobianIsTheDerivativeOfTheFeaturesThatAChannelTouches) {
  for (const unsigned seed : {6u, 7u}) {  // densities are kept from call to call
    const Environment e = environment(seed);
    for (std::size_t channel = 0; channel < kChannels; ++channel) {
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
      for (int again = 0; again < 2; ++again) {
        std::vector<double> rows(3 * step, 7.0);
        representation.jacobian(e, channel, derivative.data(), rows.data(), step);
        for (std::size_t axis = 0; axis < 3; ++axis) {
          for (std::size_t k = 0; k < touched.size(); ++k) {
            const double exact = static_cast<double>(axis + 1) * expected[touched[k]];
            EXPECT_NEAR(rows[axis * step + k], exact, 1e-12 * (1.0 + std::abs(exact)));
          }
          EXPECT_EQ(rows[axis * step + touched.size()], 7.0);
        }
      }
      std::vector<bool> seen(representation.features(), false);
      for (const std::size_t k : touched) seen[k] = true;
      for (std::size_t k = 0; k < seen.size(); ++k) {
        if (!seen[k]) {
          EXPECT_EQ(expected[k], 0.0) << k << " is touched by channel " << channel;
        }
      }
    }
  }
}

TEST(CoupledPowerSpectrum, OfChannelsIsThePowerSpectrum) {
  const BasisParameters basis{3, 5, 1e-6};
  const PowerSpectrum plain(kDensity, basis, kSpecies);
  const CoupledPowerSpectrum coupled(kDensity, basis, kSpecies, {channels(5), {}, Pairing::kAll});
  const testing::System system = testing::cluster(3, 9, {6, 1, 8, 1});
  NeighbourList list;
  find_neighbours(system.view(), kDensity.cutoff.radius, list);
  Environment e;
  plain.expansion().compute(system.view(), list, 4, false, e);
  ASSERT_EQ(plain.features(), coupled.features());
  std::vector<double> p(plain.features()), q(plain.features());
  plain.values(e, p.data());
  coupled.values(e, q.data());
  for (std::size_t k = 0; k < p.size(); ++k) EXPECT_NEAR(p[k], q[k], 1e-15) << k;
  for (std::size_t a = 0; a < kChannels; ++a) EXPECT_EQ(plain.touched(a), coupled.touched(a));
}

TEST(CoupledPowerSpectrum, RefusesWeightsOfAnotherSize) {
  const BasisParameters basis{2, 4, 1e-6};
  EXPECT_THROW(CoupledPowerSpectrum(kDensity, basis, kSpecies, {channels(5), {}, Pairing::kAll}),
               Error);
  EXPECT_THROW(CoupledPowerSpectrum(
                   kDensity, basis, kSpecies,
                   {random_weights({3}, 4, 1), random_weights({4}, 4, 2), Pairing::kElementwise}),
               Error);
}

}  // namespace
}  // namespace soapstone
