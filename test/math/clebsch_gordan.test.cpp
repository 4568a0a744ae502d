#include "math/clebsch_gordan.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

#include "math/simd.hpp"
#include "math/spherical_harmonics.hpp"

namespace soapstone {
namespace {

std::vector<double> couple(const Coupling& coupling, const double* a, const double* b) {
  std::vector<double> result(static_cast<std::size_t>(2 * coupling.lambda + 1), 0.0);
  for (const CouplingTerm& t : coupling.terms) {
    result[static_cast<std::size_t>(t.mu)] += t.value * a[t.m1] * b[t.m2];
  }
  return result;
}

/// Y_lm of a direction for all l ≤ max_angular.
std::vector<double> harmonics(int max_angular, const double* direction) {
  const SphericalHarmonics functions(max_angular);
  AlignedVector directions(3 * kLanes, 0.0), values(functions.size() * kLanes);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    for (std::size_t k = 0; k < kLanes; ++k) directions[axis * kLanes + k] = direction[axis];
  }
  functions.compute(directions.data(), 1, kLanes, values.data(), nullptr);
  std::vector<double> result;
  for (std::size_t lm = 0; lm < functions.size(); ++lm) result.push_back(values[lm * kLanes]);
  return result;
}

TEST(ClebschGordan, CouplingsAreOrthonormalAndComplete) {
  for (const auto& [l1, l2] : {std::pair(0, 0), std::pair(3, 0), std::pair(1, 2), std::pair(4, 4),
                               std::pair(6, 9), std::pair(12, 12)}) {
    const auto size = static_cast<std::size_t>((2 * l1 + 1) * (2 * l2 + 1));
    // Rows (λμ) of an orthogonal matrix over columns (m1 m2).
    std::vector<std::vector<double>> rows;
    for (int lambda = std::abs(l1 - l2); lambda <= l1 + l2; ++lambda) {
      const Coupling coupling(l1, l2, lambda);
      const std::size_t first = rows.size();
      rows.resize(first + static_cast<std::size_t>(2 * lambda + 1), std::vector<double>(size, 0.0));
      for (const CouplingTerm& t : coupling.terms) {
        rows[first + static_cast<std::size_t>(t.mu)]
            [static_cast<std::size_t>(t.m1 * (2 * l2 + 1) + t.m2)] = t.value;
      }
    }
    ASSERT_EQ(rows.size(), size);
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        double dot = 0.0;
        for (std::size_t k = 0; k < size; ++k) dot += rows[i][k] * rows[j][k];
        ASSERT_NEAR(dot, i == j ? 1.0 : 0.0, 1e-12) << l1 << " " << l2;
      }
    }
  }
}

// Y_l1 ⊗ Y_l2 of one direction is parallel to Y_λ of it (the formula of Gaunt), and only where
// l1 + l2 + λ is even: this fixes order and sign of the harmonics beyond doubt.
TEST(ClebschGordan, HarmonicsOfOneDirectionCoupleToHarmonicsOfIt) {
  const double direction[3] = {0.36, -0.48, 0.8};
  const std::vector<double> y = harmonics(8, direction);
  const double pi = std::acos(-1.0);
  for (int l1 = 0; l1 <= 4; ++l1) {
    for (int l2 = 0; l2 <= 4; ++l2) {
      for (int lambda = std::abs(l1 - l2); lambda <= l1 + l2; ++lambda) {
        const Coupling coupling(l1, l2, lambda);
        const std::vector<double> found = couple(coupling, &y[l1 * l1], &y[l2 * l2]);
        // √((2l1+1)(2l2+1)/4π(2λ+1)) ⟨l1 0; l2 0|λ 0⟩, DLMF 34.3.21
        double zero = 0.0;
        for (const CouplingTerm& t : coupling.terms) {
          if (t.m1 == l1 && t.m2 == l2 && t.mu == lambda) zero = t.value;
        }
        const double factor =
            std::sqrt((2 * l1 + 1) * (2 * l2 + 1) / (4.0 * pi * (2 * lambda + 1))) * zero;
        if ((l1 + l2 + lambda) % 2 != 0) {
          EXPECT_EQ(zero, 0.0);
        }
        for (int mu = 0; mu <= 2 * lambda; ++mu) {
          EXPECT_NEAR(found[static_cast<std::size_t>(mu)], factor * y[lambda * lambda + mu], 1e-13)
              << l1 << " " << l2 << " " << lambda;
        }
      }
    }
  }
}

// Two vectors in the order y, z, x of l = 1.
TEST(ClebschGordan, VectorsCoupleToTheirCrossAndScalarProducts) {
  const double a[3] = {0.3, -1.2, 0.7}, b[3] = {1.1, 0.4, -0.5};  // y, z, x
  EXPECT_NEAR(couple(Coupling(1, 1, 0), a, b)[0],
              -(a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) / std::sqrt(3.0), 1e-14);
  const std::vector<double> cross = couple(Coupling(1, 1, 1), a, b);
  const double expected[3] = {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2],
                              a[0] * b[1] - a[1] * b[0]};  // y, z, x
  const double sign = cross[0] / expected[0] > 0.0 ? 1.0 : -1.0;
  for (int k = 0; k < 3; ++k) EXPECT_NEAR(cross[k], sign * expected[k] / std::sqrt(2.0), 1e-14);
}

}  // namespace
}  // namespace soapstone
