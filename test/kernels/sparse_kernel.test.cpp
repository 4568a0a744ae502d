#include "kernels/sparse_kernel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "finite_differences.hpp"
#include "kernels/reference.hpp"
#include "representations/power_spectrum.hpp"

namespace soapstone {
namespace {

using testing::cluster;
using testing::crystal;
using testing::kernel_row;
using testing::kernel_rows;
using testing::make_kernel;
using testing::Rows;
using testing::System;
using testing::Systems;

std::shared_ptr<const Representation> representation(std::vector<std::int32_t> species,
                                                     double cutoff = 3.0, double own = 1.0) {
  return std::make_shared<PowerSpectrum>(DensityParameters{{cutoff, 0.8}, {}, 0.5, own},
                                         BasisParameters{2, 3, 1e-9}, std::move(species));
}

struct Case {
  const char* name;
  std::vector<std::int32_t> species;
  double cutoff;
  int zeta;
  System system;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

template <typename... Arguments>
System smooth_cluster(double cutoff, Arguments... arguments) {
  return testing::clear_of({cutoff, cutoff - 0.8}, 1,
                           [&](unsigned seed) { return cluster(seed, arguments...); });
}

template <typename... Arguments>
System smooth_crystal(double cutoff, Arguments... arguments) {
  return testing::clear_of({cutoff, cutoff - 0.8}, 1,
                           [&](unsigned seed) { return crystal(seed, arguments...); });
}

using Species = std::vector<std::int32_t>;

// A product takes about 256 rows, three of each pair of a tile of centres.
const Case kCases[] = {
    {"one_species", {8}, 3.0, 4, smooth_cluster(3.0, 9, Species{8})},
    {"linear_kernel", {1, 8}, 3.0, 1, smooth_cluster(3.0, 9, Species{8, 1})},
    {"three_species", {1, 6, 8}, 3.0, 2, smooth_cluster(3.0, 12, Species{6, 1, 8, 1})},
    {"one_of_its_species_absent", {1, 6, 8}, 3.0, 3, smooth_cluster(3.0, 9, Species{8, 1})},
    {"images_of_itself", {1, 8}, 3.0, 2, smooth_crystal(3.0, 3, Species{1, 8, 1})},
    {"alone_with_its_images", {8}, 4.0, 2, smooth_crystal(4.0, 1, Species{8})},
    {"tiles_of_a_few_centres", {1, 8}, 3.0, 2, smooth_cluster(3.0, 60, Species{8, 1, 1})},
    {"tiles_of_one_centre", {1, 8}, 4.5, 2, smooth_crystal(4.5, 16, Species{1, 1, 8})},
    {"a_single_atom", {8}, 3.0, 2, {{0, 0, 0}, {8}, {}, {}}},
};

class SparseKernels : public ::testing::TestWithParam<Case> {
 protected:
  System system = GetParam().system;
  std::shared_ptr<const SparseKernel> kernel =
      make_kernel(representation(GetParam().species, GetParam().cutoff),
                  Systems({cluster(20, 9, GetParam().species), cluster(21, 9, GetParam().species)}),
                  5, GetParam().zeta);
  std::size_t size = kernel->size();
};

INSTANTIATE_TEST_SUITE_P(Structures, SparseKernels, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return info.param.name; });

TEST_P(SparseKernels, RowIsTheSumOverEnvironments) {
  const std::vector<double> expected = kernel_row(*kernel, system);
  const Rows rows = kernel_rows(*kernel, system);
  for (std::size_t m = 0; m < size; ++m) {
    EXPECT_NEAR(rows.energy[m], expected[m], 1e-12 * static_cast<double>(system.size()));
  }
}

TEST_P(SparseKernels, DerivativesAreTheSlopesOfTheRow) {
  const Rows rows = kernel_rows(*kernel, system);
  const auto expect_slopes = [&](const double* found, auto&& changed) {
    constexpr double kStep = 1e-4;
    const std::vector<double> below2 = kernel_row(*kernel, changed(-2 * kStep)),
                              below = kernel_row(*kernel, changed(-kStep)),
                              above = kernel_row(*kernel, changed(kStep)),
                              above2 = kernel_row(*kernel, changed(2 * kStep));
    for (std::size_t m = 0; m < size; ++m) {
      const double slope = (8.0 * (above[m] - below[m]) - (above2[m] - below2[m])) / (12.0 * kStep);
      EXPECT_NEAR(found[m], slope, 2e-8 * (1.0 + std::abs(slope))) << "sparse point " << m;
    }
  };
  const std::size_t stride = system.size() > 20 ? 17 : 1;  // a sample of a large structure
  for (std::size_t x = 0; x < 3 * system.size(); x += stride) {
    SCOPED_TRACE(::testing::Message() << "coordinate " << x);
    expect_slopes(&rows.positions[x * size], [&](double h) { return system.moved(x, h); });
  }
  for (std::size_t e = 0; e < 9; ++e) {
    SCOPED_TRACE(::testing::Message() << "strain " << e);
    expect_slopes(&rows.strain[e * size],
                  [&](double h) { return system.strained(e / 3, e % 3, h); });
  }
}

TEST_P(SparseKernels, RowsDoNotDependOnTheNumberOfThreads) {
  const Rows whole = kernel_rows(*kernel, system);
  const auto expect_same = [](const std::vector<double>& a, const std::vector<double>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t k = 0; k < a.size(); ++k) EXPECT_EQ(a[k], b[k]);
  };
  for (const int threads : {2, 5}) {
    const Rows shared = kernel_rows(*kernel, system, {true, true}, threads);
    expect_same(whole.energy, shared.energy);
    expect_same(whole.positions, shared.positions);
    expect_same(whole.strain, shared.strain);
  }
}

TEST_P(SparseKernels, OnlyWhatIsAskedForIsTouched) {
  const Rows whole = kernel_rows(*kernel, system);
  const Rows energy = kernel_rows(*kernel, system, {false, false});
  const Rows positions = kernel_rows(*kernel, system, {true, false});
  const Rows strain = kernel_rows(*kernel, system, {false, true});
  EXPECT_EQ(positions.positions, whole.positions);
  EXPECT_EQ(strain.strain, whole.strain);
  for (std::size_t m = 0; m < size; ++m) EXPECT_NEAR(energy.energy[m], whole.energy[m], 1e-12);
}

TEST(KernelRowBuilder, RowsOfSomeOfTheAtomsAndOfManyStructuresAreThoseOfEach) {
  const auto kernel = make_kernel(representation({1, 8}), Systems({cluster(20, 12, {1, 8})}), 5, 2);
  const std::size_t size = kernel->size();
  for (const System& system : {cluster(4, 40, {8, 1, 1}), crystal(5, 12, {1, 8})}) {
    const System other = crystal(6, 5, {8, 1});
    const Rows expected = kernel_rows(*kernel, system), of_other = kernel_rows(*kernel, other);
    NeighbourList list, list_of_other;
    find_neighbours(system.view(), 3.0, list);
    find_neighbours(other.view(), 3.0, list_of_other);
    Rows found{std::vector<double>(size, 0.0), std::vector<double>(3 * system.size() * size, 0.0),
               std::vector<double>(9 * size, 0.0)};
    Rows beside = found;
    std::vector<KernelRows> wanted;
    for (const std::size_t first : {0, 1, 7}) {
      const std::size_t last = first == 0 ? 1 : first == 1 ? 7 : system.size();
      wanted.push_back({system.view(), &list, size, nullptr, &found.positions[3 * first * size],
                        first == 1 ? found.strain.data() : nullptr, first, last});
    }
    wanted.insert(wanted.begin() + 1,
                  {other.view(), &list_of_other, size, beside.energy.data(),
                   beside.positions.data(), beside.strain.data(), 0, other.size()});
    KernelRowBuilder(*kernel, {}).add(wanted, {2, nullptr, nullptr});
    for (std::size_t k = 0; k < found.positions.size(); ++k) {
      ASSERT_NEAR(found.positions[k], expected.positions[k], 1e-12) << k / size;
    }
    EXPECT_EQ(found.strain, expected.strain);
    EXPECT_EQ(beside.energy, of_other.energy);
    EXPECT_EQ(beside.strain, of_other.strain);
    EXPECT_TRUE(
        std::equal(of_other.positions.begin(), of_other.positions.end(), beside.positions.begin()));
  }
}

TEST(SparseKernel, NormalisesItsPointsAndKnowsTheirMatrix) {
  const auto soap = representation({1, 8});
  const Systems systems({cluster(20, 12, {1, 8})});
  for (int zeta : {1, 2, 5}) {
    const auto kernel = make_kernel(soap, systems, 4, zeta);
    const std::size_t features = soap->features();
    for (std::size_t a = 0; a < 2; ++a) {
      const std::size_t from = kernel->first()[a], count = kernel->first()[a + 1] - from;
      ASSERT_EQ(count, 4u);
      std::vector<double> block(count * count);
      kernel->block(a, block.data());
      for (std::size_t i = 0; i < count; ++i) {
        EXPECT_NEAR(block[i * count + i], 1.0, 1e-14);
        for (std::size_t j = 0; j < count; ++j) {
          const double expected =
              testing::environment_kernel(kernel->points() + (from + i) * features,
                                          kernel->points() + (from + j) * features, features, zeta);
          EXPECT_NEAR(block[i * count + j], expected, 1e-14);
        }
      }
    }
  }
}

TEST(SparseKernel, PointsMayComeInAnyLength) {
  const auto soap = representation({8});
  std::vector<double> point(soap->features());
  for (std::size_t k = 0; k < point.size(); ++k) point[k] = 1e3 * std::sin(1.0 + k);
  std::vector<double> scaled = point;
  for (double& x : scaled) x *= 1e-7;
  const SparseKernel a(soap, point.data(), {0, 1}, 2), b(soap, scaled.data(), {0, 1}, 2);
  for (std::size_t k = 0; k < point.size(); ++k) EXPECT_NEAR(a.points()[k], b.points()[k], 1e-16);
}

TEST(SparseKernel, RefusesAPointOfZeros) {
  const auto soap = representation({8});
  std::vector<double> points(2 * soap->features(), 0.0);
  points[0] = 1.0;
  try {
    SparseKernel(soap, points.data(), {0, 2}, 2);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidInput);
    EXPECT_NE(std::string(error.what()).find("sparse point 1"), std::string::npos);
  }
}

