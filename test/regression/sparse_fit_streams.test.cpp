#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "regression/labelled_systems.hpp"
#include "regression/sparse_fit.hpp"

namespace soapstone {
namespace {

using testing::cluster;
using testing::crystal;
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
using testing::Systems;
using testing::training;

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
