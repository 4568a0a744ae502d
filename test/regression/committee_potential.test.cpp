#include "regression/committee_potential.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "execution.hpp"
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

const auto soap = std::make_shared<PowerSpectrum>(DensityParameters{{3.0, 0.8}, {}, 0.5, 1.0},
                                                  BasisParameters{3, 4, 1e-8},
                                                  std::vector<std::int32_t>{1, 6, 8});

struct Predicted {
  std::vector<double> energy, forces, stress;

  Predicted(const Systems& systems, std::size_t times)
      : energy(times * systems.size(), std::nan("")),
        forces(times * 3 * systems.atoms(), std::nan("")),
        stress(times * 9 * systems.size(), std::nan("")) {}
  Predictions out() { return {energy.data(), nullptr, forces.data(), stress.data()}; }
};

void expect_part(const std::vector<double>& found, std::size_t member,
                 const std::vector<double>& expected) {
  for (std::size_t k = 0; k < expected.size(); ++k) {
    EXPECT_NEAR(found[member * expected.size() + k], expected[k],
                1e-10 * (1.0 + std::abs(expected[k])))
        << member << " " << k;
  }
}

TEST(CommitteePotential, EachMemberIsAPotential) {
  const Systems systems({cluster(1, 9, {8, 1, 6}), crystal(2, 4, {1, 8, 1}),
                         System{{0, 0, 0}, {1}, {}, {}}, cluster(3, 30, {1, 8})});
  constexpr std::size_t kMembers = 5;
  for (int zeta : {1, 2, 3}) {
    // Carbon has no points in the first kernel; the second has more points than a panel.
    for (std::size_t points : {6, 30}) {
      const auto kernel = make_kernel(
          soap, Systems({cluster(30, 40, {8, 1, 1}), crystal(31, 3, {1, 8, 1})}), points, zeta);
      std::vector<double> weights(kernel->size() * kMembers);
      for (std::size_t k = 0; k < weights.size(); ++k) weights[k] = std::sin(1.0 + 2.0 * k);
      const CommitteePotential committee(kernel, weights.data(), kMembers, {});
      ASSERT_EQ(committee.members(), kMembers);
      Predicted found(systems, kMembers);
      committee.predict(systems.view(), found.out(), on(2));
      for (std::size_t i = 0; i < kMembers; ++i) {
        std::vector<double> own(kernel->size());
        for (std::size_t m = 0; m < own.size(); ++m) own[m] = weights[m * kMembers + i];
        const SparsePotential alone(kernel, own, {0.0, 0.0, 0.0}, {});
        Predicted expected(systems, 1);
        alone.predict(systems.view(), expected.out(), on(1));
        expect_part(found.energy, i, expected.energy);
        expect_part(found.forces, i, expected.forces);
        expect_part(found.stress, i, expected.stress);
      }
      for (int threads : {1, 3}) {
        Predicted other(systems, kMembers);
        committee.predict(systems.view(), other.out(), on(threads));
        EXPECT_EQ(other.energy, found.energy);
        EXPECT_EQ(other.forces, found.forces);
        EXPECT_EQ(other.stress, found.stress);
      }
    }
  }
}

TEST(CommitteePotential, ManyAtomsArePredictedAFewAtATime) {
  std::vector<System> many;
  for (unsigned s = 0; s < 40; ++s) many.push_back(cluster(s, 20, {8, 1}));
  const Systems systems(many);
  const auto kernel = make_kernel(soap, Systems({many[0], many[1]}), 6, 2);
  std::vector<double> weights(kernel->size() * 2);
  for (std::size_t k = 0; k < weights.size(); ++k) weights[k] = std::cos(1.0 + 3.0 * k);
  const CommitteePotential committee(kernel, weights.data(), 2, {});
  Predicted all(systems, 2);
  committee.predict(systems.view(), all.out(), on(2));
  for (std::size_t s : {0, 25, 39}) {
    const Systems one({many[s]});
    Predicted alone(one, 2);
    committee.predict(one.view(), alone.out(), on(1));
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(all.energy[i * 40 + s], alone.energy[i]);
      for (std::size_t k = 0; k < 60; ++k) {
        EXPECT_EQ(all.forces[3 * (i * 800 + 20 * s) + k], alone.forces[60 * i + k]);
      }
    }
  }
}

TEST(SparseFit, MembersAreSolutionsWithoutTheirGroups) {
  std::vector<System> many;
  for (unsigned s = 0; s < 8; ++s) many.push_back(cluster(s, 6, {8, 1}));
  const Systems systems(many);
  const auto kernel = make_kernel(soap, Systems({many[0], many[3]}), 5, 2);
  std::vector<double> energy(8), forces(3 * systems.atoms());
  for (std::size_t s = 0; s < 8; ++s) energy[s] = std::sin(s);
  for (std::size_t k = 0; k < forces.size(); ++k) forces[k] = std::cos(k);
  const std::vector<std::uint8_t> group{0, 1, 2, 3, 3, 2, 1, 0};
  const Noise noise{0.02, 0.1, 0.01};
  SparseFit fit(kernel, 4);
  fit.add(systems.view(), {energy.data(), forces.data(), nullptr}, group.data(), on(1));
  const std::vector<std::uint8_t> left_out{1, 0, 0, 1, 0, 0, 0, 0};  // of two members
  std::vector<double> members(2 * kernel->size());
  fit.members(noise, left_out.data(), 2, members.data(), on(1));
  for (std::size_t i = 0; i < 2; ++i) {
    // A fit that never saw these structures.
    SparseFit alone(kernel, 1);
    std::size_t atom = 0;
    for (std::size_t s = 0; s < 8; ++s) {
      const Systems one({many[s]});
      const std::uint8_t first = 0;
      if (!left_out[4 * i + group[s]]) {
        alone.add(one.view(), {&energy[s], &forces[3 * atom], nullptr}, &first, on(1));
      }
      atom += one.atoms();
    }
    const std::uint8_t none = 0;
    const std::vector<double> expected = alone.weights(alone.solve(noise, &none));
    double largest = 0.0;
    for (double w : expected) largest = std::max(largest, std::abs(w));
    for (std::size_t m = 0; m < expected.size(); ++m) {
      EXPECT_NEAR(members[i * expected.size() + m], expected[m], 1e-6 * largest);
    }
  }
}

}  // namespace
}  // namespace soapstone
