#include "neighbours/neighbour_list.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <ostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "common/error.hpp"
#include "neighbours/batch.hpp"
#include "neighbours/cell_grid.hpp"
#include "neighbours/reference.hpp"
#include "neighbours/structures.hpp"

namespace soapstone {
namespace {

using testing::Atoms;
using testing::random_atoms;
using testing::repeat;

NeighbourList find(const Atoms& atoms, double cutoff) {
  NeighbourList list;
  find_neighbours(atoms.view(), cutoff, list);
  return list;
}

/// The same pairs in the same order, and vectors that agree to rounding.
void expect_same(const NeighbourList& list, const NeighbourList& reference) {
  ASSERT_EQ(list.first, reference.first);
  ASSERT_EQ(list.neighbour, reference.neighbour);
  ASSERT_EQ(list.shift, reference.shift);
  ASSERT_EQ(list.vector.size(), reference.vector.size());
  for (std::size_t e = 0; e < list.vector.size(); ++e) {
    ASSERT_NEAR(list.vector[e], reference.vector[e], 1e-11);
  }
}

/// Every pair (i, j, S) must be there as (j, i, −S) with the opposite vector, to the last bit.
void expect_symmetric(const NeighbourList& list) {
  const std::size_t atoms = list.first.size() - 1;
  for (std::size_t i = 0; i < atoms; ++i) {
    for (std::int64_t p = list.first[i]; p < list.first[i + 1]; ++p) {
      const auto j = static_cast<std::size_t>(list.neighbour[p]);
      bool found = false;
      for (std::int64_t q = list.first[j]; q < list.first[j + 1] && !found; ++q) {
        found = list.neighbour[q] == static_cast<std::int32_t>(i);
        for (std::int64_t x = 0; x < 3; ++x) {
          found = found && list.shift[3 * q + x] == -list.shift[3 * p + x] &&
                  list.vector[3 * q + x] == -list.vector[3 * p + x];
        }
      }
      ASSERT_TRUE(found) << "pair " << i << ", " << j << " is seen from one end only";
    }
  }
}

struct Kind {
  const char* name;
  std::array<double, 9> cell;
  std::size_t most_atoms;
  double cutoff;
};

void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

const Kind kKinds[] = {
    {"cubic", {6, 0, 0, 0, 6, 0, 0, 0, 6}, 20, 2.5},
    {"triclinic", {5.2, 0.3, -0.4, 1.7, 4.6, 0.2, -1.1, 1.9, 5.5}, 20, 3.5},
    {"left_handed", {0, 5.1, 0.4, 4.7, 0.2, 0, 0.3, -0.2, 5.9}, 20, 3.7},
    {"tiny", {1.3, 0.1, 0, 0, 1.2, 0.2, 0.1, 0, 1.4}, 3, 4.1},
    {"skewed", {3.1, 0, 0, 2.9, 1.4, 0, 2.7, 1.1, 1.6}, 4, 4.2},
    {"flat", {9, 0, 0, 0, 11, 0, 1, 2, 0.9}, 12, 2.6},
    {"thin", {1.1, 0, 0, 0.4, 1.3, 0, 0, 0, 25}, 12, 2.9},
    {"many_bins", {17, 2, 1, -3, 19, 2, 4, 1, 21}, 400, 2.3},
};

class FindNeighbours : public ::testing::TestWithParam<Kind> {};

INSTANTIATE_TEST_SUITE_P(Cells, FindNeighbours, ::testing::ValuesIn(kKinds),
                         [](const auto& info) { return info.param.name; });

TEST_P(FindNeighbours, FindsWhatTryingAllPairsFinds) {
  const Kind& kind = GetParam();
  std::mt19937 random(1);
  for (int periodic = 0; periodic < 8; ++periodic) {
    for (std::size_t n : {std::size_t{1}, kind.most_atoms / 2, kind.most_atoms}) {
      SCOPED_TRACE("pbc " + std::to_string(periodic) + ", atoms " + std::to_string(n));
      const Atoms atoms = random_atoms(
          random, n, kind.cell,
          {static_cast<std::uint8_t>(periodic & 1), static_cast<std::uint8_t>(periodic >> 1 & 1),
           static_cast<std::uint8_t>(periodic >> 2 & 1)});
      const NeighbourList list = find(atoms, kind.cutoff);
      expect_same(list, reference::find_neighbours(atoms.view(), kind.cutoff));
      expect_symmetric(list);
    }
  }
}

TEST_P(FindNeighbours, RefersToPositionsAsGivenHoweverFarOutside) {
  const Kind& kind = GetParam();
  std::mt19937 random(2);
  std::uniform_int_distribution<int> cells(-9, 9);
  std::normal_distribution<double> away(0.0, 30.0);
  for (const std::array<std::uint8_t, 3> pbc : {std::array<std::uint8_t, 3>{1, 1, 1}, {1, 0, 1}}) {
    Atoms atoms = random_atoms(random, kind.most_atoms, kind.cell, pbc);
    for (std::size_t i = 0; i < atoms.size(); ++i) {
      atoms.translate(i, {cells(random), cells(random), cells(random)});
    }
    const NeighbourList list = find(atoms, kind.cutoff);
    expect_same(list, reference::find_neighbours(atoms.view(), kind.cutoff));
    expect_symmetric(list);
  }
}

TEST_P(FindNeighbours, GivesEveryAtomOfASupercellTheSameNeighbours) {
  const Kind& kind = GetParam();
  std::mt19937 random(3);
  const Atoms atoms =
      random_atoms(random, std::min<std::size_t>(kind.most_atoms, 20), kind.cell, {1, 1, 1});
  const NeighbourList one = find(atoms, kind.cutoff);
  const NeighbourList many = find(repeat(atoms, 3), kind.cutoff);
  for (std::size_t i = 0; i < many.first.size() - 1; ++i) {
    const std::size_t original = i % atoms.size();
    const auto distances = [](const NeighbourList& list, std::size_t centre) {
      std::vector<double> result;
      for (std::int64_t p = list.first[centre]; p < list.first[centre + 1]; ++p) {
        const double* v = &list.vector[3 * p];
        result.push_back(std::hypot(v[0], v[1], v[2]));
      }
      std::sort(result.begin(), result.end());
      return result;
    };
    const auto expected = distances(one, original);
    const auto actual = distances(many, i);
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t n = 0; n < expected.size(); ++n) ASSERT_NEAR(actual[n], expected[n], 1e-10);
  }
}

TEST(NeighbourList, IsSymmetricWhereRoundingDecidesAtTheCutoff) {
  // Simple cubic, rotated by an odd angle: whole shells lie at the cutoff but for the last bits.
  std::mt19937 random(4);
  std::uniform_real_distribution<double> angle(0.0, 6.0);
  for (int trial = 0; trial < 20; ++trial) {
    const double a = 2.0 + trial * 0.1, c = std::cos(angle(random)), s = std::sqrt(1 - c * c);
    const Atoms cell{{0.1, 0.2, 0.3}, {a * c, a * s, 0, -a * s, a * c, 0, 0, 0, a}, {1, 1, 1}};
    const Atoms atoms = repeat(cell, 5);
    for (const double shell : {1.0, std::sqrt(2.0), std::sqrt(3.0), 2.0}) {
      expect_symmetric(find(atoms, a * shell));
    }
  }
}

TEST(NeighbourList, LeavesOutAtomsAtTheCutoffAndKeepsCoincidentOnes) {
  const Atoms atoms{{0, 0, 0, 0, 0, 2, 0, 0, 0}, {}, {}};
  EXPECT_EQ(find(atoms, 2.0).neighbour, (BulkVector<std::int32_t>{2, 0}));
  EXPECT_EQ(find(atoms, std::nextafter(2.0, 3.0)).neighbour,
            (BulkVector<std::int32_t>{1, 2, 0, 2, 0, 1}));
}

TEST(NeighbourList, OfNoAtomsIsEmpty) {
  const NeighbourList list = find(Atoms{}, 5.0);
  EXPECT_EQ(list.first, (BulkVector<std::int64_t>{0}));
  EXPECT_EQ(list.pairs(), 0u);
}

TEST(NeighbourList, IsOverwrittenByASmallerOne) {
  std::mt19937 random(5);
  const Atoms large = random_atoms(random, 200, {12, 0, 0, 0, 12, 0, 0, 0, 12}, {1, 1, 1});
  const Atoms small = random_atoms(random, 5, {4, 0, 0, 0, 4, 0, 0, 0, 4}, {0, 0, 1});
  NeighbourList list;
  find_neighbours(large.view(), 4.0, list);
  find_neighbours(small.view(), 3.0, list);
  expect_same(list, find(small, 3.0));
}

TEST(NeighbourList, TakesManyAtoms) {
  std::mt19937 random(6);
  constexpr std::size_t kAtoms = 300000;
  const Atoms atoms = random_atoms(random, kAtoms, {185, 0, 0, 3, 180, 0, -7, 9, 190}, {1, 1, 0});
  const NeighbourList list = find(atoms, 3.0);
  for (std::size_t i = 0; i < kAtoms; i += 17041) {
    std::size_t expected = 0;
    for (std::size_t j = 0; j < kAtoms; ++j) {
      for (int a = -1; a <= 1; ++a) {
        for (int b = -1; b <= 1; ++b) {
          double d2 = 0;
          for (std::size_t x = 0; x < 3; ++x) {
            const double d = atoms.positions[3 * j + x] - atoms.positions[3 * i + x] +
                             a * atoms.cell[x] + b * atoms.cell[3 + x];
            d2 += d * d;
          }
          expected += d2 < 9.0;
        }
      }
    }
    EXPECT_EQ(static_cast<std::size_t>(list.first[i + 1] - list.first[i]), expected - 1);
  }
}

TEST(NeighbourList, IsTheSameForAnyNumberOfThreads) {
  std::mt19937 random(10);
  const Atoms atoms = random_atoms(random, 10000, {50, 3, 0, 0, 45, 2, -4, 0, 55}, {1, 1, 1});
  const NeighbourList one = find(atoms, 4.0);
  NeighbourList list;
  find_neighbours(atoms.view(), 4.0, list, {3, nullptr, nullptr});
  EXPECT_EQ(list.first, one.first);
  EXPECT_EQ(list.neighbour, one.neighbour);
  EXPECT_EQ(list.shift, one.shift);
  EXPECT_EQ(list.vector, one.vector);
}

TEST(NeighbourList, IsTheSameInTwoSteps) {
  std::mt19937 random(11);
  for (const std::array<std::uint8_t, 3> pbc : {std::array<std::uint8_t, 3>{1, 0, 1}, {0, 0, 0}}) {
    const Atoms atoms = random_atoms(random, 50, {4, 0, 1, 0, 5, 0, 0, 0, 6}, pbc);
    const NeighbourList expected = find(atoms, 3.0);
    NeighbourList list;
    list.first.resize(atoms.size() + 1);
    NeighbourSearch search;
    EXPECT_EQ(search.pairs(), 0u);
    search.count(atoms.view(), 3.0, list.first.data(), {1, nullptr, nullptr});
    ASSERT_EQ(list.first, expected.first);
    ASSERT_EQ(search.pairs(), expected.pairs());
    // Behind the arrays nothing is written.
    list.neighbour.assign(expected.pairs() + 1, -7);
    list.shift.assign(3 * expected.pairs() + 1, -7);
    list.vector.assign(3 * expected.pairs() + 1, -7);
    search.fill({list.neighbour.data(), list.shift.data(), list.vector.data()},
                {1, nullptr, nullptr});
    const auto expect_filled = [](auto& filled, const auto& values) {
      EXPECT_EQ(filled.back(), -7);
      filled.pop_back();
      EXPECT_EQ(filled, values);
    };
    expect_filled(list.neighbour, expected.neighbour);
    expect_filled(list.shift, expected.shift);
    expect_filled(list.vector, expected.vector);
  }
}

TEST(ForEachStructure, SharesOutAllStructuresAndNamesThoseThatFail) {
  const std::vector<std::int32_t> offsets{0, 2, 2, 9, 10};
  const BatchView batch{offsets.size() - 1, nullptr, nullptr, offsets.data(), nullptr, nullptr};
  for (const int threads : {1, 3, 8}) {
    std::vector<std::atomic<int>> visits(batch.structures);
    std::atomic<std::size_t> reported{0};
    const auto progress = [&](std::size_t, std::size_t total) { reported += total; };
    for_each_structure(batch, {threads, nullptr, progress},
                       [&](std::size_t s, const Execution& inner) {
                         EXPECT_EQ(inner.threads, threads <= 4 ? 1 : threads);
                         ++visits[s];
                       });
    for (const auto& count : visits) EXPECT_EQ(count, 1);
    EXPECT_EQ(reported, 16u);
  }
  try {
    for_each_structure(batch, {1, nullptr, nullptr}, [](std::size_t s, const Execution&) {
      if (s == 2) throw Error(ErrorCode::kInvalidInput, "positions: atom 1");
    });
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "structures[2]: positions: atom 1");
  }
}

