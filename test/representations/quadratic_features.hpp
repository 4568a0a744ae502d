#pragma once

// Features that are quadratic in the expansion coefficients, as those of power spectra are, and
// their derivatives.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <random>
#include <vector>

#include "neighbours/neighbour_list.hpp"
#include "representations/representation.hpp"
#include "structures/systems.hpp"

namespace soapstone::testing {

/// The environment of an oxygen or carbon in a random cluster of H, C and O.
inline Environment environment_in_cluster(const SphericalExpansion& expansion, unsigned seed) {
  const System system = cluster(seed, 9, {6, 1, 8, 1});
  NeighbourList list;
  find_neighbours(system.view(), expansion.cutoff(), list);
  Environment result;
  expansion.compute(system.view(), list, 4, false, result);
  return result;
}

inline std::vector<double> values_of(const Representation& representation, const Environment& e) {
  std::vector<double> features(representation.features());
  representation.values(e, features.data());
  return features;
}

/// Random changes of the coefficients of channels from … to − 1.
inline AlignedVector direction(const SphericalExpansion& expansion, std::size_t from,
                               std::size_t to) {
  std::mt19937 random(9);
  std::normal_distribution<double> normal;
  AlignedVector result(expansion.coefficients_size(), 0.0);
  for (std::size_t k = from * expansion.channel_size(); k < to * expansion.channel_size(); ++k) {
    if (k % expansion.radial_stride() < expansion.radial_count()) result[k] = normal(random);
  }
  return result;
}

/// ∂p along a direction: p is quadratic in c, so that the central difference is exact.
inline std::vector<double> change(const Representation& representation, const Environment& e,
                                  const AlignedVector& direction) {
  Environment above = e, below = e;
  for (std::size_t k = 0; k < direction.size(); ++k) {
    above.coefficients[k] += direction[k];
    below.coefficients[k] -= direction[k];
  }
  std::vector<double> difference = values_of(representation, above);
  const std::vector<double> subtract = values_of(representation, below);
  for (std::size_t k = 0; k < difference.size(); ++k) {
    difference[k] = 0.5 * (difference[k] - subtract[k]);
  }
  return difference;
}

inline void expect_adjoint_is_the_transposed_derivative(const Representation& representation,
                                                        const Environment& e, double tolerance) {
  const SphericalExpansion& expansion = representation.expansion();
  std::mt19937 random(5);
  std::normal_distribution<double> normal;
  std::vector<double> weights(representation.features());
  for (double& weight : weights) weight = normal(random);
  AlignedVector gradient(expansion.coefficients_size(), 7.0);
  representation.adjoint(e, weights.data(), gradient.data());

  const AlignedVector along = direction(expansion, 0, expansion.species().size());
  const std::vector<double> moved = change(representation, e, along);
  const double expected = std::inner_product(moved.begin(), moved.end(), weights.begin(), 0.0);
  EXPECT_NEAR(std::inner_product(gradient.begin(), gradient.end(), along.begin(), 0.0), expected,
              10.0 * tolerance * (1.0 + std::abs(expected)));
}

/// The Jacobian is the derivative of the features that a channel touches, and no others have one.
inline void expect_jacobian_is_the_derivative(const Representation& representation,
                                              const Environment& e, double tolerance) {
  const SphericalExpansion& expansion = representation.expansion();
  for (std::size_t channel = 0; channel < expansion.species().size(); ++channel) {
    const AlignedVector along = direction(expansion, channel, channel + 1);
    const std::vector<double> expected = change(representation, e, along);
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
    for (int again = 0; again < 2; ++again) {  // what is kept from call to call does no harm
      std::vector<double> rows(3 * step, 7.0);
      representation.jacobian(e, channel, derivative.data(), rows.data(), step);
      for (std::size_t axis = 0; axis < 3; ++axis) {
        for (std::size_t k = 0; k < touched.size(); ++k) {
          const double exact = static_cast<double>(axis + 1) * expected[touched[k]];
          EXPECT_NEAR(rows[axis * step + k], exact, tolerance * (1.0 + std::abs(exact)));
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

}  // namespace soapstone::testing
