#include "regression/channel_energy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/reference.hpp"
#include "representations/power_spectrum.hpp"

namespace soapstone {
namespace {

using testing::cluster;
using testing::Systems;

/// Σ_m w_m (p · p_m)^ζ and its gradient as they are written.
struct Reference {
  double energy = 0.0;
  std::vector<double> gradient;

  Reference(const SparseKernel& kernel, std::size_t channel, const double* weights, const double* p)
      : gradient(kernel.representation().features(), 0.0) {
    for (std::size_t m = 0; m < kernel.size(channel); ++m) {
      const double* point = kernel.points(channel) + m * gradient.size();
      double u = 0.0;
      for (std::size_t k = 0; k < gradient.size(); ++k) u += p[k] * point[k];
      energy += weights[m] * std::pow(u, kernel.zeta());
      for (std::size_t k = 0; k < gradient.size(); ++k) {
        gradient[k] += weights[m] * kernel.zeta() * std::pow(u, kernel.zeta() - 1) * point[k];
      }
    }
  }
};

// Points by the dozen are folded into one matrix where ζ = 2, a few are not, and a channel may have
// none.
TEST(ChannelEnergy, IsTheWeightedSumOfKernelsForAnyPower) {
  const auto soap =
      std::make_shared<PowerSpectrum>(DensityParameters{{3.0, 0.8}, {}, 0.5, 1.0},
                                      BasisParameters{2, 3, 1e-8}, std::vector<std::int32_t>{1, 8});
  const std::size_t features = soap->features();
  const Systems systems({cluster(1, 120, {8, 1, 1}), cluster(2, 120, {8})});
  for (std::size_t points : {0, 5, 80}) {
    for (int zeta : {1, 2, 3, 4, 7}) {
      SCOPED_TRACE(::testing::Message() << points << " points, power " << zeta);
      const auto kernel = make_kernel(soap, systems, points, zeta);
      std::vector<double> weights(kernel->size());
      for (std::size_t m = 0; m < weights.size(); ++m) weights[m] = std::sin(1.0 + 2.0 * m);
      const std::vector<double> all = testing::normalised_features(*soap, systems);
      constexpr std::size_t kCount = 11;
      const std::size_t step = padded(features) + kLanes;
      AlignedVector tile(kCount * step, 0.0);
      for (std::size_t c = 0; c < kCount; ++c) {
        std::copy_n(&all[c * features], features, &tile[c * step]);
      }
      for (std::size_t channel = 0; channel < 2; ++channel) {
        const double* w = weights.data() + kernel->first()[channel];
        const ChannelEnergy energy(*kernel, channel, w, {});
        std::vector<double> energies(kCount);
        AlignedVector gradient(kCount * energy.gradient_step());
        ChannelEnergy::Workspace workspace;
        energy.compute(tile.data(), step, kCount, true, workspace, energies.data(),
                       gradient.data());
        const std::vector<double> with_derivatives = energies;
        for (std::size_t c = 0; c < kCount; ++c) {
          const Reference expected(*kernel, channel, w, &tile[c * step]);
          EXPECT_NEAR(energies[c], expected.energy, 1e-12);
          for (std::size_t k = 0; k < features; ++k) {
            EXPECT_NEAR(gradient[c * energy.gradient_step() + k], expected.gradient[k], 1e-12);
          }
        }
        energy.compute(tile.data(), step, kCount, false, workspace, energies.data(),
                       gradient.data());
        EXPECT_EQ(energies, with_derivatives);
      }
    }
  }
}

}  // namespace
}  // namespace soapstone
