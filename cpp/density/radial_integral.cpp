#include "density/radial_integral.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <vector>

#include "common/error.hpp"
#include "density/radial_projection.hpp"
#include "math/quintic_hermite.hpp"

namespace soapstone {

/// Where up to eight distances lie in a table, and the factors of what stands there.
struct RadialIntegral::Weights {
  const double* knots[kLanes];
  alignas(kAlignment) double value[2 * kJet][kLanes];
  alignas(kAlignment) double slope[2 * kJet][kLanes];

  /// For distances within both segments; outer.from splits them. An empty `inner` has no share.
  Weights(const Lanes& r, const Segment& inner, const Segment& outer, std::size_t row) {
    const auto inside = inner.intervals > 0 ? r < outer.from : r < 0.0;
    const Lanes from = inside ? Lanes{} + inner.from : Lanes{} + outer.from;
    const Lanes per_step = inside ? Lanes{} + 1.0 / inner.step : Lanes{} + 1.0 / outer.step;
    const auto before = r < from;
    const Lanes position = before ? Lanes{} : (r - from) * per_step;
    Lanes t{};
    for (std::size_t j = 0; j < kLanes; ++j) {
      const Segment& segment = inside[j] ? inner : outer;
      const std::size_t interval =
          std::min(static_cast<std::size_t>(position[j]), segment.intervals - 1);
      knots[j] = segment.knots.data() + interval * kJet * row;
      t[j] = position[j] - double(interval);
    }
    // Before the table the value is kept, so the slope is zero.
    const Lanes scale = before ? Lanes{} : per_step;
    const QuinticHermite<Lanes> factors(t);
    for (std::size_t k = 0; k < 2 * kJet; ++k) {
      store(value[k], factors.value[k]);
      store(slope[k], scale * factors.slope[k]);
    }
  }

