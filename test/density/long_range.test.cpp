#include "density/long_range.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <random>
#include <vector>

#include "common/error.hpp"
#include "density/plane_waves.hpp"
#include "density/power_law.hpp"
#include "execution.hpp"
#include "finite_differences.hpp"
#include "math/bessel.hpp"
#include "math/constants.hpp"
#include "math/quadrature.hpp"
#include "structures/systems.hpp"

namespace soapstone {
namespace {

using testing::on;
using testing::System;

constexpr double kRadius = 2.0;

std::unique_ptr<RadialBasis> bessel_basis(int count, int max_angular) {
  RadialBasisParameters parameters;
  parameters.type = RadialBasisParameters::Type::kBessel;
  return make_radial_basis(parameters, count, kRadius, max_angular);
}

std::vector<std::size_t> channels_of(const System& system) {
  std::vector<std::size_t> channels;
  for (const std::int32_t number : system.species) channels.push_back(number == 8 ? 1 : 0);
  return channels;
}

/// Two species, `count` radial functions and l ≤ 2.
struct Expanded {
  Expanded(const PowerLaw& density, int count)
      : basis(bessel_basis(count, 2)), expansion(density, *basis, kRadius, 2, 2) {}

  std::vector<double> coefficients(const System& system, int threads = 1) const {
    std::vector<double> result(system.size() * expansion.size(), std::nan(""));
    expansion.compute(system.view(), channels_of(system), on(threads), result.data());
    return result;
  }

  std::unique_ptr<RadialBasis> basis;
  LongRangeExpansion expansion;
};

/// The same by summing over images in space up to `reach` cells and integrating over the sphere.
std::vector<double> sum_in_space(const PowerLaw& density, const RadialBasis& basis,
                                 const System& system, std::size_t centre, int reach) {
  const SphericalHarmonics harmonics(2);
  const std::size_t stride = padded(basis.count());
  std::vector<double> result(2 * 9 * stride, 0.0);
  const Quadrature radial = gauss_legendre(14, 0.0, kRadius), polar = gauss_legendre(16, -1.0, 1.0);
  constexpr int kTurn = 24;
  std::vector<Jet> functions(basis.count());
  for (std::size_t r = 0; r < radial.nodes.size(); ++r) {
    for (std::size_t t = 0; t < polar.nodes.size(); ++t) {
      for (int turn = 0; turn < kTurn; ++turn) {
        const double phi = 2.0 * kPi * turn / kTurn, z = polar.nodes[t];
        const double direction[3] = {std::sqrt(1.0 - z * z) * std::cos(phi),
                                     std::sqrt(1.0 - z * z) * std::sin(phi), z};
        double field[2] = {};
        for (std::size_t j = 0; j < system.size(); ++j) {
          for (int a = -reach; a <= reach; ++a) {
            for (int b = -reach; b <= reach; ++b) {
              for (int c = -reach; c <= reach; ++c) {
                double square = 0.0;
                for (std::size_t x = 0; x < 3; ++x) {
                  const double d = system.positions[3 * centre + x] +
                                   radial.nodes[r] * direction[x] - system.positions[3 * j + x] -
                                   a * system.cell[x] - b * system.cell[3 + x] -
                                   c * system.cell[6 + x];
                  square += d * d;
                }
                const bool own = j == centre && a == 0 && b == 0 && c == 0;
                field[system.species[j] == 8] +=
                    (own ? density.center_weight : 1.0) * density.value(std::sqrt(square));
              }
            }
          }
        }
        double y[9];
        harmonics.compute_points(direction, 1, on(1), y, nullptr);
        const double weight = radial.weights[r] * radial.nodes[r] * radial.nodes[r] *
                              polar.weights[t] * 2.0 * kPi / kTurn;
        for (int l = 0; l <= 2; ++l) {
          basis.evaluate(l, radial.nodes[r], functions.data());
          for (int lm = l * l; lm < (l + 1) * (l + 1); ++lm) {
            for (std::size_t n = 0; n < functions.size(); ++n) {
              for (std::size_t channel = 0; channel < 2; ++channel) {
                result[(channel * 9 + static_cast<std::size_t>(lm)) * stride + n] +=
                    weight * field[channel] * functions[n].value * y[lm];
              }
            }
          }
        }
      }
    }
  }
  return result;
}

void expect_close(const double* found, const std::vector<double>& expected, double tolerance) {
  double largest = 0.0, error = 0.0;
  for (std::size_t k = 0; k < expected.size(); ++k) {
    largest = std::max(largest, std::abs(expected[k]));
    error = std::max(error, std::abs(found[k] - expected[k]));
  }
  EXPECT_LT(error, tolerance * largest);
  EXPECT_GT(largest, 0.0);
}

TEST(LongRangeExpansion, IsTheSumOverImagesInSpace) {
  const System system = testing::crystal(3, 3, {1, 8});
  // What decays fast can be summed in space; the tail of r⁻⁹ beyond the images is 1e-7.
  const PowerLaw gaussian{0, 0.9, 9.0, 1.0}, dispersion{9, 0.8, 11.0, 0.4};
  for (const PowerLaw& density : {gaussian, dispersion}) {
    const Expanded expanded(density, 3);
    const std::vector<double> found = expanded.coefficients(system);
    const int reach = density.exponent == 0 ? 3 : 5;
    const double tolerance = density.exponent == 0 ? 1e-9 : 2e-6;
    for (const std::size_t centre : {0u, 1u}) {
      expect_close(found.data() + centre * expanded.expansion.size(),
                   sum_in_space(density, *expanded.basis, system, centre, reach), tolerance);
    }
  }
}

/// Σ G c and its derivatives, for G of random numbers.
struct Loss {
  explicit Loss(std::size_t size) : weights(size) {
    std::mt19937 random(9);
    std::normal_distribution<double> normal;
    for (double& weight : weights) weight = normal(random);
  }