TEST(NeighbourList, StopsWhenCancelled) {
  std::mt19937 random(12);
  const Atoms atoms = random_atoms(random, 100, {9, 0, 0, 0, 9, 0, 0, 0, 9}, {1, 1, 1});
  const std::atomic<bool> cancelled{true};
  NeighbourList list;
  try {
    find_neighbours(atoms.view(), 4.0, list, {1, &cancelled, nullptr});
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kAborted);
  }
}

TEST(NeighbourList, OfAHugeEmptyCellTakesMemoryLikeItsAtoms) {
  std::mt19937 random(7);
  const Atoms atoms = random_atoms(random, 1000, {1e7, 0, 0, 0, 1e6, 0, 0, 0, 1e5}, {1, 1, 0});
  CellGrid grid;
  grid.build(atoms.view(), 1.0, 1);
  EXPECT_LE(grid.keys.size(), atoms.size());
  EXPECT_EQ(find(atoms, 1.0).pairs(), 0u);
}

TEST(NeighbourList, FindsAtomsThatCrowdInAHugeCell) {
  std::mt19937 random(13);
  for (const double edge : {1e3, 1e5, 1e7}) {
    // Clusters at a face, so that some neighbours are images, and far from it.
    Atoms atoms = random_atoms(random, 150, {12, 0, 0, 0, 12, 0, 0, 0, 12}, {1, 1, 1});
    const Atoms other = random_atoms(random, 150, {12, 0, 0, 0, 12, 0, 0, 0, 12}, {1, 1, 1});
    for (const double x : other.positions) atoms.positions.push_back(x + 0.4 * edge);
    for (double& x : atoms.positions) x -= 6;
    atoms.cell = {edge, 0, 0, 0.3 * edge, edge, 0, 0, 0.1 * edge, edge};
    CellGrid grid;
    grid.build(atoms.view(), 2.5, 1);
    EXPECT_GT(grid.keys.size(), 20u) << "the clusters are not divided";
    const NeighbourList list = find(atoms, 2.5);
    EXPECT_GT(list.pairs(), 300u);
    const NeighbourList expected = reference::find_neighbours(atoms.view(), 2.5);
    ASSERT_EQ(list.first, expected.first);
    EXPECT_EQ(list.neighbour, expected.neighbour);
    EXPECT_EQ(list.shift, expected.shift);
    expect_symmetric(list);
  }
}

