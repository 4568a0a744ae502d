#pragma once

// What tests of fits to energies, forces and stresses share.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "execution.hpp"
#include "regression/reference.hpp"
#include "representations/power_spectrum.hpp"

namespace soapstone::testing {

const double kNone = std::nan("");
const Noise kNoise{0.02, 0.1, 0.01};
/// Flags of groups: for those that are left out, none or the second; for one of them alone.
constexpr std::uint8_t kAll[2] = {0, 0}, kFitted[2] = {0, 1}, kOnly[2][2] = {{1, 0}, {0, 1}};

inline std::shared_ptr<const Representation> soap() {
  static const auto shared =
      std::make_shared<PowerSpectrum>(DensityParameters{{3.0, 0.8}, {}, 0.5, 1.0},
                                      BasisParameters{2, 3, 1e-8}, std::vector<std::int32_t>{1, 8});
  return shared;
}

/// Molecules and crystals in turn.
inline Systems training(std::size_t count) {
  std::vector<System> systems;
  for (unsigned s = 0; s < count; ++s) {
    systems.push_back(s % 3 == 2 ? crystal(s, 3, {1, 8, 1}) : cluster(s, 5 + s % 4, {8, 1, 1}));
  }
  return Systems(systems);
}

/// Random labels: stress only for crystals, a few others missing.
inline Labels labels(const Systems& systems) {
  std::mt19937 random(8);
  std::normal_distribution<double> normal;
  Labels result;
  std::size_t s = 0;
  for (const System& system : systems) {
    result.energy.push_back(s % 5 == 4 ? kNone : normal(random));
    for (std::size_t x = 0; x < 3 * system.size(); ++x) {
      result.forces.push_back(s % 4 == 3 ? kNone : normal(random));
    }
    for (std::size_t e = 0; e < 9; ++e) {
      result.stress.push_back(system.pbc[0] && s % 2 == 0 ? 0.1 * normal(random) : kNone);
    }
    ++s;
  }
  return result;
}

/// Flags of which every nth is set.
inline std::vector<std::uint8_t> every(std::size_t nth, std::size_t count) {
  std::vector<std::uint8_t> flags(count, 0);
  for (std::size_t s = 0; s < count; ++s) flags[s] = nth > 0 && s % nth == 0;
  return flags;
}

inline void expect_near(const std::vector<double>& found, const std::vector<double>& expected,
                        double tolerance) {
  ASSERT_EQ(found.size(), expected.size());
  double largest = 0.0;
  for (double x : expected) largest = std::max(largest, std::abs(x));
  for (std::size_t k = 0; k < found.size(); ++k) {
    EXPECT_NEAR(found[k], expected[k], tolerance * largest) << k;
  }
}

/// Energies of the weights, Σ_m w_m k_m, of each structure.
inline std::vector<double> energies(const SparseKernel& kernel, const std::vector<double>& weights,
                                    const Systems& systems) {
  std::vector<double> result;
  for (const System& system : systems) {
    const std::vector<double> row = kernel_row(kernel, system);
    result.push_back(0.0);
    for (std::size_t m = 0; m < row.size(); ++m) result.back() += weights[m] * row[m];
  }
  return result;
}

}  // namespace soapstone::testing