  double operator()(const std::vector<double>& coefficients) const {
    double sum = 0.0;
    for (std::size_t k = 0; k < weights.size(); ++k) sum += weights[k] * coefficients[k];
    return sum;
  }

  std::vector<double> weights;
};

struct Gradient {
  std::vector<double> positions, strain;
};

Gradient gradient_of(const Loss& loss, const Expanded& expanded, const System& system,
                     int threads = 1) {
  Gradient result{std::vector<double>(3 * system.size()), std::vector<double>(9)};
  expanded.expansion.adjoint(system.view(), channels_of(system),
                             expanded.coefficients(system).data(), loss.weights.data(), on(threads),
                             result.positions.data(), result.strain.data());
  return result;
}

TEST(LongRangeExpansion, AdjointIsTheSlopeInPositionsAndStrain) {
  const System system = testing::crystal(4, 4, {1, 8, 1});
  for (const int exponent : {0, 1, 2, 3, 6}) {
    SCOPED_TRACE(exponent);
    // Eleven functions are more than a lane holds.
    const Expanded expanded({exponent, 0.7, 5.3, 0.5}, 11);
    const Loss loss(system.size() * expanded.expansion.size());
    const auto slope = [&](const auto& change) {
      return testing::slope_at_zero(
          [&](double h) { return loss(expanded.coefficients(change(h))); });
    };
    std::vector<double> positions, strain;
    for (std::size_t k = 0; k < 3 * system.size(); ++k) {
      positions.push_back(slope([&](double h) { return system.moved(k, h); }));
    }
    for (std::size_t k = 0; k < 9; ++k) {
      strain.push_back(slope([&](double h) { return system.strained(k / 3, k % 3, h); }));
    }
    const Gradient found = gradient_of(loss, expanded, system);
    expect_close(found.positions.data(), positions, 1e-8);
    expect_close(found.strain.data(), strain, 1e-8);
  }
}

TEST(LongRangeExpansion, DerivativesOfEveryAtomAddUpToTheAdjoint) {
  const System system = testing::crystal(5, 5, {1, 8});
  const Expanded expanded({1, 0.7, 6.0, 1.0}, 3);
  const LongRangeExpansion& expansion = expanded.expansion;
  const Loss loss(system.size() * expansion.size());
  std::vector<double> positions(3 * system.size(), 0.0);
  const std::vector<std::size_t> channels = channels_of(system);
  std::vector<double> derivatives(system.size() * 3 * expansion.channel_size());
  for (std::size_t i = 0; i < system.size(); ++i) {
    expansion.derivatives(system.view(), i, derivatives.data());
    for (std::size_t row = 0; row < 3 * system.size(); ++row) {
      const double* weights =
          loss.weights.data() + i * expansion.size() + channels[row / 3] * expansion.channel_size();
      double sum = 0.0;
      for (std::size_t k = 0; k < expansion.channel_size(); ++k) {
        sum += weights[k] * derivatives[row * expansion.channel_size() + k];
      }
      positions[row] += sum;
      positions[3 * i + row % 3] -= sum;
    }
  }
  expect_close(gradient_of(loss, expanded, system).positions.data(), positions, 1e-12);
}

/// Enough atoms and waves for several tiles and chunks.
System large() { return testing::crystal(6, 150, {1, 8}); }

TEST(LongRangeExpansion, AnyNumberOfThreadsGivesTheSameBits) {
  const System system = large();
  const Expanded expanded({1, 0.5, 8.0, 1.0}, 2);
  const Loss loss(system.size() * expanded.expansion.size());
  const std::vector<double> values = expanded.coefficients(system);
  const Gradient gradient = gradient_of(loss, expanded, system);
  for (const int threads : {2, 3}) {
    EXPECT_EQ(expanded.coefficients(system, threads), values);
    const Gradient other = gradient_of(loss, expanded, system, threads);
    EXPECT_EQ(other.positions, gradient.positions);
    EXPECT_EQ(other.strain, gradient.strain);
  }
}

TEST(PlaneWaves, AreHalfOfAllWithinTheCutoff) {
  const System system = large();
  constexpr double kCutoff = 12.0;
  const PlaneWaves waves(system.view(), kCutoff);
  ASSERT_GT(waves.chunks(), 2u);
  std::size_t count = 0;
  alignas(kAlignment) double c[PlaneWaves::kChunk], s[PlaneWaves::kChunk];
  for (std::size_t chunk = 0; chunk < waves.chunks(); ++chunk) {
    count += waves.size(chunk);
    for (const std::size_t atom : {0u, 77u}) {
      waves.evaluate(chunk, atom, c, s);
      for (std::size_t k = 0; k < waves.size(chunk); ++k) {
        double phase = 0.0;
        for (std::size_t x = 0; x < 3; ++x) {
          phase += waves.vectors(chunk, x)[k] * system.positions[3 * atom + x];
        }
        EXPECT_NEAR(c[k], std::cos(phase), 1e-12);
        EXPECT_NEAR(s[k], std::sin(phase), 1e-12);
      }
    }
  }
  // On average V k³/6π² vectors are in the whole sphere, of which one is zero.
  const double expected = waves.volume() * std::pow(kCutoff, 3) / (6.0 * kPi * kPi);
  EXPECT_NEAR(2.0 * static_cast<double>(count) + 1.0, expected, 0.05 * expected);
}

TEST(PlaneWaves, RefuseWhatIsNotPeriodic) {
  System system = testing::crystal(7, 2, {1});
  system.pbc[1] = 0;
  EXPECT_THROW(PlaneWaves(system.view(), 5.0), Error);
  EXPECT_THROW(PlaneWaves(testing::cluster(1, 3, {1}).view(), 5.0), Error);
}

TEST(PlaneWaves, RefuseACellSoLargeThatThereAreTooMany) {
  for (const double scale : {1e3, 1e12, 1e100}) {
    System system = testing::crystal(7, 2, {1});
    for (double& x : system.cell) x *= scale;
    try {
      PlaneWaves(system.view(), 5.0);
      FAIL() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kMemoryLimit);
    }
  }
}

TEST(PowerLaw, TransformIsTheIntegralOverSpace) {
  // ĝ = 4π ∫ r² g j_0(kr) dr converges in practice for what decays fast.
  const Quadrature rule = gauss_legendre_panels(16, 400, 0.0, 400.0);
  for (const int exponent : {0, 5, 6, 7, 8, 9}) {
    const PowerLaw density{exponent, 0.8, 0.0, 1.0};
    for (const double k : {0.3, 1.1, 2.0, 4.5}) {
      double sum = 0.0;
      for (std::size_t q = 0; q < rule.nodes.size(); ++q) {
        const double r = rule.nodes[q];
        sum += rule.weights[q] * 4.0 * kPi * r * density.value(r) * std::sin(k * r) / k;
      }
      EXPECT_NEAR(density.transform(k).value, sum, 1e-7 * density.transform(0.3).value)
          << exponent << " at " << k;
    }
  }
}

TEST(PowerLaw, TransformOfChargesIsThatOfCoulomb) {
  const PowerLaw density{1, 0.8, 0.0, 1.0};
  for (const double k : {0.1, 1.0, 3.0}) {
    EXPECT_NEAR(density.transform(k).value, 4.0 * kPi / (k * k) * std::exp(-0.32 * k * k), 1e-12);
    EXPECT_NEAR(density.value(k), std::erf(k / (0.8 * std::sqrt(2.0))) / k, 1e-12);
  }
}

TEST(PowerLaw, SlopeIsThatOfTheTransform) {
  for (int exponent = 0; exponent <= 9; ++exponent) {
    const PowerLaw density{exponent, 0.8, 0.0, 1.0};
    for (const double k : {0.2, 1.5, 1.9, 5.0}) {
      const double slope =
          testing::slope_at_zero([&](double h) { return density.transform(k + h).value; });
      EXPECT_NEAR(density.transform(k).first, slope, 1e-8 * std::abs(slope) + 1e-10) << exponent;
    }
  }
}

TEST(ReciprocalIntegral, IsTheIntegralWithBesselFunctions) {
  const double most = 6.0;
  for (const bool gto : {true, false}) {
    RadialBasisParameters parameters;
    if (!gto) parameters.type = RadialBasisParameters::Type::kBessel;
    const auto basis = make_radial_basis(parameters, 5, 4.0, 3);
    const ReciprocalIntegral integral(*basis, 3, 4.0, most);
    const Quadrature rule = gauss_legendre_panels(16, 60, 0.0, gto ? 40.0 : 4.0);
    AlignedVector values(integral.row()), slopes(integral.row());
    std::vector<Jet> functions(basis->count());
    std::vector<double> bessel(5);
    for (const double k : {0.0, 0.37, 2.2, 5.99}) {
      integral.evaluate(k, values.data(), slopes.data());
      for (int l = 0; l <= 3; ++l) {
        for (std::size_t n = 0; n < basis->count(); ++n) {
          double value = 0.0, slope = 0.0;
          for (std::size_t q = 0; q < rule.nodes.size(); ++q) {
            const double r = rule.nodes[q];
            basis->evaluate(l, r, functions.data());
            spherical_bessel_j(4, k * r, bessel.data());
            const double weight = rule.weights[q] * r * r * functions[n].value;
            value += weight * bessel[l];
            slope += weight * r * ((l > 0 ? l * bessel[l - 1] : 0.0) - (l + 1) * bessel[l + 1]) /
                     (2 * l + 1);
          }
          const std::size_t at = static_cast<std::size_t>(l) * integral.radial_stride() + n;
          EXPECT_NEAR(values[at], value, 1e-10);
          EXPECT_NEAR(slopes[at], slope, 1e-8);
        }
      }
    }
  }
}

}  // namespace
}  // namespace soapstone
