#include "regression/sparse_fit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "regression/reference.hpp"
#include "representations/power_spectrum.hpp"

namespace soapstone {
namespace {

using testing::cluster;
using testing::crystal;
using testing::DenseFit;
using testing::Labels;
using testing::make_kernel;
using testing::System;
using testing::Systems;

const double kNone = std::nan("");
const Noise kNoise{0.02, 0.1, 0.01};
// Group 1 is held out.
constexpr std::uint8_t kAll[2] = {0, 0}, kFitted[2] = {0, 1}, kOnly[2][2] = {{1, 0}, {0, 1}};

Execution on(int threads) { return {threads, nullptr, nullptr}; }

std::shared_ptr<const Representation> soap() {
  static const auto shared =
      std::make_shared<PowerSpectrum>(DensityParameters{{3.0, 0.8}, {}, 0.5, 1.0},
                                      BasisParameters{2, 3, 1e-8}, std::vector<std::int32_t>{1, 8});
  return shared;
}

/// Molecules and crystals in turn.
Systems training(std::size_t count) {
  std::vector<System> systems;
  for (unsigned s = 0; s < count; ++s) {
    systems.push_back(s % 3 == 2 ? crystal(s, 3, {1, 8, 1}) : cluster(s, 5 + s % 4, {8, 1, 1}));
  }
  return Systems(systems);
}

/// Random labels: stress only for crystals, a few others missing.
Labels labels(const Systems& systems) {
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

std::vector<std::uint8_t> every(std::size_t nth, std::size_t count) {
  std::vector<std::uint8_t> flags(count, 0);
  for (std::size_t s = 0; s < count; ++s) flags[s] = nth > 0 && s % nth == 0;
  return flags;
}

void expect_near(const std::vector<double>& found, const std::vector<double>& expected,
                 double tolerance) {
  ASSERT_EQ(found.size(), expected.size());
  double largest = 0.0;
  for (double x : expected) largest = std::max(largest, std::abs(x));
  for (std::size_t k = 0; k < found.size(); ++k) {
    EXPECT_NEAR(found[k], expected[k], tolerance * largest) << k;
  }
}

/// Energies of the weights, Σ_m w_m k_m, of each structure.
std::vector<double> energies(const SparseKernel& kernel, const std::vector<double>& weights,
                             const Systems& systems) {
  std::vector<double> result;
  for (const System& system : systems) {
    const std::vector<double> row = testing::kernel_row(kernel, system);
    result.push_back(0.0);
    for (std::size_t m = 0; m < row.size(); ++m) result.back() += weights[m] * row[m];
  }
  return result;
}

TEST(SparseFit, IsTheProjectedProcess) {
  const Systems systems = training(12);
  const Labels given = labels(systems);
  for (int zeta : {1, 2, 4}) {
    const auto kernel = make_kernel(soap(), systems, 8, zeta);
    SparseFit fit(kernel);
    fit.add(systems.view(), given.targets(), every(0, 12).data(), on(1));
    DenseFit dense(*kernel);
    dense.add(systems, given, kNoise);
    const std::vector<double> weights = fit.weights(fit.solve(kNoise, kFitted));
    expect_near(energies(*kernel, weights, systems), energies(*kernel, dense.weights(), systems),
                1e-7);
  }
}

TEST(SparseFit, TakesAnySubsetOfTheLabels) {
  const Systems systems = training(9);
  const Labels given = labels(systems);
  const auto kernel = make_kernel(soap(), systems, 6, 2);
  for (int subset = 1; subset < 8; ++subset) {
    SCOPED_TRACE(subset);
    Labels some = given;
    Targets targets = given.targets();
    if (!(subset & 1)) targets.energy = nullptr, some.energy.assign(some.energy.size(), kNone);
    if (!(subset & 2)) targets.forces = nullptr, some.forces.assign(some.forces.size(), kNone);
    if (!(subset & 4)) targets.stress = nullptr, some.stress.assign(some.stress.size(), kNone);
    SparseFit fit(kernel);
    fit.add(systems.view(), targets, every(0, 9).data(), on(1));
    DenseFit dense(*kernel);
    dense.add(systems, some, kNoise);
    const SparseFit::Solution solution = fit.solve(kNoise, kFitted);
    expect_near(energies(*kernel, fit.weights(solution), systems),
                energies(*kernel, dense.weights(), systems), 1e-7);
    const auto errors = fit.errors(solution, kOnly[0]);
    for (std::size_t q = 0; q < kQuantities; ++q) {
      EXPECT_EQ(std::isnan(errors[q]), !(subset & (1 << q))) << q;
    }
  }
}

TEST(SparseFit, GivesBackTheModelThatMadeTheLabels) {
  const Systems systems = training(12);
  const auto kernel = make_kernel(soap(), systems, 5, 2);
  std::vector<double> truth(kernel->size());
  for (std::size_t m = 0; m < truth.size(); ++m) truth[m] = std::sin(1.0 + 3.0 * m);
  Labels made;
  for (const System& system : systems) {
    const testing::Rows rows = testing::kernel_rows(*kernel, system);
    const auto value = [&](const double* row) {
      double sum = 0.0;
      for (std::size_t m = 0; m < truth.size(); ++m) sum += truth[m] * row[m];
      return sum;
    };
    made.energy.push_back(value(rows.energy.data()));
    for (std::size_t x = 0; x < 3 * system.size(); ++x) {
      made.forces.push_back(-value(&rows.positions[x * truth.size()]));
    }
    for (std::size_t e = 0; e < 9; ++e) {
      made.stress.push_back(system.pbc[0] ? value(&rows.strain[e * truth.size()]) /
                                                testing::cell_volume(system)
                                          : kNone);
    }
  }
  SparseFit fit(kernel);
  fit.add(systems.view(), made.targets(), every(4, 12).data(), on(2));
  const SparseFit::Solution solution = fit.solve({1e-5, 1e-5, 1e-5}, kFitted);
  expect_near(energies(*kernel, fit.weights(solution), systems), made.energy, 1e-6);
  for (bool held_out : {false, true}) {
    for (double error : fit.errors(solution, kOnly[held_out])) EXPECT_LT(error, 1e-5);
  }
}

TEST(SparseFit, HeldOutStructuresOnlyCountWhereAsked) {
  const Systems systems = training(12);
  const Labels given = labels(systems);
  const auto kernel = make_kernel(soap(), systems, 6, 2);
  const std::vector<std::uint8_t> held_out = every(4, 12);
  SparseFit fit(kernel);
  fit.add(systems.view(), given.targets(), held_out.data(), on(1));

  DenseFit fitted(*kernel), all(*kernel);
  all.add(systems, given, kNoise);
  Labels seen = given;
  std::size_t atom = 0;
  for (std::size_t s = 0; s < 12; ++s) {
    for (std::size_t x = 0; x < 3 * systems[s].size(); ++x, ++atom) {
      if (held_out[s]) seen.forces[atom] = kNone;
    }
    if (!held_out[s]) continue;
    seen.energy[s] = kNone;
    for (std::size_t e = 0; e < 9; ++e) seen.stress[9 * s + e] = kNone;
  }
  fitted.add(systems, seen, kNoise);
  const SparseFit::Solution solution = fit.solve(kNoise, kFitted);
  const std::vector<double> weights = fit.weights(solution);
  expect_near(energies(*kernel, weights, systems), energies(*kernel, fitted.weights(), systems),
              1e-7);
  expect_near(energies(*kernel, fit.weights(fit.solve(kNoise, kAll)), systems),
              energies(*kernel, all.weights(), systems), 1e-7);

  // The quadratic form against residuals one by one.
  for (bool out : {false, true}) {
    std::array<double, kQuantities> square{}, count{};
    atom = 0;
    for (std::size_t s = 0; s < 12; ++s) {
      const System& system = systems[s];
      const testing::Rows rows = testing::kernel_rows(*kernel, system);
      const auto residual = [&](Quantity q, const double* row, double scale, double label) {
        if ((held_out[s] != 0) != out || std::isnan(label)) return;
        double sum = 0.0;
        for (std::size_t m = 0; m < weights.size(); ++m) sum += weights[m] * row[m];
        const double per_atom = q == kEnergy ? std::sqrt(static_cast<double>(system.size())) : 1.0;
        square[q] += std::pow((scale * sum - label) / per_atom, 2);
        count[q] += 1.0;
      };
      residual(kEnergy, rows.energy.data(), 1.0, given.energy[s]);
      for (std::size_t x = 0; x < 3 * system.size(); ++x, ++atom) {
        residual(kForces, &rows.positions[x * weights.size()], -1.0, given.forces[atom]);
      }
      for (std::size_t e = 0; e < 9; ++e) {
        residual(kStress, &rows.strain[e * weights.size()], 1.0 / testing::cell_volume(system),
                 given.stress[9 * s + e]);
      }
    }
    const auto errors = fit.errors(solution, kOnly[out]);
    for (std::size_t q = 0; q < kQuantities; ++q) {
      EXPECT_NEAR(errors[q] / std::sqrt(square[q] / count[q]), 1.0, 1e-8) << q << out;
    }
  }
}

TEST(SparseFit, EqualSparsePointsDoNoHarm) {
  const Systems systems = training(9);
  const Labels given = labels(systems);
  const auto plain = make_kernel(soap(), systems, 5, 2);
  const std::size_t features = soap()->features();
  SparseFit reference(plain);
  reference.add(systems.view(), given.targets(), every(0, 9).data(), on(1));
  const SparseFit::Solution plain_solution = reference.solve(kNoise, kFitted);
  const std::vector<double> expected = energies(*plain, reference.weights(plain_solution), systems);

  for (double difference : {0.0, 1e-15, 1e-9, 1e-7, 1e-5}) {
    SCOPED_TRACE(difference);
    std::vector<double> points;  // every point twice, a little to both sides
    for (std::size_t m = 0; m < plain->size(); ++m) {
      for (double sign : {-1.0, 1.0}) {
        for (std::size_t k = 0; k < features; ++k) {
          const double change = k == (3 * m) % features ? sign * difference : 0.0;
          points.push_back(plain->points()[m * features + k] + change);
        }
      }
    }
    std::vector<std::size_t> first = plain->first();
    for (std::size_t& f : first) f *= 2;
    const auto doubled = std::make_shared<const SparseKernel>(soap(), points, first, 2);
    SparseFit fit(doubled);
    fit.add(systems.view(), given.targets(), every(0, 9).data(), on(1));
    const SparseFit::Solution solution = fit.solve(kNoise, kFitted);
    const std::vector<double> found = energies(*doubled, fit.weights(solution), systems);
    // Equal points span the same functions with the same norm. Points that differ by more than
    // rounding span new ones: the fit may only get better.
    if (difference < 1e-14) expect_near(found, expected, 1e-5);
    const auto errors = fit.errors(solution, kOnly[0]),
               before = reference.errors(plain_solution, kOnly[0]);
    for (std::size_t q = 0; q < kQuantities; ++q) EXPECT_LT(errors[q], 1.01 * before[q]) << q;

    // What is promised in whitened coordinates holds for the weights too.
    double square = 0.0, count = 0.0;
    for (std::size_t s = 0; s < 9; ++s) {
      if (std::isnan(given.energy[s])) continue;
      square += std::pow(found[s] - given.energy[s], 2) / static_cast<double>(systems[s].size());
      count += 1.0;
    }
    EXPECT_NEAR(std::sqrt(square / count), errors[kEnergy], 1e-7 + 1e-3 * errors[kEnergy]);
  }
}

TEST(SparseFit, StreamsGiveTheSameAsOneBatch) {
  // More rows than a group (2048) and a flush (512), more points than an item (256) and a tile.
  const Systems systems = training(160);
  const Labels given = labels(systems);
  const auto kernel = make_kernel(soap(), systems, 290, 2);
  ASSERT_GT(kernel->first()[1], 256u);
  ASSERT_GT(systems.atoms(), 800u);
  SparseFit whole(kernel), parts(kernel);
  whole.add(systems.view(), given.targets(), every(0, 160).data(), on(2));
  std::size_t atom = 0;
  for (std::size_t s = 0; s < 160; ++s) {
    const Systems one({systems[s]});
    const std::uint8_t fitted = 0;
    parts.add(one.view(), {&given.energy[s], &given.forces[3 * atom], &given.stress[9 * s]},
              &fitted, on(1));
    atom += one.atoms();
  }
  const SparseFit::Solution a = whole.solve(kNoise, kFitted), b = parts.solve(kNoise, kFitted);
  for (std::size_t q = 0; q < kQuantities; ++q) {
    EXPECT_NEAR(whole.errors(a, kOnly[0])[q], parts.errors(b, kOnly[0])[q], 1e-8);
  }
  expect_near(energies(*kernel, whole.weights(a), training(6)),
              energies(*kernel, parts.weights(b), training(6)), 1e-6);
}

TEST(SparseFit, IsTheSameToTheLastBitOnAnyNumberOfThreads) {
  const Systems systems = training(100);
  const Labels given = labels(systems);
  const auto kernel = make_kernel(soap(), systems, 300, 2);
  ASSERT_GT(kernel->first()[1], 256u);
  const auto weights = [&](int threads) {
    SparseFit fit(kernel);
    fit.add(systems.view(), given.targets(), every(4, 100).data(), on(threads));
    return fit.weights(fit.solve(kNoise, kAll));
  };
  const std::vector<double> one = weights(1);
  for (int threads : {2, 3, 0}) EXPECT_EQ(weights(threads), one);
}

TEST(SparseFit, CanBeCancelledAndReports) {
  const Systems systems = training(20);
  const Labels given = labels(systems);
  const auto kernel = make_kernel(soap(), systems, 5, 2);
  std::size_t reported = 0;
  Execution execution{2, nullptr, [&](std::size_t done, std::size_t total) {
                        EXPECT_EQ(total, systems.atoms());
                        reported = done;
                      }};
  SparseFit fit(kernel);
  fit.add(systems.view(), given.targets(), every(0, 20).data(), execution);
  EXPECT_EQ(reported, systems.atoms());
  const std::atomic<bool> cancelled{true};
  execution.cancelled = &cancelled;
  for (int threads : {1, 3}) {
    execution.threads = threads;
    try {
      SparseFit(kernel).add(systems.view(), given.targets(), every(0, 20).data(), execution);
      FAIL() << "went on";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kAborted);
    }
  }
}

TEST(SparseFit, AnUnknownSpeciesIsAnErrorFromAnyThread) {
  const Systems systems({cluster(1, 6, {1, 8}), cluster(2, 6, {1, 6})});
  const auto kernel = make_kernel(soap(), Systems({cluster(1, 6, {1, 8})}), 3, 2);
  const std::vector<double> energy{1.0, 2.0};
  for (int threads : {1, 3}) {
    SparseFit fit(kernel);
    EXPECT_THROW(
        fit.add(systems.view(), {energy.data(), nullptr, nullptr}, every(0, 2).data(), on(threads)),
        Error);
  }
}

TEST(SparseFit, RefusesAStressWithoutVolume) {
  const Systems systems({cluster(1, 6, {8, 1})});
  SparseFit fit(make_kernel(soap(), systems, 3, 2));
  const std::vector<double> stress(9, 0.1);
  Targets targets;
  targets.stress = stress.data();
  try {
    fit.add(systems.view(), targets, every(0, 1).data(), on(1));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidInput);
  }
}

/// Weights of a fit to these structures alone.
std::vector<double> weights_of(const std::shared_ptr<const SparseKernel>& kernel,
                               const Systems& systems, const Labels& labels) {
  SparseFit fit(kernel);
  fit.add(systems.view(), labels.targets(), every(0, systems.size()).data(), on(1));
  return fit.weights(fit.solve(kNoise, kAll));
}

TEST(SparseFit, StructuresThatCannotBeUsedLeaveItAsItWas) {
  const Systems good = training(9);
  const Labels given = labels(good);
  const auto kernel = make_kernel(soap(), good, 6, 2);
  const std::vector<double> expected = weights_of(kernel, good, given);
  const std::vector<double> numbers(100, 0.1);
  const std::uint8_t group[2] = {0, 0};
  for (int threads : {1, 3}) {
    SparseFit fit(kernel);
    // The first one is good, and a stress without a volume is found out before anything else.
    for (const Systems& bad : {Systems({cluster(1, 6, {1, 8}), cluster(2, 6, {1, 6})}),
                               Systems({crystal(1, 3, {1, 8, 1}), cluster(2, 6, {1, 8})})}) {
      try {
        fit.add(bad.view(), {numbers.data(), numbers.data(), numbers.data()}, group, on(threads));
        FAIL() << "accepted";
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kInvalidInput);
        EXPECT_EQ(std::string(error.what()).substr(0, 10), "structures");
      }
    }
    fit.add(good.view(), given.targets(), every(0, 9).data(), on(threads));
    EXPECT_EQ(fit.weights(fit.solve(kNoise, kAll)), expected);
  }
}

