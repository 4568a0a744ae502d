#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "execution.hpp"
#include "finite_differences.hpp"
#include "regression/reference.hpp"
#include "regression/sparse_fit.hpp"
#include "regression/sparse_potential.hpp"
#include "representations/power_spectrum.hpp"

namespace soapstone {
namespace {

using testing::cluster;
using testing::crystal;
using testing::make_kernel;
using testing::on;
using testing::System;
using testing::Systems;

/// A potential with its covariance, and the textbook's fit to the same labels.
class TrainedPotentials : public ::testing::Test {
 protected:
  static constexpr double kAmplitude = 2.5;
  std::shared_ptr<const Representation> soap = std::make_shared<PowerSpectrum>(
      DensityParameters{{3.0, 0.8}, {}, 0.5, 1.0}, BasisParameters{3, 4, 1e-8},
      std::vector<std::int32_t>{1, 6, 8});
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
    trained = std::make_unique<SparsePotential>(small, fit.weights(solution),
                                                std::vector<double>{-0.5, -7.25, 3.0}, Execution{});
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

}  // namespace
}  // namespace soapstone
