#include "density/radial_integral.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <vector>

#include "common/error.hpp"
#include "math/bessel.hpp"
#include "math/quadrature.hpp"

namespace soapstone {

namespace {

constexpr std::size_t kJet = 3;  // value, first, second derivative

/// Quintic Hermite basis on [0, 1]: weights of (f, h f', h² f'') at both ends, and their
/// derivatives.
struct HermiteWeights {
  double value[2 * kJet];
  double slope[2 * kJet];

  explicit HermiteWeights(double t) {
    const double t2 = t * t, t3 = t2 * t, t4 = t2 * t2, t5 = t4 * t;
    value[0] = 1.0 - 10.0 * t3 + 15.0 * t4 - 6.0 * t5;
    value[1] = t - 6.0 * t3 + 8.0 * t4 - 3.0 * t5;
    value[2] = 0.5 * (t2 - 3.0 * t3 + 3.0 * t4 - t5);
    value[3] = 10.0 * t3 - 15.0 * t4 + 6.0 * t5;
    value[4] = -4.0 * t3 + 7.0 * t4 - 3.0 * t5;
    value[5] = 0.5 * (t3 - 2.0 * t4 + t5);
    slope[0] = -30.0 * t2 + 60.0 * t3 - 30.0 * t4;
    slope[1] = 1.0 - 18.0 * t2 + 32.0 * t3 - 15.0 * t4;
    slope[2] = 0.5 * (2.0 * t - 9.0 * t2 + 12.0 * t3 - 5.0 * t4);
    slope[3] = 30.0 * t2 - 60.0 * t3 + 30.0 * t4;
    slope[4] = -12.0 * t2 + 28.0 * t3 - 15.0 * t4;
    slope[5] = 0.5 * (3.0 * t2 - 8.0 * t3 + 5.0 * t4);
  }
};

}  // namespace

RadialIntegral::RadialIntegral(const DensityParameters& density, const BasisParameters& basis,
                               const RadialBasis& radial)
    : stride_(padded(radial.count())), row_((basis.max_angular + 1) * stride_) {
  // A pure power law diverges at r = 0, where no atom is: the table starts a little above.
  const bool diverges = density.scaling.enabled && density.scaling.rate == 0.0;
  const double start = diverges ? std::min(0.1, 0.5 * density.cutoff.radius) : 0.0;
  onset_ = std::max(density.cutoff.onset(), start);
  if (onset_ > start) inner_ = build(density, basis, radial, start, onset_, false);
  outer_ = build(density, basis, radial, onset_, density.cutoff.radius, true);
}

void RadialIntegral::exact(const DensityParameters& density, const BasisParameters& basis,
                           const RadialBasis& radial, double r, bool transition,
                           double* jets) const {
  const std::size_t count = radial.count();
  const int max_angular = basis.max_angular;
  const double sigma = density.gaussian_width;
  const double inverse = 1.0 / (sigma * sigma);
  const double pi = std::acos(-1.0);
  const double prefactor = 4.0 * pi * std::pow(pi * sigma * sigma, -0.75);

  // The integrand is a Gaussian of width σ around r times a smooth function.
  const double from = std::max(0.0, r - 10.0 * sigma);
  const double to = std::min(radial.extent(sigma), r + 10.0 * sigma);
  static const Quadrature rule = gauss_legendre(160, -1.0, 1.0);
  const double half = 0.5 * (to - from);

  std::fill(jets, jets + kJet * row_, 0.0);
  std::vector<double> functions(count);
  std::vector<double> bessel(max_angular + 3);
  std::vector<double> slope(max_angular + 2);
  for (std::size_t q = 0; q < rule.nodes.size(); ++q) {
    const double s = from + half * (1.0 + rule.nodes[q]);
    radial.evaluate(s, functions.data());
    scaled_bessel_i(max_angular + 2, r * s * inverse, bessel.data());
    const double gaussian = std::exp(-0.5 * (r - s) * (r - s) * inverse);
    const double weight = prefactor * half * rule.weights[q] * s * s * gaussian;
    // i_l' = (l i_{l−1} + (l+1) i_{l+1}) / (2l+1), DLMF 10.51.5
    const auto differentiate = [](const std::vector<double>& f, int l) {
      return ((l > 0 ? l * f[l - 1] : 0.0) + (l + 1) * f[l + 1]) / (2 * l + 1);
    };
    for (int l = 0; l <= max_angular + 1; ++l) slope[l] = differentiate(bessel, l);
    for (int l = 0; l <= max_angular; ++l) {
      const double curvature = differentiate(slope, l);
      const double value = bessel[l];
      const double first = inverse * (s * slope[l] - r * value);
      const double second =
          inverse * inverse *
          (s * s * curvature - 2.0 * r * s * slope[l] + (r * r - sigma * sigma) * value);
      for (std::size_t n = 0; n < count; ++n) {
        const double f = weight * functions[n];
        jets[l * stride_ + n] += f * value;
        jets[row_ + l * stride_ + n] += f * first;
        jets[2 * row_ + l * stride_ + n] += f * second;
      }
    }
  }
  const Jet envelope =
      density.scaling(r) * (transition ? density.cutoff.transition(r) : Jet{1.0, 0.0, 0.0});
  for (std::size_t k = 0; k < row_; ++k) {
    const Jet product = Jet{jets[k], jets[row_ + k], jets[2 * row_ + k]} * envelope;
    jets[k] = product.value;
    jets[row_ + k] = product.first;
    jets[2 * row_ + k] = product.second;
  }
}

RadialIntegral::Segment RadialIntegral::build(const DensityParameters& density,
                                              const BasisParameters& basis,
                                              const RadialBasis& radial, double from, double to,
                                              bool transition) const {
  constexpr std::size_t kMostIntervals = 4096;
  std::size_t intervals = std::max<std::size_t>(
      4, static_cast<std::size_t>(std::ceil((to - from) / (0.5 * density.gaussian_width))));
  AlignedVector coarse((intervals + 1) * kJet * row_);
  const auto at = [&](std::size_t knot, std::size_t total) {
    return from + (to - from) * double(knot) / double(total);
  };
  for (std::size_t k = 0; k <= intervals; ++k) {
    exact(density, basis, radial, at(k, intervals), transition, &coarse[k * kJet * row_]);
  }

  // Halve the spacing, keeping the knots there are, until the new ones were predicted well enough.
  AlignedVector values(row_), derivatives(row_);
  while (true) {
    Segment segment{from, (to - from) / double(intervals), intervals, coarse};
    for (std::size_t k = 0; k <= intervals; ++k) {
      double* jets = &segment.knots[k * kJet * row_];
      for (std::size_t i = 0; i < row_; ++i) {
        jets[row_ + i] *= segment.step;
        jets[2 * row_ + i] *= segment.step * segment.step;
      }
    }

    AlignedVector fine((2 * intervals + 1) * kJet * row_);
    double largest[2] = {0.0, 0.0};
    double error[2] = {0.0, 0.0};
    for (std::size_t k = 0; k <= 2 * intervals; ++k) {
      double* jets = &fine[k * kJet * row_];
      if (k % 2 == 0) {
        std::copy_n(&coarse[k / 2 * kJet * row_], kJet * row_, jets);
      } else {
        const double r = at(k, 2 * intervals);
        exact(density, basis, radial, r, transition, jets);
        interpolate(segment, r, values.data(), derivatives.data());
        for (std::size_t i = 0; i < row_; ++i) {
          error[0] = std::max(error[0], std::abs(values[i] - jets[i]));
          error[1] = std::max(error[1], std::abs(derivatives[i] - jets[row_ + i]));
        }
      }
      for (std::size_t i = 0; i < row_; ++i) {
        largest[0] = std::max(largest[0], std::abs(jets[i]));
        largest[1] = std::max(largest[1], std::abs(jets[row_ + i]));
      }
    }
    if (error[0] <= basis.accuracy * largest[0] && error[1] <= basis.accuracy * largest[1]) {
      return segment;
    }
    if (intervals >= kMostIntervals) {
      std::ostringstream message;
      message << "the radial integrals cannot be splined to a relative accuracy of "
              << basis.accuracy
              << "; use a wider density, a smoother scaling or a looser basis.accuracy";
      throw Error(ErrorCode::kNumerical, message.str());
    }
    intervals *= 2;
    coarse.swap(fine);
  }
}

void RadialIntegral::interpolate(const Segment& segment, double r, double* values,
                                 double* derivatives) const {
  const double position = (r - segment.from) / segment.step;
  const double clamped = std::max(position, 0.0);
  const std::size_t interval = std::min(static_cast<std::size_t>(clamped), segment.intervals - 1);
  const HermiteWeights w(clamped - double(interval));
  const double* knots = &segment.knots[interval * kJet * row_];
  for (std::size_t i = 0; i < row_; i += kLanes) {
    Lanes value{};
    for (std::size_t k = 0; k < 2 * kJet; ++k) value += w.value[k] * load(knots + k * row_ + i);
    store(values + i, value);
  }
  if (derivatives == nullptr) return;
  const double scale = 1.0 / segment.step;
  for (std::size_t i = 0; i < row_; i += kLanes) {
    Lanes slope{};
    for (std::size_t k = 0; k < 2 * kJet; ++k) slope += w.slope[k] * load(knots + k * row_ + i);
    store(derivatives + i, slope * scale);
  }
}

void RadialIntegral::evaluate(double r, double* values, double* derivatives) const {
  const bool inner = r < onset_ && inner_.intervals > 0;
  interpolate(inner ? inner_ : outer_, r, values, derivatives);
}

}  // namespace soapstone
