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
#include "finite_differences.hpp"
#include "regression/reference.hpp"
#include "representations/power_spectrum.hpp"

namespace soapstone {
namespace {

using testing::cluster;
using testing::crystal;
using testing::make_kernel;
using testing::System;
using testing::Systems;

const std::vector<double> kBaseline{-0.5, -7.25, 3.0};  // H, C, O

Execution on(int threads) { return {threads, nullptr, nullptr}; }

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

/// A potential with its covariance, and the textbook's fit to the same labels.
class TrainedPotentials : public SparsePotentials {
 protected:
  static constexpr double kAmplitude = 2.5;
  const Systems training{
      {cluster(40, 8, {8, 1}), crystal(41, 3, {1, 8, 1}), cluster(42, 6, {1, 8})}};
  std::shared_ptr<const SparseKernel> small = make_kernel(soap, training, 5, 2);
  const Noise noise{0.05, 0.2, 0.02};
  testing::DenseFit dense{*small};
  std::unique_ptr<SparsePotential> trained;

  void SetUp() override {
    const std::vector<double> energy{1.0, -0.5, 0.25};
    std::vector<double> forces(3 * training.atoms());
    for (std::size_t x = 0; x < forces.size(); ++x) forces[x] = std::cos(1.0 + x);
    const std::vector<std::uint8_t> held_out(3, 0);
    SparseFit fit(small);
    fit.add(training.view(), {energy.data(), forces.data(), nullptr}, held_out.data(), on(1));
    const SparseFit::Solution solution = fit.solve(noise, held_out.data());
    std::size_t atom = 0;
    for (std::size_t s = 0; s < 3; ++s) {
      dense.add(training[s], &energy[s], &forces[3 * atom], nullptr, noise);
      atom += training[s].size();
    }
    trained =
        std::make_unique<SparsePotential>(small, fit.weights(solution), kBaseline, Execution{});
    EXPECT_FALSE(trained->has_covariance());
    trained->set_covariance(solution.factor, kAmplitude);
    EXPECT_TRUE(trained->has_covariance());
  }
};

TEST_F(TrainedPotentials, VarianceIsThatOfTheProjectedProcess) {
  const SparsePotential& model = *trained;
  const Systems tests({training[0], cluster(50, 9, {8, 1, 6}), crystal(51, 2, {8, 1}),
                       System{{0, 0, 0}, {6}, {}, {}}});
  std::vector<double> variance(tests.size());
  model.variance(tests.view(), on(1), variance.data());
  for (std::size_t s = 0; s < tests.size(); ++s) {
    EXPECT_NEAR(variance[s], kAmplitude * dense.variance(tests[s]), 1e-7) << s;
  }
  EXPECT_NEAR(variance[3], kAmplitude, 1e-12) << "nothing is known about carbon";
  EXPECT_LT(variance[0], kAmplitude * 8 * 0.05 * 0.05 * 1.01) << "no more than the label's noise";
  // Of a single atom the energy of its environment is that of the structure.
  const System atom_alone{{0, 0, 0}, {8}, {}, {}};
  const Systems one({atom_alone});
  double alone = 0.0, rigid = 0.0;
  model.variance(one.view(), on(1), &alone);
  model.rigidity(one.view(), on(1), &rigid);
  EXPECT_NEAR(rigid * alone / kAmplitude, 1.0, 1e-9);
  std::vector<double> rigidity(tests.atoms()), again(tests.atoms());
  model.rigidity(tests.view(), on(1), rigidity.data());
  model.rigidity(tests.view(), on(3), again.data());
  EXPECT_EQ(rigidity, again);
  EXPECT_GT(rigidity[0], 1.0);
  EXPECT_NEAR(rigidity.back(), 1.0, 1e-12) << "no point is a carbon";
  for (int threads : {2, 3}) {
    std::vector<double> other(tests.size());
    model.variance(tests.view(), on(threads), other.data());
    EXPECT_EQ(other, variance);
  }
}

struct Variances {
  std::vector<double> forces, stress;
};

Variances derivative_variance(const SparsePotential& model, const Systems& systems,
                              const Execution& execution = on(1)) {
  Variances result{std::vector<double>(3 * systems.atoms(), std::nan("")),
                   std::vector<double>(9 * systems.size(), std::nan(""))};
  model.derivative_variance(systems.view(), {result.forces.data(), result.stress.data()},
                            execution);
  return result;
}

TEST_F(TrainedPotentials, VariancesOfForcesAndStressAreThoseOfDerivatives) {
  constexpr double kStep = 2e-4;
  const auto clear = [](const auto& make) { return testing::clear_of({3.0, 2.2}, 50, make); };
  const Systems tests({clear([](unsigned seed) {
                         return cluster(seed, 5, {8, 1, 6});
                       }),
                       clear([](unsigned seed) {
                         return crystal(seed, 3, {8, 1, 1});
                       }),
                       System{{0, 0, 0}, {8}, {}, {}}});
  const Variances found = derivative_variance(*trained, tests);
  std::size_t atom = 0, s = 0;
  for (const System& system : tests) {
    SCOPED_TRACE("structure " + std::to_string(s));
    // Of the slope of the energy when a structure changes, by the covariance of two of them and by
    // that of each with the points.
    const auto expected = [&](const auto& changed) {
      const double own = testing::slope_at_zero(
          [&](double x) {
            return testing::slope_at_zero(
                [&](double y) { return testing::structure_kernel(*small, changed(x), changed(y)); },
                kStep);
          },
          kStep);
      std::vector<double> row(small->size());
      for (std::size_t m = 0; m < row.size(); ++m) {
        row[m] = testing::slope_at_zero(
            [&](double x) { return testing::kernel_row(*small, changed(x))[m]; });
      }
      return kAmplitude * dense.variance(own, row.data());
    };
    for (std::size_t x = 0; x < 3 * system.size(); ++x) {
      EXPECT_NEAR(found.forces[3 * atom + x],
                  expected([&](double h) { return system.moved(x, h); }), 1e-5)
          << x;
    }
    const double volume = testing::cell_volume(system);
    for (std::size_t e = 0; e < 9; ++e) {
      if (volume == 0.0) {
        EXPECT_EQ(found.stress[9 * s + e], 0.0);
        continue;
      }
      const double strained = expected([&](double h) { return system.strained(e / 3, e % 3, h); });
      EXPECT_NEAR(found.stress[9 * s + e] * volume * volume, strained, 1e-5 * (1 + strained)) << e;
    }
    atom += system.size();
    ++s;
  }
  EXPECT_GT(found.forces[0], 0.01);
  EXPECT_GT(found.stress[9], 1e-5);
  EXPECT_EQ(found.forces.back(), 0.0) << "an atom alone feels no force";
}

TEST_F(TrainedPotentials, VariancesOfForcesAreTheSameToTheLastBitOnAnyNumberOfThreads) {
  // Some are worked on together, others in parts, of which one is left over when they are shared
  // out.
  const Systems tests({training[0], training[1], cluster(50, 70, {8, 1, 6}),
                       crystal(51, 150, {8, 1}), training[2]});
  const Variances one = derivative_variance(*trained, tests);
  for (int threads : {2, 3}) {
    const Variances other = derivative_variance(*trained, tests, on(threads));
    EXPECT_EQ(other.forces, one.forces);
    EXPECT_EQ(other.stress, one.stress);
  }
  // Nor does it matter what else they come with.
  const Variances alone = derivative_variance(*trained, Systems({training[1]}));
  EXPECT_TRUE(std::equal(alone.forces.begin(), alone.forces.end(),
                         one.forces.begin() + 3 * static_cast<int>(training[0].size())));
  EXPECT_TRUE(std::equal(alone.stress.begin(), alone.stress.end(), one.stress.begin() + 9));
  std::vector<double> forces(one.forces.size()), stress(one.stress.size());
  trained->derivative_variance(tests.view(), {forces.data(), nullptr}, on(2));
  EXPECT_EQ(forces, one.forces);
  trained->derivative_variance(tests.view(), {nullptr, stress.data()}, on(2));
  EXPECT_EQ(stress, one.stress);
}

TEST_F(TrainedPotentials, VariancesOfForcesOfPartsOfASystemAreThoseOfTheWhole) {
  // Far from each other, so the parts know nothing of each other, but in one structure, which is
  // worked on a hundred atoms at a time.
  const Systems alone({cluster(52, 50, {8, 1, 6})});
  System four{{}, {}, {}, {}};
  for (std::size_t copy = 0; copy < 4; ++copy) {
    for (std::size_t x = 0; x < alone[0].positions.size(); ++x) {
      four.positions.push_back(alone[0].positions[x] + (x % 3 == 0 ? 100.0 * copy : 0.0));
    }
    four.species.insert(four.species.end(), alone[0].species.begin(), alone[0].species.end());
  }
  const Variances one = derivative_variance(*trained, alone);
  const Variances all = derivative_variance(*trained, Systems({four}));
  for (std::size_t x = 0; x < all.forces.size(); ++x) {
    ASSERT_NEAR(all.forces[x], one.forces[x % one.forces.size()], 1e-9) << x;
  }
}

TEST_F(TrainedPotentials, VariancesOfForcesReportProgressAndCanBeCancelled) {
  const Systems tests({cluster(50, 70, {8, 1}), cluster(51, 70, {8, 1}), crystal(52, 80, {8, 1})});
  std::atomic<std::size_t> most{0}, calls{0};
  std::vector<double> forces(3 * tests.atoms());
  trained->derivative_variance(tests.view(), {forces.data(), nullptr},
                               {1, nullptr, [&](std::size_t done, std::size_t total) {
                                  EXPECT_EQ(total, tests.atoms());
                                  most = done;
                                  ++calls;
                                }});
  EXPECT_EQ(most, tests.atoms());
  EXPECT_EQ(calls, 3u);
  const std::atomic<bool> cancelled{true};
  for (int threads : {1, 2}) {
    try {
      derivative_variance(*trained, tests, {threads, &cancelled, nullptr});
      FAIL() << "went on";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kAborted);
    }
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