  /// Writes the row of distance j, and its derivative unless that is null.
  void interpolate(std::size_t j, std::size_t row, double* values, double* derivatives) const {
    Lanes f[2 * kJet], d[2 * kJet];
    unrolled<2 * kJet>([&](auto k) {
      f[k] = Lanes{} + value[k][j];
      d[k] = Lanes{} + slope[k][j];
    });
    const double* const at = knots[j];
    const auto combine = [&](const Lanes(&knot)[2 * kJet], const Lanes(&w)[2 * kJet]) {
      return (w[0] * knot[0] + w[1] * knot[1] + w[2] * knot[2]) +
             (w[3] * knot[3] + w[4] * knot[4] + w[5] * knot[5]);
    };
    for (std::size_t i = 0; i < row; i += kLanes) {
      Lanes knot[2 * kJet];
      unrolled<2 * kJet>([&](auto k) { knot[k] = load(at + k * row + i); });
      store(values + i, combine(knot, f));
      if (derivatives != nullptr) store(derivatives + i, combine(knot, d));
    }
  }
};

RadialIntegral::RadialIntegral(const DensityParameters& density, const BasisParameters& basis,
                               const RadialBasis& radial)
    : stride_(padded(radial.count())), row_((basis.max_angular + 1) * stride_) {
  const bool diverges = density.scaling.enabled && density.scaling.rate == 0.0;
  const double start = diverges ? std::min(0.1, 0.5 * density.cutoff.radius) : 0.0;
  const double onset = std::max(density.cutoff.onset(), start);
  const RadialProjection projection(density.gaussian_width, basis.max_angular, radial,
                                    density.cutoff.radius);
  if (onset > start) inner_ = build(density, basis, projection, start, onset, false);
  outer_ = build(density, basis, projection, onset, density.cutoff.radius, true);
}

void RadialIntegral::exact(const DensityParameters& density, const RadialProjection& projection,
                           double r, bool transition, double* jets) const {
  projection.evaluate(r, jets);
  const Jet envelope =
      density.scaling(r) * (transition ? density.cutoff.transition(r) : Jet{1.0, 0.0, 0.0});
  for (std::size_t k = 0; k < row_; ++k) {
    const Jet product = Jet{jets[k], jets[row_ + k], jets[2 * row_ + k]} * envelope;
    jets[k] = product.value;
    jets[row_ + k] = product.first;
    jets[2 * row_ + k] = product.second;
  }
}

RadialIntegral::Segment RadialIntegral::tabulate(const DensityParameters& density,
                                                 const RadialProjection& projection, double from,
                                                 double to, bool transition,
                                                 std::size_t intervals) const {
  Segment segment{from, (to - from) / double(intervals), intervals,
                  AlignedVector((intervals + 1) * kJet * row_)};
  for (std::size_t k = 0; k <= intervals; ++k) {
    double* jets = &segment.knots[k * kJet * row_];
    exact(density, projection, from + (to - from) * double(k) / double(intervals), transition,
          jets);
    for (std::size_t i = 0; i < row_; ++i) {
      jets[row_ + i] *= segment.step;
      jets[2 * row_ + i] *= segment.step * segment.step;
    }
  }
  return segment;
}

RadialIntegral::Segment RadialIntegral::build(const DensityParameters& density,
                                              const BasisParameters& basis,
                                              const RadialProjection& projection, double from,
                                              double to, bool transition) const {
  constexpr std::size_t kMostIntervals = 4096;
  const double scale = density.gaussian_width > 0.0
                           ? 0.5 * density.gaussian_width
                           : density.cutoff.radius / double(2 * projection.count());
  std::size_t intervals =
      std::max<std::size_t>(4, static_cast<std::size_t>(std::ceil((to - from) / scale)));
  AlignedVector jets(kJet * row_), values(row_), derivatives(row_);
  while (true) {
    Segment segment = tabulate(density, projection, from, to, transition, intervals);
    // The error is largest in the middle between knots.
    double largest[2] = {0.0, 0.0};
    double error[2] = {0.0, 0.0};
    for (std::size_t k = 0; k < intervals; ++k) {
      const double r = from + (double(k) + 0.5) * segment.step;
      exact(density, projection, r, transition, jets.data());
      Weights(Lanes{} + r, Segment{}, segment, row_)
          .interpolate(0, row_, values.data(), derivatives.data());
      for (std::size_t i = 0; i < row_; ++i) {
        error[0] = std::max(error[0], std::abs(values[i] - jets[i]));
        error[1] = std::max(error[1], std::abs(derivatives[i] - jets[row_ + i]));
        largest[0] = std::max(largest[0], std::abs(jets[i]));
        largest[1] = std::max(largest[1], std::abs(jets[row_ + i]));
      }
    }
    const double excess = std::max(error[0] / largest[0], error[1] / largest[1]) / basis.accuracy;
    if (!(excess > 1.0)) return segment;
    if (intervals >= kMostIntervals) {
      std::ostringstream message;
      message << "the radial integrals cannot be splined to a relative accuracy of "
              << basis.accuracy
              << "; use a smaller cutoff radius, a wider density, a smoother scaling or a looser "
                 "basis.accuracy";
      throw Error(ErrorCode::kNumerical, message.str());
    }
    // The slope's error goes down with the fifth power of the spacing, the value's with the sixth.
    const double factor = std::clamp(1.05 * std::pow(excess, 0.2), 1.1, 2.0);
    intervals = std::min(kMostIntervals, static_cast<std::size_t>(std::ceil(intervals * factor)));
  }
}

void RadialIntegral::evaluate(const double* distances, std::size_t count, double* values,
                              double* derivatives) const {
  for (std::size_t from = 0; from < count; from += kLanes) {
    const Weights weights(load_unaligned(distances + from), inner_, outer_, row_);
    const std::size_t to = std::min(from + kLanes, count);
    for (std::size_t j = from; j < to; ++j) {
      weights.interpolate(j - from, row_, values + j * row_,
                          derivatives == nullptr ? nullptr : derivatives + j * row_);
    }
  }
}

void central_integrals(const DensityParameters& density, const RadialBasis& radial,
                       double* values) {
  const RadialProjection projection(density.gaussian_width, 0, radial, density.cutoff.radius);
  AlignedVector jets(kJet * projection.row());
  projection.evaluate(0.0, jets.data());
  std::copy_n(jets.begin(), radial.count(), values);
}

}  // namespace soapstone
