#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "math/constants.hpp"
#include "math/simd.hpp"

namespace soapstone {

/// Exponentially scaled modified spherical Bessel functions of the first kind, e^{−x} i_l(x), for
/// l = 0 … max_order and x ≥ 0, written to `values`.
///
/// Miller's downward recursion i_{l−1} = i_{l+1} + (2l+1)/x · i_l (DLMF 10.51.4), stable because
/// i_l is the minimal solution as l grows, normalised by e^{−x} i_0 = (1 − e^{−2x}) / 2x.
inline void scaled_bessel_i(int max_order, double x, double* values) {
  if (x < 1e-3) {  // leading two terms of the power series, DLMF 10.53.3
    double leading = std::exp(-x);
    for (int l = 0; l <= max_order; ++l) {
      const double second = 0.5 * x * x / (2 * l + 3);
      values[l] = leading * (1.0 + second * (1.0 + 0.25 * x * x / (2 * l + 5)));
      leading *= x / (2 * l + 3);
    }
    return;
  }
  const int start = max_order + 20 + static_cast<int>(std::sqrt(90.0 * x));
  double above = 0.0;
  double current = 1e-280;
  for (int l = start; l > 0; --l) {
    const double below = above + (2 * l + 1) / x * current;
    above = current;
    current = below;
    if (l - 1 <= max_order) values[l - 1] = current;
    if (current > 1e200) {  // rescale before the recursion overflows
      current *= 1e-250;
      above *= 1e-250;
      for (int k = l - 1; k <= max_order; ++k) values[k] *= 1e-250;
    }
  }
  const double scale = -std::expm1(-2.0 * x) / (2.0 * x) / values[0];
  for (int l = 0; l <= max_order; ++l) values[l] *= scale;
}

/// The same for eight arguments at once: values[l] for x of every lane. Where all are large the
/// recursion goes upwards, i_{l+1} = i_{l−1} − (2l+1)/x · i_l, from i_0 and i_1; it multiplies
/// errors by about e^{l(l+1)/x}. Else it is Miller's, normalised by Σ_l (2l+1) e^{−x} i_l = 1.
inline void scaled_bessel_i(int max_order, const Lanes& x, Lanes* values) {
  double smallest = x[0], largest = x[0];
  for (std::size_t j = 1; j < kLanes; ++j) {
    smallest = std::min(smallest, x[j]);
    largest = std::max(largest, x[j]);
  }
  if (smallest < 1e-3) {
    std::vector<double> of_lane(static_cast<std::size_t>(max_order) + 1);
    for (std::size_t j = 0; j < kLanes; ++j) {
      scaled_bessel_i(max_order, x[j], of_lane.data());
      for (int l = 0; l <= max_order; ++l) values[l][j] = of_lane[l];
    }
    return;
  }
  const Lanes inverse = 1.0 / x;
  if (smallest > std::max(20.0, 0.25 * max_order * (max_order + 1))) {  // e^{−2x} is nothing
    values[0] = 0.5 * inverse;
    if (max_order > 0) values[1] = (1.0 - inverse) * values[0];
    for (int l = 1; l < max_order; ++l) {
      values[l + 1] = values[l - 1] - double(2 * l + 1) * inverse * values[l];
    }
    return;
  }
  const int start = max_order + 20 + static_cast<int>(std::sqrt(90.0 * largest));
  Lanes above{}, current = Lanes{} + 1e-280, sum{};
  for (int l = start; l > 0; --l) {
    const Lanes term = double(2 * l + 1) * current;
    const Lanes below = above + inverse * term;
    sum += term;
    above = current;
    current = below;
    if (l - 1 <= max_order) values[l - 1] = current;
    if (l % 8 != 0) continue;  // eight steps multiply by less than 1e50
    for (std::size_t j = 0; j < kLanes; ++j) {
      if (current[j] < 1e200) continue;
      current[j] *= 1e-250;
      above[j] *= 1e-250;
      sum[j] *= 1e-250;
      for (int k = l - 1; k <= max_order; ++k) values[k][j] *= 1e-250;
    }
  }
  const Lanes scale = 1.0 / (sum + current);
  for (int l = 0; l <= max_order; ++l) values[l] *= scale;
}

/// Spherical Bessel functions of the first kind j_l(x), l = 0 … max_order and x ≥ 0, written to
/// `values`. Miller's downward recursion j_{l−1} = (2l+1)/x · j_l − j_{l+1} (DLMF 10.51.1),
/// normalised by the larger of j_0 and j_1, which have no zero in common.
inline void spherical_bessel_j(int max_order, double x, double* values) {
  if (x < 1e-3) {  // leading terms of the power series, DLMF 10.53.1
    double leading = 1.0;
    for (int l = 0; l <= max_order; ++l) {
      const double second = 0.5 * x * x / (2 * l + 3);
      values[l] = leading * (1.0 - second * (1.0 - 0.25 * x * x / (2 * l + 5)));
      leading *= x / (2 * l + 3);
    }
    return;
  }
  const int start =
      std::max(max_order, static_cast<int>(x)) + 20 + static_cast<int>(std::sqrt(60.0 * x));
  std::vector<double> all(static_cast<std::size_t>(start) + 2, 0.0);
  all[start] = 1e-280;
  for (int l = start; l > 0; --l) {
    all[l - 1] = (2 * l + 1) / x * all[l] - all[l + 1];
    if (std::abs(all[l - 1]) > 1e200) {
      for (int k = l - 1; k <= start; ++k) all[k] *= 1e-250;
    }
  }
  const double zero = std::sin(x) / x;
  const double one = std::sin(x) / (x * x) - std::cos(x) / x;
  const double scale = std::abs(zero) > std::abs(one) ? zero / all[0] : one / all[1];
  for (int l = 0; l <= max_order; ++l) values[l] = scale * all[l];
}

/// The same for eight arguments at once: values[l] for x of every lane. Where all are beyond the
/// largest order the recursion goes upwards from j_0 and j_1, which is stable there.
inline void spherical_bessel_j(int max_order, const Lanes& x, Lanes* values) {
  double smallest = x[0];
  for (std::size_t j = 1; j < kLanes; ++j) smallest = std::min(smallest, x[j]);
  if (smallest < double(max_order) + 1.0) {
    std::vector<double> of_lane(static_cast<std::size_t>(max_order) + 1);
    for (std::size_t j = 0; j < kLanes; ++j) {
      spherical_bessel_j(max_order, x[j], of_lane.data());
      for (int l = 0; l <= max_order; ++l) values[l][j] = of_lane[l];
    }
    return;
  }
  const Lanes inverse = 1.0 / x;
  Lanes sine, cosine;
  for (std::size_t j = 0; j < kLanes; ++j) {
    sine[j] = std::sin(x[j]);
    cosine[j] = std::cos(x[j]);
  }
  values[0] = sine * inverse;
  if (max_order > 0) values[1] = (values[0] - cosine) * inverse;
  for (int l = 1; l < max_order; ++l) {
    values[l + 1] = double(2 * l + 1) * inverse * values[l] - values[l - 1];
  }
}

/// The first `count` positive zeros of j_l for l = 0 … max_order, [l][n]. Zeros of j_{l+1} lie
/// between those of j_l (DLMF 10.21.2), where bisection finds them.
inline std::vector<std::vector<double>> spherical_bessel_zeros(int max_order, std::size_t count) {
  std::vector<std::vector<double>> zeros(1);
  for (std::size_t n = 1; n <= count + static_cast<std::size_t>(max_order); ++n) {
    zeros[0].push_back(double(n) * kPi);
  }
  std::vector<double> j(static_cast<std::size_t>(max_order) + 1);
  const auto at = [&](int l, double x) {
    spherical_bessel_j(l, x, j.data());
    return j[l];
  };
  for (int l = 1; l <= max_order; ++l) {
    zeros.emplace_back();
    for (std::size_t n = 0; n + 1 < zeros[l - 1].size(); ++n) {
      double low = zeros[l - 1][n], high = zeros[l - 1][n + 1];
      const bool rising = at(l, low) < 0.0;
      for (int step = 0; step < 100 && high - low > 1e-15 * high; ++step) {
        const double middle = 0.5 * (low + high);
        ((at(l, middle) < 0.0) == rising ? low : high) = middle;
      }
      zeros[l].push_back(0.5 * (low + high));
    }
  }
  for (std::vector<double>& of_l : zeros) of_l.resize(count);
  return zeros;
}

}  // namespace soapstone
