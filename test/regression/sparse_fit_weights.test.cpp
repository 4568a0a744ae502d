// How much the labels of a structure count.

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <vector>

#include "common/error.hpp"
#include "execution.hpp"
#include "regression/reference.hpp"
#include "regression/sparse_fit.hpp"
#include "representations/power_spectrum.hpp"

namespace soapstone {
namespace {

using testing::cluster;
using testing::crystal;
using testing::DenseFit;
using testing::Labels;
using testing::make_kernel;
using testing::on;
using testing::System;
using testing::Systems;

const Noise kNoise{0.02, 0.1, 0.01};
// Group 1 is held out.
constexpr std::uint8_t kFitted[2] = {0, 1}, kOnly[2][2] = {{1, 0}, {0, 1}};
constexpr std::size_t kCount = 12;

/// Molecules and crystals with random energies, forces and, of crystals, stresses; every fourth is
/// held out.
struct Data {
  Data() {
    std::mt19937 random(8);
    std::normal_distribution<double> normal;
    for (unsigned s = 0; s < kCount; ++s) {
      systems.push_back(s % 3 == 2 ? crystal(s, 3, {1, 8, 1}) : cluster(s, 5 + s % 4, {8, 1, 1}));
      labels.energy.push_back(normal(random));
      for (std::size_t x = 0; x < 3 * systems[s].size(); ++x) {
        labels.forces.push_back(normal(random));
      }
      for (int e = 0; e < 9; ++e) {
        labels.stress.push_back(systems[s].pbc[0] ? 0.1 * normal(random) : std::nan(""));
      }
      groups.push_back(s % 4 == 0);
      weights.push_back(0.1 + 0.7 * (s % 5));
    }
    const auto soap = std::make_shared<PowerSpectrum>(DensityParameters{{3.0, 0.8}, {}, 0.5, 1.0},
                                                      BasisParameters{2, 3, 1e-8},
                                                      std::vector<std::int32_t>{1, 8});
    kernel = make_kernel(soap, Systems(systems), 8, 2);
  }

  Targets targets(const std::vector<double>& weight) const {
    Targets given = labels.targets();
    given.weight = weight.data();
    return given;
  }

  std::vector<System> systems;
  Labels labels;
  std::vector<std::uint8_t> groups;
  std::vector<double> weights;
  std::shared_ptr<const SparseKernel> kernel;
};

/// Energies of the weights of sparse points, Σ_m w_m k_m, of each structure.
std::vector<double> energies(const Data& data, const std::vector<double>& weights) {
  std::vector<double> result;
  for (const System& system : data.systems) {
    const std::vector<double> row = testing::kernel_row(*data.kernel, system);
    result.push_back(0.0);
    for (std::size_t m = 0; m < row.size(); ++m) result.back() += weights[m] * row[m];
  }
  return result;
}

TEST(SparseFitWeights, DivideTheVarianceOfTheNoise) {
  const Data data;
  SparseFit fit(data.kernel);
  const Systems systems(data.systems);
  const std::vector<std::uint8_t> all(kCount, 0);
  fit.add(systems.view(), data.targets(data.weights), all.data(), on(2));
  DenseFit dense(*data.kernel);
  const double* forces = data.labels.forces.data();
  for (std::size_t s = 0; s < kCount; ++s) {
    Noise noise = kNoise;
    for (double& level : noise) level /= std::sqrt(data.weights[s]);
    const double* stress = data.systems[s].pbc[0] ? &data.labels.stress[9 * s] : nullptr;
    dense.add(data.systems[s], &data.labels.energy[s], forces, stress, noise);
    forces += 3 * data.systems[s].size();
  }
  const auto found = energies(data, fit.weights(fit.solve(kNoise, kFitted)));
  const auto expected = energies(data, dense.weights());
  for (std::size_t s = 0; s < kCount; ++s) {
    EXPECT_NEAR(found[s], expected[s], 1e-7 * std::abs(expected[0])) << s;
  }
}

TEST(SparseFitWeights, OfTwoAreTheStructureTwice) {
  const Data data;
  SparseFit once(data.kernel), twice(data.kernel);
  const Systems systems(data.systems);
  std::vector<double> weights(kCount, 1.0);
  std::vector<System> copies;
  Labels labels;
  std::vector<std::uint8_t> groups;
  const double* forces = data.labels.forces.data();
  for (std::size_t s = 0; s < kCount; ++s) {
    const std::size_t size = 3 * data.systems[s].size();
    if (s % 2 == 0) weights[s] = 2.0;
    for (int copy = 0; copy < (s % 2 == 0 ? 2 : 1); ++copy) {
      copies.push_back(data.systems[s]);
      labels.energy.push_back(data.labels.energy[s]);
      labels.forces.insert(labels.forces.end(), forces, forces + size);
      labels.stress.insert(labels.stress.end(), &data.labels.stress[9 * s],
                           &data.labels.stress[9 * s] + 9);
      groups.push_back(data.groups[s]);
    }
    forces += size;
  }
  once.add(systems.view(), data.targets(weights), data.groups.data(), on(1));
  twice.add(Systems(copies).view(), labels.targets(), groups.data(), on(1));
  const SparseFit::Solution a = once.solve(kNoise, kFitted), b = twice.solve(kNoise, kFitted);
  const auto found = energies(data, once.weights(a)), expected = energies(data, twice.weights(b));
  for (std::size_t s = 0; s < kCount; ++s) {
    EXPECT_NEAR(found[s], expected[s], 1e-9 * std::abs(expected[0])) << s;
  }
  for (const auto& among : kOnly) {
    const auto errors = once.errors(a, among), others = twice.errors(b, among);
    for (std::size_t q = 0; q < kQuantities; ++q) {
      EXPECT_NEAR(errors[q] / others[q], 1.0, 1e-9) << q;
    }
  }
}

TEST(SparseFitWeights, OfOneAreNoWeightsToTheLastBit) {
  const Data data;
  const Systems systems(data.systems);
  const std::vector<double> ones(kCount, 1.0);
  SparseFit plain(data.kernel), weighted(data.kernel);
  plain.add(systems.view(), data.labels.targets(), data.groups.data(), on(1));
  weighted.add(systems.view(), data.targets(ones), data.groups.data(), on(1));
  EXPECT_EQ(plain.weights(plain.solve(kNoise, kFitted)),
            weighted.weights(weighted.solve(kNoise, kFitted)));
}

TEST(SparseFitWeights, GiveTheSameBitsForAnyNumberOfThreads) {
  const Data data;
  const Systems systems(data.systems);
  std::vector<std::vector<double>> found;
  for (int threads : {1, 2, 3}) {
    SparseFit fit(data.kernel);
    fit.add(systems.view(), data.targets(data.weights), data.groups.data(), on(threads));
    found.push_back(fit.weights(fit.solve(kNoise, kFitted, on(threads)), on(threads)));
  }
  EXPECT_EQ(found[0], found[1]);
  EXPECT_EQ(found[0], found[2]);
}

TEST(SparseFitWeights, AreRefusedWhereTheyAreNotGreaterThanZero) {
  const Data data;
  const Systems systems(data.systems);
  for (double bad : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    SparseFit fit(data.kernel);
    std::vector<double> weights = data.weights;
    weights[4] = bad;
    EXPECT_THROW(fit.add(systems.view(), data.targets(weights), data.groups.data(), on(1)), Error);
    // Nothing has been added, and nothing is lost.
    fit.add(systems.view(), data.targets(data.weights), data.groups.data(), on(1));
  }
}

}  // namespace
}  // namespace soapstone
