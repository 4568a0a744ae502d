#include "representations/normalized.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <memory>
#include <numeric>
#include <vector>

#include "finite_differences.hpp"
#include "representations/batch.hpp"
#include "representations/jacobian.hpp"
#include "representations/power_spectrum.hpp"
#include "structures/systems.hpp"

namespace soapstone {
namespace {

using testing::System;
using testing::Systems;

const Execution kSerial{1, nullptr, nullptr};

class NormalizedRows : public ::testing::Test {
 protected:
  std::shared_ptr<const PowerSpectrum> plain =
      std::make_shared<PowerSpectrum>(DensityParameters{{3.0, 0.8}, {}, 0.5, 0.0},
                                      BasisParameters{3, 4, 1e-9}, std::vector<std::int32_t>{1, 8});
  Normalized normalized{plain};
  std::size_t features = normalized.features();
  // The last atom is alone: without a weight on the centre its row is zero.
  System system = testing::clear_of({3.0, 2.2}, 1, [](unsigned seed) {
    return testing::cluster(seed, 9, {8, 1, 1});
  });
  System alone{{0, 0, 0}, {1}, {}, {}};
  Systems systems{{system, alone}};

  std::vector<double> values(const Representation& representation, const Systems& of) const {
    std::vector<double> result(of.atoms() * features, std::nan(""));
    compute_values(representation, of.view(), kSerial, result.data());
    return result;
  }

  std::vector<double> loss() const {
    std::vector<double> weights(systems.atoms() * features);
    for (std::size_t k = 0; k < weights.size(); ++k) weights[k] = std::sin(1.0 + 3.0 * k);
    return weights;
  }
};

TEST_F(NormalizedRows, HaveLengthOneAndTheirDirection) {
  const std::vector<double> before = values(*plain, systems), after = values(normalized, systems);
  for (std::size_t i = 0; i + 1 < systems.atoms(); ++i) {
    const double* p = &before[i * features];
    const double norm = std::sqrt(std::inner_product(p, p + features, p, 0.0));
    for (std::size_t k = 0; k < features; ++k) {
      EXPECT_NEAR(after[i * features + k], p[k] / norm, 1e-15);
    }
  }
}

TEST_F(NormalizedRows, ARowOfZerosStaysAndHasNoSlope) {
  const std::vector<double> rows = values(normalized, systems), weights = loss();
  for (std::size_t k = (systems.atoms() - 1) * features; k < rows.size(); ++k) {
    EXPECT_EQ(rows[k], 0.0);
  }
  std::vector<double> positions(3 * systems.atoms()), strain(9 * systems.size());
  compute_vjp(normalized, systems.view(), weights.data(), kSerial, positions.data(), strain.data());
  for (std::size_t x = 0; x < 3; ++x) EXPECT_EQ(positions[3 * system.size() + x], 0.0);
  for (std::size_t e = 0; e < 9; ++e) EXPECT_EQ(strain[9 + e], 0.0);
}

TEST_F(NormalizedRows, VjpIsTheSlopeOfNormalisedRows) {
  const std::vector<double> weights = loss();
  std::vector<double> positions(3 * systems.atoms()), strain(9 * systems.size());
  compute_vjp(normalized, systems.view(), weights.data(), kSerial, positions.data(), strain.data());
  const auto at = [&](const System& moved) {
    const std::vector<double> p = values(normalized, Systems({moved}));
    return std::inner_product(p.begin(), p.end(), weights.begin(), 0.0);
  };
  for (std::size_t x = 0; x < 3 * system.size(); ++x) {
    const double slope = testing::slope_at_zero([&](double h) { return at(system.moved(x, h)); });
    EXPECT_NEAR(positions[x], slope, 1e-7 * (1.0 + std::abs(slope)));
  }
  for (std::size_t e = 0; e < 9; ++e) {
    const double slope =
        testing::slope_at_zero([&](double h) { return at(system.strained(e / 3, e % 3, h)); });
    EXPECT_NEAR(strain[e], slope, 1e-7 * (1.0 + std::abs(slope)));
  }
}

TEST_F(NormalizedRows, JacobianTimesWeightsIsTheVjp) {
  const std::vector<double> weights = loss();
  std::vector<double> expected(3 * systems.atoms());
  compute_vjp(normalized, systems.view(), weights.data(), kSerial, expected.data(), nullptr);

  const Jacobian jacobian(normalized, systems.view(), kSerial);
  std::vector<double> rows(jacobian.rows() * 3 * features, std::nan(""));
  jacobian.compute(0, systems.atoms(), kSerial, rows.data());
  std::vector<double> positions(3 * systems.atoms(), 0.0);
  for (std::size_t i = 0; i < systems.atoms(); ++i) {
    for (auto r = jacobian.first()[i]; r < jacobian.first()[i + 1]; ++r) {
      const auto row = static_cast<std::size_t>(r);
      for (std::size_t axis = 0; axis < 3; ++axis) {
        positions[3 * static_cast<std::size_t>(jacobian.moved()[row]) + axis] +=
            std::inner_product(&weights[i * features], &weights[i * features] + features,
                               &rows[(3 * row + axis) * features], 0.0);
      }
    }
  }
  for (std::size_t x = 0; x < positions.size(); ++x) EXPECT_NEAR(positions[x], expected[x], 1e-11);
}

}  // namespace
}  // namespace soapstone
