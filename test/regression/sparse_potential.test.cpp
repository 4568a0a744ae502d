#include "regression/sparse_potential.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "execution.hpp"
#include "finite_differences.hpp"
#include "regression/reference.hpp"
#include "representations/power_spectrum.hpp"

namespace soapstone {
namespace {

using testing::cluster;
using testing::crystal;
using testing::make_kernel;
using testing::on;
using testing::System;
using testing::Systems;

const std::vector<double> kBaseline{-0.5, -7.25, 3.0};  // H, C, O

struct Predicted {
  std::vector<double> energy, atom_energies, forces, stress;
};

Predicted predict(const SparsePotential& potential, const Systems& systems,
                  const Execution& execution = on(1)) {
  const auto empty = [](std::size_t size) { return std::vector<double>(size, std::nan("")); };
  Predicted result{empty(systems.size()), empty(systems.atoms()), empty(3 * systems.atoms()),
                   empty(9 * systems.size())};
  potential.predict(systems.view(),
                    {result.energy.data(), result.atom_energies.data(), result.forces.data(),
                     result.stress.data()},
                    execution);
  return result;
}

class SparsePotentials : public ::testing::Test {
 protected:
  std::shared_ptr<const Representation> soap = std::make_shared<PowerSpectrum>(
      DensityParameters{{3.0, 0.8}, {}, 0.5, 1.0}, BasisParameters{3, 4, 1e-8},
      std::vector<std::int32_t>{1, 6, 8});
  /// No sparse point is a carbon.
  std::shared_ptr<const SparseKernel> kernel =
      make_kernel(soap, Systems({cluster(30, 12, {8, 1, 1}), crystal(31, 3, {1, 8, 1})}), 6, 3);

  SparsePotential potential() const {
    std::vector<double> weights(kernel->size());
    for (std::size_t m = 0; m < weights.size(); ++m) weights[m] = 2.0 * std::sin(1.0 + 2.0 * m);
    return {kernel, weights, kBaseline, {}};
  }

