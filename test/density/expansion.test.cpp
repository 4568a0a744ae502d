#include "density/expansion.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "finite_differences.hpp"
#include "reference/json.hpp"
#include "structures/systems.hpp"

namespace soapstone {
namespace {

using testing::Json;
using testing::System;

System to_system(const Json& json) {
  System system;
  system.positions = json["positions"].flat();
  for (double number : json["species"].flat()) {
    system.species.push_back(static_cast<std::int32_t>(number));
  }
  for (std::size_t k = 0; k < 9; ++k) system.cell[k] = json["cell"].at(k / 3).at(k % 3).number;
  for (std::size_t k = 0; k < 3; ++k) system.pbc[k] = json["pbc"].at(k).number != 0.0;
  return system;
}

SphericalExpansion to_expansion(const Json& hyperparameters, const Json& species) {
  const Json& cutoff = hyperparameters["cutoff"];
  const Json& density = hyperparameters["density"];
  const Json& basis = hyperparameters["basis"];
  DensityParameters parameters;
  parameters.cutoff = {cutoff["radius"].number, cutoff["smoothing"]["width"].number};
  parameters.gaussian_width = density["width"].number;
  parameters.center_weight = density["centerWeight"].number;
  if (density.has("scaling")) {
    const Json& scaling = density["scaling"];
    parameters.scaling = {true, scaling["scale"].number, scaling["rate"].number,
                          scaling["exponent"].number};
  }
  std::vector<std::int32_t> numbers;
  for (double number : species.flat()) numbers.push_back(static_cast<std::int32_t>(number));
  return {parameters,
          {static_cast<int>(basis["maxAngular"].number),
           static_cast<int>(basis["radial"]["count"].number), 1e-10},
          numbers};
}

/// The environment of one atom, with derivatives.
Environment surroundings(const SphericalExpansion& expansion, const System& system,
                         std::size_t centre) {
  NeighbourList list;
  find_neighbours(system.view(), expansion.cutoff(), list);
  Environment environment;
  expansion.compute(system.view(), list, centre, true, environment);
  return environment;
}

/// c without its padding, as [channel][lm][n].
std::vector<double> dense(const SphericalExpansion& expansion, const double* coefficients,
                          std::size_t channels) {
  std::vector<double> result;
  const std::size_t rows = channels * expansion.angular_count();
  for (std::size_t row = 0; row < rows; ++row) {
    const double* from = coefficients + row * expansion.radial_stride();
    result.insert(result.end(), from, from + expansion.radial_count());
  }
  return result;
}

/// Largest difference of two arrays relative to the largest number of the second, or the largest
/// number of the first where the second is zero.
double relative_error(const std::vector<double>& found, const std::vector<double>& expected) {
  EXPECT_EQ(found.size(), expected.size());
  double error = 0.0, largest = 0.0;
  for (std::size_t k = 0; k < std::min(found.size(), expected.size()); ++k) {
    error = std::max(error, std::abs(found[k] - expected[k]));
    largest = std::max(largest, std::abs(expected[k]));
  }
  return largest > 0.0 ? error / largest : error;
}

/// ∂c/∂r_k of all atoms and ∂c/∂ε, summed up from the derivatives of the neighbours.
struct Derivatives {
  std::vector<double> positions;  // [atom][axis][channel][lm][n]
  std::vector<double> strain;     // [a][b][channel][lm][n]
};

Derivatives derivatives(const SphericalExpansion& expansion, const Environment& e,
                        std::size_t atoms) {
  const std::size_t channel_size = expansion.angular_count() * expansion.radial_count();
  const std::size_t size = expansion.channels() * channel_size;
  Derivatives result{std::vector<double>(3 * atoms * size), std::vector<double>(9 * size)};
  AlignedVector derivative(3 * expansion.channel_size());
  for (std::size_t channel = 0; channel < expansion.channels(); ++channel) {
    for (std::size_t j = e.first[channel]; j < e.first[channel + 1]; ++j) {
      expansion.neighbour_derivative(e, j, derivative.data());
      const auto atom = static_cast<std::size_t>(e.atom[j]);
      for (std::size_t b = 0; b < 3; ++b) {
        const std::vector<double> d =
            dense(expansion, derivative.data() + b * expansion.channel_size(), 1);
        for (std::size_t k = 0; k < channel_size; ++k) {
          const std::size_t at = channel * channel_size + k;
          result.positions[(3 * atom + b) * size + at] += d[k];
          result.positions[(3 * e.centre + b) * size + at] -= d[k];
          for (std::size_t a = 0; a < 3; ++a) {
            result.strain[(3 * a + b) * size + at] += e.vector[a * e.stride + j] * d[k];
          }
        }
      }
    }
  }
  return result;
}

TEST(SphericalExpansion, AgreesWithFeatomicInValuesAndDerivatives) {
  const Json fixture = testing::read_fixture("expansion");
  for (const Json& reference : fixture["cases"].items) {
    SCOPED_TRACE(reference["name"].text);
    const System system = to_system(reference["structure"]);
    const SphericalExpansion expansion =
        to_expansion(reference["hyperparameters"], reference["species"]);
    for (std::size_t k = 0; k < reference["centres"].size(); ++k) {
      const auto centre = static_cast<std::size_t>(reference["centres"].at(k).number);
      const Environment e = surroundings(expansion, system, centre);
      const std::vector<double> values =
          dense(expansion, e.coefficients.data(), expansion.channels());
      EXPECT_LT(relative_error(values, reference["values"].at(k).flat()), 1e-8);
      if (!reference.has("positionGradients")) continue;
      const Derivatives found = derivatives(expansion, e, system.size());
      const std::vector<double> positions = reference["positionGradients"].at(k).flat();
      EXPECT_LT(relative_error(found.positions, positions), 1e-8);
      const std::vector<double> strain = reference["strainGradients"].at(k).flat();
      EXPECT_LT(relative_error(found.strain, strain), 1e-8);
    }
  }
}

const DensityParameters kDensity{{3.2, 0.7}, {true, 2.0, 1.5, 4.0}, 0.4, 0.7};
const BasisParameters kBasis{4, 5, 1e-8};

/// A random weight for every coefficient, zero on the padding.
AlignedVector random_weights(const SphericalExpansion& expansion) {
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  AlignedVector weights(expansion.coefficients_size());
  for (std::size_t k = 0; k < weights.size(); ++k) {
    const bool used = k % expansion.radial_stride() < expansion.radial_count();
    weights[k] = used ? normal(random) : 0.0;
  }
  return weights;
}

double dot(const AlignedVector& weights, const Environment& e) {
  double sum = 0.0;
  for (std::size_t k = 0; k < weights.size(); ++k) sum += weights[k] * e.coefficients[k];
  return sum;
}

TEST(SphericalExpansion, AdjointIsTheSlopeOfAWeightedSum) {
  const SphericalExpansion expansion(kDensity, kBasis, {1, 6, 8});
  const AlignedVector weights = random_weights(expansion);
  const System system = testing::cluster(4, 12, {6, 1, 8, 1});
  const Environment e = surroundings(expansion, system, 4);
  ASSERT_GT(e.neighbours, 8u);
  std::vector<double> gradient(3 * e.neighbours);
  expansion.adjoint(e, weights.data(), gradient.data());
  for (std::size_t j = 0; j < e.neighbours; ++j) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double slope = testing::slope_at_zero([&](double h) {
        const auto coordinate = 3 * static_cast<std::size_t>(e.atom[j]) + axis;
        return dot(weights, surroundings(expansion, system.moved(coordinate, h), 4));
      });
      EXPECT_NEAR(gradient[3 * j + axis], slope, 2e-8) << "neighbour " << j << ", axis " << axis;
    }
  }
}