TEST(NeighbourList, KnowsNoLengthOfItsOwn) {
  // Powers of two change nothing but exponents, also where single precision has none.
  std::mt19937 random(14);
  const Atoms atoms = random_atoms(random, 200, {9, 1, 0, 0, 8, 2, 0, 0, 10}, {1, 0, 1});
  const NeighbourList expected = find(atoms, 2.5);
  for (const int exponent : {-200, 200}) {
    Atoms scaled = atoms;
    for (double& x : scaled.positions) x = std::ldexp(x, exponent);
    for (double& x : scaled.cell) x = std::ldexp(x, exponent);
    const NeighbourList list = find(scaled, std::ldexp(2.5, exponent));
    EXPECT_EQ(list.first, expected.first);
    EXPECT_EQ(list.neighbour, expected.neighbour);
    EXPECT_EQ(list.shift, expected.shift);
  }
}

TEST(NeighbourList, SeesAtomsThatCoincideHoweverShortTheCutoff) {
  Atoms atoms{{0, 0, 0, 1e9, 0, 0, 1e9, 0, 0, 0, 2e9, 0}, {1, 0, 0, 0, 3e9, 0, 0, 0, 1}, {0, 1, 0}};
  for (const double cutoff : {1e-3, 1e-60}) {
    EXPECT_EQ(find(atoms, cutoff).neighbour, (BulkVector<std::int32_t>{2, 1})) << cutoff;
  }
}

