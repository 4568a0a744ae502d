#include "representations/coupled_power_spectrum.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <functional>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "representations/power_spectrum.hpp"
#include "representations/quadratic_features.hpp"

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
    return testing::environment_in_cluster(expansion, seed);
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
};

INSTANTIATE_TEST_SUITE_P(Couplings, CoupledPowerSpectra, ::testing::Range<std::size_t>(0, 13),
                         [](const auto& info) { return cases()[info.param].name; });

TEST_P(CoupledPowerSpectra, AreTheirDefinition) {
  const Environment e = environment(1);
  const std::vector<double> features = testing::values_of(representation, e), defined = expected(e);
  ASSERT_EQ(features.size(), defined.size());
  for (std::size_t k = 0; k < features.size(); ++k) {
    EXPECT_NEAR(features[k], defined[k], 1e-13 * (1.0 + std::abs(defined[k]))) << k;
  }
}

TEST_P(CoupledPowerSpectra, AdjointIsTheTransposedDerivative) {
  testing::expect_adjoint_is_the_transposed_derivative(representation, environment(4), 1e-12);
}

TEST_P(CoupledPowerSpectra, JacobianIsTheDerivativeOfTheFeaturesThatAChannelTouches) {
  for (const unsigned seed : {6u, 7u}) {  // densities are kept from call to call
    testing::expect_jacobian_is_the_derivative(representation, environment(seed), 1e-12);
  }
}

TEST(CoupledPowerSpectrum, OfChannelsIsThePowerSpectrum) {
  const BasisParameters basis{3, 5, 1e-6};
  const PowerSpectrum plain(kDensity, basis, kSpecies);
  const CoupledPowerSpectrum coupled(kDensity, basis, kSpecies, {channels(5), {}, Pairing::kAll});
  const Environment e = testing::environment_in_cluster(plain.expansion(), 3);
  const std::vector<double> p = testing::values_of(plain, e), q = testing::values_of(coupled, e);
  ASSERT_EQ(p.size(), q.size());
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
