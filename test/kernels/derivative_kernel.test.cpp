#include "kernels/derivative_kernel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "finite_differences.hpp"
#include "kernels/reference.hpp"
#include "representations/power_spectrum.hpp"

namespace soapstone {
namespace {

using testing::cluster;
using testing::crystal;
using testing::make_kernel;
using testing::System;
using testing::Systems;

constexpr double kCutoff = 3.0, kWidth = 0.8;

struct Kernels {
  std::vector<double> positions, strain;
};

Kernels compute(const SparseKernel& kernel, const System& system, int threads = 1) {
  NeighbourList list;
  find_neighbours(system.view(), kCutoff, list);
  Kernels result{std::vector<double>(3 * system.size()), std::vector<double>(9)};
  const DerivativeKernel derivatives(kernel);
  const Execution execution{threads, nullptr, nullptr};
  derivatives.positions(system.view(), list, 0, system.size(), execution, result.positions.data());
  derivatives.strain(system.view(), list, execution, result.strain.data());
  return result;
}

std::shared_ptr<const SparseKernel> kernel_of_power(int zeta) {
  const auto soap =
      std::make_shared<PowerSpectrum>(DensityParameters{{kCutoff, kWidth}, {}, 0.5, 1.0},
                                      BasisParameters{2, 3, 1e-9}, std::vector<std::int32_t>{1, 8});
  return make_kernel(soap, Systems({cluster(30, 6, {8, 1})}), 2, zeta);
}

/// ∂²k(A(x), A(y))/∂x∂y at zero.
template <typename Changed>
double mixed_slope(const SparseKernel& kernel, const Changed& changed) {
  constexpr double kStep = 2e-4;
  return testing::slope_at_zero(
      [&](double x) {
        return testing::slope_at_zero(
            [&](double y) { return testing::structure_kernel(kernel, changed(x), changed(y)); },
            kStep);
      },
      kStep);
}

class DerivativeKernels : public ::testing::TestWithParam<int> {};

TEST_P(DerivativeKernels, AreMixedSlopesOfTheKernelOfTwoStructures) {
  const auto kernel = kernel_of_power(GetParam());
  const auto clear = [](const auto& make) {
    return testing::clear_of({kCutoff, kCutoff - kWidth}, 1, make);
  };
  for (const System& system : {clear([](unsigned seed) {
                                 return cluster(seed, 7, {8, 1, 1});
                               }),
                               clear([](unsigned seed) {
                                 return crystal(seed, 4, {1, 8, 1});
                               }),
                               clear([](unsigned seed) { return crystal(seed, 1, {8}); })}) {
    const Kernels found = compute(*kernel, system);
    const auto slope = [&](const auto& changed) { return mixed_slope(*kernel, changed); };
    for (std::size_t x = 0; x < 3 * system.size(); ++x) {
      const double expected = slope([&](double h) { return system.moved(x, h); });
      EXPECT_NEAR(found.positions[x], expected, 1e-5) << x;
    }
    for (std::size_t e = 0; e < 9; ++e) {
      const double expected = slope([&](double h) { return system.strained(e / 3, e % 3, h); });
      EXPECT_NEAR(found.strain[e], expected, 1e-5 * (1.0 + expected)) << e;
    }
    if (system.size() > 1) {
      EXPECT_GT(*std::min_element(found.positions.begin(), found.positions.end()), 1e-4);
    } else {
      // All its neighbours are images, which move with it.
      EXPECT_EQ(found.positions, std::vector<double>(3, 0.0));
    }
    EXPECT_GT(found.strain[0], 1e-3);
  }
}

INSTANTIATE_TEST_SUITE_P(Powers, DerivativeKernels, ::testing::Values(1, 2, 4));

TEST(DerivativeKernel, OfMoreAtomsThanRowsOfAProductIsTheSameToTheLastBitOnAnyNumberOfThreads) {
  const auto kernel = kernel_of_power(2);
  const System system = cluster(3, 150, {8, 1});
  const Kernels one = compute(*kernel, system);
  for (const std::size_t e : {0, 5}) {
    const double expected =
        mixed_slope(*kernel, [&](double h) { return system.strained(e / 3, e % 3, h); });
    EXPECT_NEAR(one.strain[e] / expected, 1.0, 1e-3) << e;
  }
  for (int threads : {2, 3}) {
    const Kernels other = compute(*kernel, system, threads);
    EXPECT_EQ(other.positions, one.positions);
    EXPECT_EQ(other.strain, one.strain);
  }
}

TEST(DerivativeKernel, OfAnAtomDoesNotDependOnWhatElseIsAskedFor) {
  const auto kernel = kernel_of_power(2);
  const System system = crystal(4, 20, {8, 1, 1});
  const Kernels all = compute(*kernel, system);
  NeighbourList list;
  find_neighbours(system.view(), kCutoff, list);
  std::vector<double> some(3 * 9);
  DerivativeKernel(*kernel).positions(system.view(), list, 5, 14, {1, nullptr, nullptr},
                                      some.data());
  EXPECT_TRUE(std::equal(some.begin(), some.end(), all.positions.begin() + 3 * 5));
}

}  // namespace
}  // namespace soapstone