TEST(SphericalExpansion, AdjointAndNeighbourDerivativeAreOneDerivative) {
  const SphericalExpansion expansion(kDensity, kBasis, {1, 8});
  const AlignedVector weights = random_weights(expansion);
  const Environment e = surroundings(expansion, testing::crystal(5, 3, {1, 8, 1}), 1);
  std::vector<double> gradient(3 * e.neighbours);
  expansion.adjoint(e, weights.data(), gradient.data());
  AlignedVector derivative(3 * expansion.channel_size());
  for (std::size_t channel = 0; channel < 2; ++channel) {
    for (std::size_t j = e.first[channel]; j < e.first[channel + 1]; ++j) {
      expansion.neighbour_derivative(e, j, derivative.data());
      for (std::size_t axis = 0; axis < 3; ++axis) {
        double sum = 0.0;
        for (std::size_t k = 0; k < expansion.channel_size(); ++k) {
          sum += weights[channel * expansion.channel_size() + k] *
                 derivative[axis * expansion.channel_size() + k];
        }
        EXPECT_NEAR(gradient[3 * j + axis], sum, 1e-11);
      }
    }
  }
}

TEST(SphericalExpansion, NeighboursAreSortedByChannelAndKnowTheirPair) {
  const SphericalExpansion expansion(kDensity, kBasis, {1, 6, 8});
  const System system = testing::crystal(6, 4, {8, 1});
  NeighbourList list;
  find_neighbours(system.view(), expansion.cutoff(), list);
  const Environment e = surroundings(expansion, system, 2);
  EXPECT_EQ(e.channel, 2u);
  EXPECT_EQ(e.first.back(), e.neighbours);
  EXPECT_EQ(e.first[1], e.first[2]) << "there is no carbon";
  for (std::size_t channel = 0; channel < 3; ++channel) {
    for (std::size_t j = e.first[channel]; j < e.first[channel + 1]; ++j) {
      const auto pair = static_cast<std::size_t>(e.pair[j]);
      EXPECT_EQ(list.neighbour[pair], e.atom[j]);
      EXPECT_EQ(expansion.channel_of(system.species[static_cast<std::size_t>(e.atom[j])]), channel);
      for (std::size_t axis = 0; axis < 3; ++axis) {
        EXPECT_EQ(list.vector[3 * pair + axis], e.vector[axis * e.stride + j]);
      }
    }
  }
}

