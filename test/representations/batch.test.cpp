#include "representations/batch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "execution.hpp"
#include "finite_differences.hpp"
#include "representations/jacobian.hpp"
#include "representations/power_spectrum.hpp"
#include "structures/systems.hpp"

namespace soapstone {
namespace {

using testing::on;
using testing::System;
using testing::Systems;

/// Molecules, a crystal with many images of itself, an atom alone: two species in each order.
Systems few_systems() {
  const auto clear = [](const auto& make) { return testing::clear_of({3.0, 2.2}, 1, make); };
  return Systems({clear([](unsigned seed) {
                    return testing::cluster(seed, 9, {8, 1, 1});
                  }),
                  clear([](unsigned seed) {
                    return testing::crystal(seed, 3, {1, 8, 1});
                  }),
                  System{{0, 0, 0}, {1}, {}, {}},
                  clear([](unsigned seed) { return testing::crystal(seed, 1, {8}); }),
                  clear([](unsigned seed) {
                    return testing::cluster(seed, 20, {1, 8});
                  })});
}

struct Gradient {
  std::vector<double> positions, strain;
};

class BatchDrivers : public ::testing::Test {
 protected:
  PowerSpectrum representation{{{3.0, 0.8}, {}, 0.5, 1.0}, {3, 4, 1e-9}, {1, 8}};
  std::size_t features = representation.features();

  std::vector<double> values(const Systems& systems, const Execution& execution = on(1)) const {
    std::vector<double> result(systems.atoms() * features, std::nan(""));
    compute_values(representation, systems.view(), execution, result.data());
    return result;
  }

  std::vector<double> weights(const Systems& systems) const {
    std::mt19937 random(6);
    std::normal_distribution<double> normal;
    std::vector<double> result(systems.atoms() * features);
    for (double& weight : result) weight = normal(random);
    return result;
  }