/// The code and message of the error that finding neighbours throws.
std::pair<ErrorCode, std::string> error_of(const Atoms& atoms, double cutoff) {
  try {
    find(atoms, cutoff);
  } catch (const Error& error) {
    return {error.code(), error.what()};
  }
  ADD_FAILURE() << "no error";
  return {};
}

TEST(NeighbourList, RefusesWhatHasNoMeaning) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::mt19937 random(8);
  const Atoms good = random_atoms(random, 4, {5, 0, 0, 0, 5, 0, 0, 0, 5}, {1, 1, 1});
  const auto expect_invalid = [](const Atoms& atoms, double cutoff, const std::string& what) {
    const auto [code, message] = error_of(atoms, cutoff);
    EXPECT_EQ(code, ErrorCode::kInvalidInput);
    EXPECT_NE(message.find(what), std::string::npos) << message;
  };
  for (const double cutoff : {0.0, -1.0, kNaN, kInfinity}) expect_invalid(good, cutoff, "cutoff");

  for (const double coordinate : {kNaN, kInfinity, -kInfinity}) {
    Atoms bad = good;
    bad.positions[7] = coordinate;
    expect_invalid(bad, 3.0, "atom 2");
  }
  Atoms far = good;
  far.positions[3] = 1e15;
  expect_invalid(far, 3.0, "atom 1");

  Atoms zero = good;
  std::fill(zero.cell.begin() + 3, zero.cell.begin() + 6, 0.0);
  expect_invalid(zero, 3.0, "lattice vector 1");
  zero.pbc = {1, 0, 1};
  EXPECT_NO_THROW(find(zero, 3.0));

  Atoms dependent = good;
  dependent.cell = {1, 2, 3, 4, 5, 6, 5, 7, 9};
  expect_invalid(dependent, 3.0, "linearly dependent");

  Atoms unknown = good;
  unknown.cell[0] = kNaN;
  expect_invalid(unknown, 3.0, "lattice vector 0");

  EXPECT_EQ(error_of(good, 1e5).first, ErrorCode::kMemoryLimit);
}

}  // namespace
}  // namespace soapstone