  Systems systems() const {
    const auto clear = [](const auto& make) { return testing::clear_of({3.0, 2.2}, 1, make); };
    return Systems({clear([](unsigned seed) {
                      return cluster(seed, 9, {8, 1, 6});
                    }),
                    clear([](unsigned seed) {
                      return crystal(seed, 4, {1, 8, 1});
                    }),
                    System{{0, 0, 0}, {1}, {}, {}},
                    clear([](unsigned seed) { return crystal(seed, 1, {8}); }),
                    clear([](unsigned seed) {
                      return cluster(seed, 30, {1, 8});
                    })});
  }
};

TEST_F(SparsePotentials, EnergyIsTheBaselineAndTheWeightedKernels) {
  const Predicted found = predict(potential(), systems());
  std::size_t atom = 0, s = 0;
  for (const System& system : systems()) {
    const std::vector<double> row = testing::kernel_row(*kernel, system);
    double expected = 0.0;
    for (std::size_t m = 0; m < row.size(); ++m) expected += 2.0 * std::sin(1.0 + 2.0 * m) * row[m];
    for (std::int32_t number : system.species) {
      expected += kBaseline[soap->expansion().channel_of(number)];
    }
    EXPECT_NEAR(found.energy[s], expected, 1e-11);
    const auto from = found.atom_energies.begin() + static_cast<std::ptrdiff_t>(atom);
    EXPECT_NEAR(std::accumulate(from, from + static_cast<std::ptrdiff_t>(system.size()), 0.0),
                found.energy[s], 1e-12);
    for (std::size_t i = 0; i < system.size(); ++i) {
      if (system.species[i] != 6) continue;
      EXPECT_EQ(found.atom_energies[atom + i], kBaseline[1]) << "no sparse point is a carbon";
    }
    atom += system.size();
    ++s;
  }
}

TEST_F(SparsePotentials, ForcesAndStressAreSlopesOfTheEnergy) {
  const SparsePotential model = potential();
  const Predicted found = predict(model, systems());
  std::size_t atom = 0, s = 0;
  for (const System& system : systems()) {
    SCOPED_TRACE("structure " + std::to_string(s));
    const auto energy = [&](const System& changed) {
      return predict(model, Systems({changed})).energy[0];
    };
    double largest = 0.0;  // force
    for (std::size_t x = 0; x < 3 * system.size(); ++x) {
      largest = std::max(largest, std::abs(found.forces[3 * atom + x]));
    }
    for (std::size_t x = 0; x < 3 * system.size(); ++x) {
      const double slope =
          testing::slope_at_zero([&](double h) { return energy(system.moved(x, h)); });
      EXPECT_NEAR(found.forces[3 * atom + x], -slope, 1e-8 * largest + 1e-10) << x;
    }
    for (std::size_t axis = 0; axis < 3; ++axis) {
      double net = 0.0;
      for (std::size_t i = 0; i < system.size(); ++i) net += found.forces[3 * (atom + i) + axis];
      EXPECT_NEAR(net, 0.0, 1e-12 * (1.0 + largest));
    }
    const double volume = testing::cell_volume(system);
    for (std::size_t e = 0; e < 9; ++e) {
      const double slope = testing::slope_at_zero(
          [&](double h) { return energy(system.strained(e / 3, e % 3, h)); });
      const double expected = volume > 0.0 ? slope / volume : 0.0;
      EXPECT_NEAR(found.stress[9 * s + e], expected, 1e-8 * std::abs(expected) + 1e-10) << e;
      // The energy does not change when a structure turns, so its stress is symmetric.
      EXPECT_NEAR(found.stress[9 * s + e], found.stress[9 * s + 3 * (e % 3) + e / 3], 1e-12);
    }
    atom += system.size();
    ++s;
  }
}

TEST_F(SparsePotentials, WhatIsNotWantedIsLeftOut) {
  const SparsePotential model = potential();
  const Predicted all = predict(model, systems());
  std::vector<double> energy(5), forces(all.forces.size()), stress(all.stress.size());
  model.predict(systems().view(), {energy.data(), nullptr, nullptr, nullptr}, on(1));
  EXPECT_EQ(energy, all.energy);
  model.predict(systems().view(), {nullptr, nullptr, forces.data(), nullptr}, on(1));
  EXPECT_EQ(forces, all.forces);
  model.predict(systems().view(), {nullptr, nullptr, nullptr, stress.data()}, on(1));
  EXPECT_EQ(stress, all.stress);
}

TEST_F(SparsePotentials, AreTheSameToTheLastBitOnAnyNumberOfThreads) {
  const SparsePotential model = potential();
  const Predicted one = predict(model, systems());
  for (int threads : {2, 3, 0}) {
    const Predicted other = predict(model, systems(), on(threads));
    EXPECT_EQ(other.energy, one.energy);
    EXPECT_EQ(other.atom_energies, one.atom_energies);
    EXPECT_EQ(other.forces, one.forces);
    EXPECT_EQ(other.stress, one.stress);
  }
}

TEST_F(SparsePotentials, StructuresDoNotSeeEachOther) {
  // Beyond the 4096 atoms of a shard, in structures that do not fill it evenly.
  std::vector<System> many;
  for (unsigned s = 0; s < 300; ++s) many.push_back(cluster(s, 14 + s % 3, {8, 1, 6}));
  const Systems systems(many);
  const SparsePotential model = potential();
  std::size_t reported = 0;
  const Predicted all =
      predict(model, systems, {2, nullptr, [&](std::size_t done, std::size_t total) {
                                 EXPECT_EQ(total, systems.atoms());
                                 reported = done;
                               }});
  EXPECT_EQ(reported, systems.atoms());
  std::size_t atom = 0;
  for (std::size_t s = 0; s < many.size(); ++s) {
    if (s % 20 == 0 || s > 270) {
      const Predicted own = predict(model, Systems({many[s]}));
      EXPECT_NEAR(own.energy[0], all.energy[s], 1e-11);
      for (std::size_t x = 0; x < own.forces.size(); ++x) {
        EXPECT_NEAR(own.forces[x], all.forces[3 * atom + x], 1e-11);
      }
    }
    atom += many[s].size();
  }
}

TEST_F(SparsePotentials, AnUnknownSpeciesIsAnErrorFromAnyThread) {
  const SparsePotential model = potential();
  const Systems unknown({cluster(1, 30, {1, 8}), cluster(2, 30, {1, 26})});
  for (int threads : {1, 3}) {
    try {
      predict(model, unknown, on(threads));
      FAIL() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidInput);
      EXPECT_NE(std::string(error.what()).find("26"), std::string::npos);
    }
  }
}

TEST_F(SparsePotentials, CanBeCancelled) {
  const SparsePotential model = potential();
  const std::atomic<bool> cancelled{true};
  for (int threads : {1, 3}) {
    try {
      predict(model, systems(), {threads, &cancelled, nullptr});
      FAIL() << "went on";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kAborted);
    }
  }
}

TEST_F(SparsePotentials, AnEmptyBatchIsNoWork) {
  EXPECT_TRUE(predict(potential(), Systems({})).energy.empty());
}

}  // namespace
}  // namespace soapstone
