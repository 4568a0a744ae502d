#pragma once

#include <cmath>
#include <vector>

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

}  // namespace soapstone