TEST(SphericalExpansion, OfALoneAtomIsItsOwnGaussian) {
  const System atom{{1.0, 2.0, 3.0}, {8}, {}, {}};
  for (double weight : {0.0, 1.0, 0.5}) {
    DensityParameters density = kDensity;
    density.center_weight = weight;
    const SphericalExpansion expansion(density, kBasis, {1, 8});
    const Environment e = surroundings(expansion, atom, 0);
    double square = 0.0;
    for (std::size_t k = 0; k < expansion.coefficients_size(); ++k) {
      const bool own =
          k >= expansion.channel_size() && k < expansion.channel_size() + expansion.radial_count();
      EXPECT_EQ(own && weight > 0.0, e.coefficients[k] != 0.0);
      square += e.coefficients[k] * e.coefficients[k];
    }
    // The density has norm one; the basis holds most of it.
    EXPECT_LE(square, weight * weight * (1.0 + 1e-12));
    EXPECT_GE(square, 0.8 * weight * weight);
  }
}

TEST(SphericalExpansion, OfAtomsOnOneSpotIsFinite) {
  const System pair{{0, 0, 0, 0, 0, 0, 0, 0, 1e-14}, {8, 1, 1}, {}, {}};
  const SphericalExpansion expansion(kDensity, kBasis, {1, 8});
  const Environment e = surroundings(expansion, pair, 0);
  ASSERT_EQ(e.neighbours, 2u);
  const AlignedVector weights = random_weights(expansion);
  std::vector<double> gradient(6, std::numeric_limits<double>::quiet_NaN());
  expansion.adjoint(e, weights.data(), gradient.data());
  EXPECT_TRUE(std::isfinite(dot(weights, e)));
  for (double g : gradient) EXPECT_TRUE(std::isfinite(g));
}

TEST(SphericalExpansion, AWorkspaceCanBeUsedAgainForAnyEnvironment) {
  const SphericalExpansion expansion(kDensity, kBasis, {1, 8});
  Environment reused;
  for (const System& system : {testing::crystal(7, 3, {1, 8}), testing::cluster(8, 4, {8}),
                               System{{0, 0, 0}, {1}, {}, {}}, testing::crystal(9, 2, {1})}) {
    NeighbourList list;
    find_neighbours(system.view(), expansion.cutoff(), list);
    expansion.compute(system.view(), list, 0, true, reused);
    const Environment fresh = surroundings(expansion, system, 0);
    for (std::size_t k = 0; k < expansion.coefficients_size(); ++k) {
      ASSERT_EQ(reused.coefficients[k], fresh.coefficients[k]);
    }
  }
}

TEST(SphericalExpansion, NamesASpeciesThatHasNoChannel) {
  const SphericalExpansion expansion(kDensity, kBasis, {1, 8});
  for (std::int32_t number : {6, 0, -1, 118, 1000}) {
    try {
      expansion.channel_of(number);
      FAIL() << "accepted " << number;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidInput);
      EXPECT_NE(std::string(error.what()).find(std::to_string(number)), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace soapstone