TEST(SparseFit, ASumOfItsPartsIsNotTakenForTheWhole) {
  const Systems systems = training(160);  // more than one group of rows
  const Labels given = labels(systems);
  const auto kernel = make_kernel(soap(), systems, 6, 2);
  const std::vector<std::uint8_t> groups = every(0, 160);
  const std::uint8_t* group = groups.data();
  const auto add = [&](SparseFit& fit, const Execution& execution) {
    try {
      fit.add(systems.view(), given.targets(), group, execution);
      FAIL() << "went on";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kAborted);
    }
  };
  std::atomic<bool> cancelled{true};
  for (int threads : {1, 3}) {
    // Before anything was added: as it was.
    SparseFit fit(kernel);
    add(fit, {threads, &cancelled, nullptr});
    fit.add(systems.view(), given.targets(), group, on(threads));
    EXPECT_EQ(fit.weights(fit.solve(kNoise, kAll)), weights_of(kernel, systems, given));
    // With some of it added.
    cancelled = false;
    const auto cancel = [&](std::size_t, std::size_t) { cancelled = true; };
    SparseFit broken(kernel);
    add(broken, {threads, &cancelled, cancel});
    const auto expect_refusal = [](const auto& call) {
      try {
        call();
        FAIL() << "went on";
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kInvalidInput);
        EXPECT_NE(std::string(error.what()).find("interrupted"), std::string::npos);
      }
    };
    expect_refusal([&] { broken.solve(kNoise, kAll); });
    expect_refusal([&] { broken.add(systems.view(), given.targets(), group, on(threads)); });
  }
}

TEST(SparseFit, RefusesLabelsWithoutNoise) {
  const Systems systems({cluster(1, 6, {8, 1})});
  SparseFit fit(make_kernel(soap(), systems, 3, 2));
  const double energy = 1.0;
  Targets targets;
  targets.energy = &energy;
  fit.add(systems.view(), targets, every(0, 1).data(), on(1));
  EXPECT_NO_THROW(fit.solve({0.1, 0.0, 0.0}, kFitted));  // there are no forces and stresses
  for (double level : {0.0, -1.0, kNone}) {
    try {
      fit.solve({level, 0.1, 0.1}, kFitted);
      FAIL() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidInput);
    }
  }
}

}  // namespace
}  // namespace soapstone
