#pragma once

// The mathematics of SphericalHarmonics for eight directions at once. Two callers store what it
// gives: by functions for the density expansion, by points for everybody else.

#include <cstddef>
#include <type_traits>

#include "math/simd.hpp"

namespace soapstone {

/// What the recursions need to know of Y_lm, m ≥ 0. In the tables, m runs slowest and l ≥ m
/// fastest: the order of the recursions.
struct HarmonicTerm {
  double recursion;            ///< Q_{l+1} = z Q_l − recursion Q_{l−1}, Q monic in z
  double factor;               ///< Y = factor Q (x + iy)^m
  double above, below, axial;  ///< of Y_{l−1}, m + 1, m − 1 and m, in the gradient of Y_lm
};

/// Values of Y_lm in rows of lanes, row lm at values + lm · stride.
///
/// Y_lm = N_lm Q_l^m(z) {Re, Im} (x + iy)^m with Q monic: scaled so, the recursion in l of the
/// associated Legendre functions costs one multiply-add and one product, and no column of it needs
/// more than two numbers of memory.
template <int kMaxAngular>
inline void harmonic_values(const HarmonicTerm* term, int max_angular, const Lanes& x,
                            const Lanes& y, const Lanes& z, std::size_t stride, double* values) {
  const int max = kMaxAngular < 0 ? max_angular : kMaxAngular;
  Lanes cosine = Lanes{} + 1.0, sine{};
  for (int m = 0; m <= max; ++m) {
    if (m > 0) {
      const Lanes next = x * cosine - y * sine;
      sine = x * sine + y * cosine;
      cosine = next;
    }
    Lanes q = Lanes{} + 1.0, last{};
    for (int l = m; l <= max; ++l, ++term) {
      double* const centre = values + l * (l + 1) * stride;
      const Lanes scaled = term->factor * q;
      store(centre + m * stride, scaled * cosine);
      if (m > 0) store(centre - m * stride, scaled * sine);
      const Lanes next = z * q - term->recursion * last;
      last = q;
      q = next;
    }
  }
}

/// The gradient of Y_lm, and of Y_l,−m unless m = 0; where `values` and `gradients` point at Y_l0.
/// Below l = |m| there is nothing: kSame and kAbove say whether l − 1 has the orders m and m + 1.
template <bool kPair, bool kSame, bool kAbove>
inline void harmonic_gradient(const HarmonicTerm& term, int l, int m, const Lanes& x,
                              const Lanes& y, const Lanes& z, std::ptrdiff_t stride,
                              const double* values, std::ptrdiff_t axis, double* gradients) {
  const auto lower = [&](int order) { return load(values + (order - 2 * l) * stride); };
  const Lanes above_c = kAbove ? term.above * lower(m + 1) : Lanes{};
  const Lanes above_s = kAbove ? term.above * lower(-m - 1) : Lanes{};
  const Lanes radial_c = double(l) * load(values + m * stride);
  double* const c = gradients + m * stride;
  if constexpr (!kPair) {
    store(c, -above_c - radial_c * x);
    store(c + axis, -above_s - radial_c * y);
  } else {
    const Lanes below_c = term.below * lower(m - 1);
    const Lanes below_s = m > 1 ? term.below * lower(1 - m) : Lanes{};
    const Lanes radial_s = double(l) * load(values - m * stride);
    double* const s = gradients - m * stride;
    store(c, below_c - above_c - radial_c * x);
    store(s, below_s - above_s - radial_s * x);
    store(c + axis, -below_s - above_s - radial_c * y);
    store(s + axis, below_c + above_c - radial_s * y);
    store(s + 2 * axis, (kSame ? term.axial * lower(-m) : Lanes{}) - radial_s * z);
  }
  store(c + 2 * axis, (kSame ? term.axial * lower(m) : Lanes{}) - radial_c * z);
}

/// Gradients on the unit sphere, r ∇Y = ∇(r^l Y) − l Y r̂, from the values; row (axis, lm) at
/// gradients + (axis · size + lm) · stride. They are linear in the values: values divided by r give
/// ∇Y itself.
///
/// The derivatives of a solid harmonic are solid harmonics of one degree less: ∂_x ∓ i∂_y lower and
/// raise m by one, ∂_z keeps it.
template <int kMaxAngular>
inline void harmonic_gradients(const HarmonicTerm* term, int max_angular, const Lanes& x,
                               const Lanes& y, const Lanes& z, std::size_t row_stride,
                               const double* values, double* gradients) {
  const int max = kMaxAngular < 0 ? max_angular : kMaxAngular;
  const auto stride = static_cast<std::ptrdiff_t>(row_stride);
  const std::ptrdiff_t axis = (max + 1) * (max + 1) * stride;
  const auto column = [&](auto pair, int m) {
    constexpr bool kPair = decltype(pair)::value;
    const auto at = [&](auto same, auto above, int l) {
      const std::ptrdiff_t centre = l * (l + 1) * stride;
      harmonic_gradient<kPair, decltype(same)::value, decltype(above)::value>(
          *term++, l, m, x, y, z, stride, values + centre, axis, gradients + centre);
    };
    at(std::false_type{}, std::false_type{}, m);
    if (m < max) at(std::true_type{}, std::false_type{}, m + 1);
    for (int l = m + 2; l <= max; ++l) at(std::true_type{}, std::true_type{}, l);
  };
  column(std::false_type{}, 0);
  for (int m = 1; m <= max; ++m) column(std::true_type{}, m);
}

}  // namespace soapstone