  Gradient gradient(const Systems& systems, const std::vector<double>& weights,
                    const Execution& execution = on(1)) const {
    Gradient result{std::vector<double>(3 * systems.atoms(), std::nan("")),
                    std::vector<double>(9 * systems.size(), std::nan(""))};
    compute_vjp(representation, systems.view(), weights.data(), execution, result.positions.data(),
                result.strain.data());
    return result;
  }
};

TEST_F(BatchDrivers, ResultsBeyondTheCachesAreTheSameAsSmallOnes) {
  const System molecule = testing::cluster(3, 20, {1, 8, 1});
  const std::size_t copies = (std::size_t{36} << 20) / (sizeof(float) * 20 * features) + 1;
  const Systems one({molecule}), many(std::vector<System>(copies, molecule));
  const std::vector<double> expected = values(one), all = values(many, on(2));
  std::vector<float> rounded(all.size());
  compute_values(representation, many.view(), on(2), rounded.data());
  for (std::size_t s = 0; s < copies; ++s) {
    for (std::size_t k = 0; k < expected.size(); ++k) {
      const std::size_t at = s * expected.size() + k;
      ASSERT_EQ(all[at], expected[k]) << s << " " << k;
      ASSERT_EQ(rounded[at], static_cast<float>(expected[k])) << s << " " << k;
    }
  }
}

TEST_F(BatchDrivers, AStructureIsTheSameAloneAndInABatch) {
  const Systems systems = few_systems();
  const std::vector<double> all = values(systems);
  const std::vector<double> loss = weights(systems);
  const Gradient slopes = gradient(systems, loss);
  std::size_t atom = 0;
  for (std::size_t s = 0; s < systems.size(); ++s) {
    const Systems alone({systems[s]});
    const std::vector<double> own = values(alone);
    EXPECT_TRUE(std::equal(own.begin(), own.end(), all.begin() + atom * features));
    const Gradient own_slopes = gradient(
        alone,
        {loss.begin() + atom * features, loss.begin() + (atom + systems[s].size()) * features});
    EXPECT_TRUE(std::equal(own_slopes.positions.begin(), own_slopes.positions.end(),
                           slopes.positions.begin() + 3 * atom));
    EXPECT_TRUE(std::equal(own_slopes.strain.begin(), own_slopes.strain.end(),
                           slopes.strain.begin() + 9 * s));
    atom += systems[s].size();
  }
}

TEST_F(BatchDrivers, VjpIsTheSlopeInPositionsAndStrain) {
  const Systems systems = few_systems();
  const std::vector<double> loss = weights(systems);
  const Gradient found = gradient(systems, loss);
  std::size_t atom = 0;
  for (std::size_t s = 0; s < systems.size(); ++s) {
    SCOPED_TRACE("structure " + std::to_string(s));
    const auto at = [&](const System& system) {
      const std::vector<double> p = values(Systems({system}));
      return std::inner_product(p.begin(), p.end(), loss.begin() + atom * features, 0.0);
    };
    for (std::size_t x = 0; x < 3 * systems[s].size(); ++x) {
      const double slope =
          testing::slope_at_zero([&](double h) { return at(systems[s].moved(x, h)); });
      EXPECT_NEAR(found.positions[3 * atom + x], slope, 1e-7 * (1.0 + std::abs(slope)));
    }
    for (std::size_t e = 0; e < 9; ++e) {
      const double slope = testing::slope_at_zero(
          [&](double h) { return at(systems[s].strained(e / 3, e % 3, h)); });
      EXPECT_NEAR(found.strain[9 * s + e], slope, 1e-7 * (1.0 + std::abs(slope)));
    }
    atom += systems[s].size();
  }
}

TEST_F(BatchDrivers, VjpNeedsNoStrain) {
  const Systems systems = few_systems();
  const std::vector<double> loss = weights(systems);
  std::vector<double> positions(3 * systems.atoms(), std::nan(""));
  compute_vjp(representation, systems.view(), loss.data(), on(1), positions.data(), nullptr);
  EXPECT_EQ(positions, gradient(systems, loss).positions);
}

TEST_F(BatchDrivers, JacobianTimesWeightsIsTheVjp) {
  const Systems systems = few_systems();
  const std::vector<double> loss = weights(systems);
  const Jacobian jacobian(representation, systems.view(), on(2));
  ASSERT_EQ(jacobian.first().size(), systems.atoms() + 1);
  ASSERT_EQ(static_cast<std::size_t>(jacobian.first().back()), jacobian.rows());

  std::vector<double> rows(jacobian.rows() * 3 * features, std::nan(""));
  jacobian.compute(0, systems.atoms(), on(1), rows.data());
  std::vector<double> positions(3 * systems.atoms(), 0.0);
  for (std::size_t i = 0; i < systems.atoms(); ++i) {
    const auto from = static_cast<std::size_t>(jacobian.first()[i]);
    const auto to = static_cast<std::size_t>(jacobian.first()[i + 1]);
    EXPECT_TRUE(std::is_sorted(jacobian.moved().begin() + from, jacobian.moved().begin() + to));
    EXPECT_EQ(std::count(jacobian.moved().begin() + from, jacobian.moved().begin() + to,
                         static_cast<std::int32_t>(i)),
              1)
        << "the centre itself moves";
    for (std::size_t row = from; row < to; ++row) {
      for (std::size_t axis = 0; axis < 3; ++axis) {
        positions[3 * static_cast<std::size_t>(jacobian.moved()[row]) + axis] +=
            std::inner_product(loss.begin() + i * features, loss.begin() + (i + 1) * features,
                               rows.begin() + (3 * row + axis) * features, 0.0);
      }
    }
  }
  const Gradient expected = gradient(systems, loss);
  for (std::size_t x = 0; x < positions.size(); ++x) {
    EXPECT_NEAR(positions[x], expected.positions[x], 1e-10);
  }
}

TEST_F(BatchDrivers, JacobianCanBeComputedInChunks) {
  const Systems systems = few_systems();
  const Jacobian jacobian(representation, systems.view(), on(1));
  std::vector<double> whole(jacobian.rows() * 3 * features), chunks(whole.size(), std::nan(""));
  jacobian.compute(0, systems.atoms(), on(1), whole.data());
  for (std::size_t from = 0; from < systems.atoms(); from += 7) {
    const std::size_t to = std::min(from + 7, systems.atoms());
    jacobian.compute(
        from, to, on(2),
        chunks.data() + static_cast<std::size_t>(jacobian.first()[from]) * 3 * features);
  }
  EXPECT_EQ(chunks, whole);
}

TEST_F(BatchDrivers, ResultsAreTheSameToTheLastBitOnAnyNumberOfThreads) {
  const Systems systems = few_systems();
  const std::vector<double> loss = weights(systems);
  const std::vector<double> one = values(systems);
  const Gradient slopes = gradient(systems, loss);
  const Jacobian jacobian(representation, systems.view(), on(1));
  std::vector<double> rows(jacobian.rows() * 3 * features), again(rows.size());
  jacobian.compute(0, systems.atoms(), on(1), rows.data());
  for (int threads : {2, 3, 0}) {
    EXPECT_EQ(values(systems, on(threads)), one);
    const Gradient other = gradient(systems, loss, on(threads));
    EXPECT_EQ(other.positions, slopes.positions);
    EXPECT_EQ(other.strain, slopes.strain);
    const Jacobian same(representation, systems.view(), on(threads));
    EXPECT_EQ(same.moved(), jacobian.moved());
    same.compute(0, systems.atoms(), on(threads), again.data());
    EXPECT_EQ(again, rows);
  }
}

TEST_F(BatchDrivers, SinglePrecisionIsDoublePrecisionRoundedOnce) {
  const Systems systems = few_systems();
  const auto rounded = [](const std::vector<double>& exact) {
    return std::vector<float>(exact.begin(), exact.end());
  };
  const std::vector<float> expected = rounded(values(systems));
  const Jacobian jacobian(representation, systems.view(), on(1));
  std::vector<double> rows(jacobian.rows() * 3 * features);
  jacobian.compute(0, systems.atoms(), on(1), rows.data());
  for (int threads : {1, 3}) {
    std::vector<float> found(expected.size(), NAN), found_rows(rows.size(), NAN);
    compute_values(representation, systems.view(), on(threads), found.data());
    EXPECT_EQ(found, expected);
    jacobian.compute(0, systems.atoms(), on(threads), found_rows.data());
    EXPECT_EQ(found_rows, rounded(rows));
  }
}

TEST_F(BatchDrivers, ManyStructuresAreWorkedOnInShards) {
  // More than the 8192 atoms of a shard, in structures that do not fill it evenly.
  const PowerSpectrum small({{2.5, 0.8}, {}, 0.6, 1.0}, {1, 2, 1e-6}, {1, 8});
  std::vector<System> many;
  for (unsigned s = 0; s < 520; ++s) many.push_back(testing::cluster(s, 16 + s % 3, {8, 1}));
  many.push_back(testing::cluster(600, 9000, {1, 8}));
  many.push_back(testing::cluster(601, 5, {1}));
  const Systems systems(many);
  std::vector<double> all(systems.atoms() * small.features()), own;
  std::size_t reported = 0;
  Execution execution = on(2);
  execution.progress = [&](std::size_t done, std::size_t total) {
    EXPECT_GT(done, reported);
    EXPECT_EQ(total, systems.atoms());
    reported = done;
  };
  compute_values(small, systems.view(), execution, all.data());
  EXPECT_EQ(reported, systems.atoms());

  std::vector<double> loss(all.size(), 1.0), positions(3 * systems.atoms()),
      strain(9 * many.size());
  compute_vjp(small, systems.view(), loss.data(), on(2), positions.data(), strain.data());
  std::size_t atom = 0;
  for (std::size_t s = 0; s < systems.size(); ++s) {
    if (s % 40 == 0 || s > 518) {
      const Systems alone({systems[s]});
      own.resize(alone.atoms() * small.features());
      compute_values(small, alone.view(), on(1), own.data());
      ASSERT_TRUE(std::equal(own.begin(), own.end(), all.begin() + atom * small.features())) << s;
      std::vector<double> own_positions(3 * alone.atoms()), own_strain(9);
      compute_vjp(small, alone.view(), loss.data(), on(1), own_positions.data(), own_strain.data());
      ASSERT_TRUE(
          std::equal(own_positions.begin(), own_positions.end(), positions.begin() + 3 * atom));
      ASSERT_TRUE(std::equal(own_strain.begin(), own_strain.end(), strain.begin() + 9 * s));
    }
    atom += systems[s].size();
  }
}

TEST_F(BatchDrivers, AnUnknownSpeciesIsAnErrorFromAnyThread) {
  const Systems systems({testing::cluster(1, 20, {1, 8}), testing::cluster(2, 20, {1, 8, 6})});
  for (int threads : {1, 3}) {
    try {
      values(systems, on(threads));
      FAIL() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidInput);
      EXPECT_NE(std::string(error.what()).find("atomic number 6"), std::string::npos);
    }
  }
}

TEST_F(BatchDrivers, AStructureThatALongRangeDensityCannotBeOfIsNamed) {
  DensityParameters density{{3.0, 0.8}, {}, 0.5, 1.0};
  density.long_range = PowerLaw{};
  const PowerSpectrum everywhere(density, {1, 2, 1e-9}, {1, 8});
  const Systems systems({testing::crystal(1, 2, {1, 8}), testing::crystal(2, 2, {8, 1}),
                         testing::cluster(3, 4, {1, 8})});
  std::vector<double> values(systems.atoms() * everywhere.features());
  for (int threads : {1, 2, 8}) {
    try {
      compute_values(everywhere, systems.view(), on(threads), values.data());
      FAIL() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).rfind("structures[2]: ", 0), 0u) << error.what();
    }
  }
}

TEST_F(BatchDrivers, CanBeCancelled) {
  const Systems systems = few_systems();
  const std::vector<double> loss = weights(systems);
  const std::atomic<bool> cancelled{true};
  const Jacobian jacobian(representation, systems.view(), on(1));
  std::vector<double> rows(jacobian.rows() * 3 * features);
  for (int threads : {1, 3}) {
    const Execution execution{threads, &cancelled, nullptr};
    const auto expect_aborted = [](auto&& call) {
      try {
        call();
        FAIL() << "went on";
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kAborted);
      }
    };
    expect_aborted([&] { values(systems, execution); });
    expect_aborted([&] { gradient(systems, loss, execution); });
    expect_aborted([&] { Jacobian(representation, systems.view(), execution); });
    expect_aborted([&] { jacobian.compute(0, systems.atoms(), execution, rows.data()); });
  }
}

TEST_F(BatchDrivers, AnEmptyBatchIsNoWork) {
  const Systems none({});
  EXPECT_TRUE(values(none).empty());
  EXPECT_TRUE(gradient(none, {}).positions.empty());
  const Jacobian jacobian(representation, none.view(), on(2));
  EXPECT_EQ(jacobian.rows(), 0u);
}

}  // namespace
}  // namespace soapstone
