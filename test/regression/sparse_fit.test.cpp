#include "regression/sparse_fit.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "regression/labelled_systems.hpp"
#include "regression/reference.hpp"

namespace soapstone {
namespace {

using testing::DenseFit;
using testing::energies;
using testing::every;
using testing::expect_near;
using testing::kAll;
using testing::kFitted;
using testing::kNoise;
using testing::kNone;
using testing::kOnly;
using testing::Labels;
using testing::labels;
using testing::make_kernel;
using testing::on;
using testing::soap;
using testing::System;
using testing::Systems;
using testing::training;

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

TEST(SparseFit, RefusesToBeWithoutPoints) {
  const auto none = std::make_shared<SparseKernel>(soap(), static_cast<const double*>(nullptr),
                                                   std::vector<std::size_t>{0, 0, 0}, 2);
  EXPECT_THROW(SparseFit{none}, Error);
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
    const auto doubled = std::make_shared<const SparseKernel>(soap(), points.data(), first, 2);
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

}  // namespace
}  // namespace soapstone