TEST(SparseKernel, RefusesALongRangeDensity) {
  DensityParameters density{{3.0, 0.8}, {}, 0.5, 1.0};
  density.long_range = PowerLaw{};
  const auto soap = std::make_shared<PowerSpectrum>(density, BasisParameters{1, 2, 1e-9},
                                                    std::vector<std::int32_t>{8});
  const std::vector<double> point(soap->features(), 1.0);
  EXPECT_THROW(SparseKernel(soap, point.data(), {0, 1}, 2), Error);
}

TEST(SparseKernel, AnEnvironmentWithoutDensityIsLikeNothing) {
  const auto soap = representation({1, 8}, 3.0, 0.0);  // no weight on the centre
  const auto kernel = make_kernel(soap, Systems({cluster(20, 9, {1, 8})}), 3, 2);
  const System far{{0, 0, 0, 90, 0, 0, 91, 0, 0}, {8, 1, 8}, {}, {}};
  const Rows rows = kernel_rows(*kernel, far);
  for (std::size_t m = 0; m < kernel->size(); ++m) {
    EXPECT_NEAR(rows.energy[m], kernel_row(*kernel, far)[m], 1e-14);
    for (std::size_t x = 0; x < 3; ++x) EXPECT_EQ(rows.positions[x * kernel->size() + m], 0.0);
    for (std::size_t e = 0; e < 9; ++e) {
      EXPECT_TRUE(std::isfinite(rows.strain[e * kernel->size() + m]));
    }
  }
}

TEST(IntegerPower, IsTheRepeatedProduct) {
  EXPECT_EQ(integer_power(3.0, 0), 1.0);
  EXPECT_EQ(integer_power(-3.0, 1), -3.0);
  EXPECT_EQ(integer_power(2.0, 10), 1024.0);
  EXPECT_EQ(integer_power(-2.0, 7), -128.0);
}

}  // namespace
}  // namespace soapstone
