#include "math/spherical_harmonics.hpp"

#include <cmath>

#include "common/error.hpp"

namespace soapstone {

namespace {

constexpr int kMostAngular = 24;

constexpr int triangle(int l, int m) { return l * (l + 1) / 2 + m; }

}  // namespace

SphericalHarmonics::SphericalHarmonics(int max_angular)
    : max_angular_(max_angular),
      size_((max_angular + 1) * (max_angular + 1)),
      prefactors_(triangle(max_angular + 1, 0)) {
  if (max_angular < 0 || max_angular > kMostAngular) {
    throw Error(ErrorCode::kInvalidInput, "basis.maxAngular: expected 0 to " +
                                              std::to_string(kMostAngular) + ", got " +
                                              std::to_string(max_angular));
  }
  const double pi = std::acos(-1.0);
  for (int l = 0; l <= max_angular; ++l) {
    for (int m = 0; m <= l; ++m) {
      double ratio = 1.0;  // (l − m)! / (l + m)!
      for (int k = l - m + 1; k <= l + m; ++k) ratio /= k;
      prefactors_[triangle(l, m)] =
          std::sqrt((2 * l + 1) / (4.0 * pi) * ratio * (m == 0 ? 1.0 : 2.0));
    }
  }
}

void SphericalHarmonics::compute(const double* directions, std::size_t count, std::size_t stride,
                                 double* values, double* gradients) const {
  for (std::size_t j = 0; j < count; j += kLanes) {
    if (gradients != nullptr) {
      compute_lanes<true>(directions + j, stride, values + j, gradients + j);
    } else {
      compute_lanes<false>(directions + j, stride, values + j, nullptr);
    }
  }
}

// With Q_l^m the homogenised, unsigned associated Legendre functions and c_m + i s_m = (x + i y)^m,
//   Y_l,m = F_lm Q_l^m c_m,  Y_l,−m = F_lm Q_l^m s_m,
// and, at |r| = 1, ∂Q_l^m/∂x = −x Q_{l−1}^{m+1}, ∂Q_l^m/∂y = −y Q_{l−1}^{m+1}, ∂Q_l^m/∂z = (l+m)
// Q_{l−1}^m. The gradient on the sphere takes away the radial part: r ∇Y = ∇(r^l Y) − l Y r̂.
template <bool kGradients>
void SphericalHarmonics::compute_lanes(const double* directions, std::size_t stride, double* values,
                                       double* gradients) const {
  const Lanes x = load(directions);
  const Lanes y = load(directions + stride);
  const Lanes z = load(directions + 2 * stride);
  const Lanes one = Lanes{} + 1.0;

  Lanes q[triangle(kMostAngular + 1, 0)];
  Lanes c[kMostAngular + 1];
  Lanes s[kMostAngular + 1];
  q[0] = one;
  c[0] = one;
  s[0] = Lanes{};
  for (int l = 1; l <= max_angular_; ++l) {
    c[l] = x * c[l - 1] - y * s[l - 1];
    s[l] = x * s[l - 1] + y * c[l - 1];
    q[triangle(l, l)] = (2 * l - 1.0) * q[triangle(l - 1, l - 1)];
    q[triangle(l, l - 1)] = (2 * l - 1.0) * z * q[triangle(l - 1, l - 1)];
    for (int m = 0; m < l - 1; ++m) {
      q[triangle(l, m)] =
          ((2 * l - 1.0) * z * q[triangle(l - 1, m)] - (l + m - 1.0) * q[triangle(l - 2, m)]) *
          (1.0 / (l - m));
    }
  }

  const auto put = [&](int lm, const Lanes& value) { store(values + lm * stride, value); };
  const auto put_gradient = [&](int lm, const Lanes& value, double l, const Lanes& dx,
                                const Lanes& dy, const Lanes& dz) {
    const Lanes radial = l * value;
    store(gradients + lm * stride, dx - radial * x);
    store(gradients + (size_ + lm) * stride, dy - radial * y);
    store(gradients + (2 * size_ + lm) * stride, dz - radial * z);
  };

  for (int l = 0; l <= max_angular_; ++l) {
    const int centre = l * (l + 1);
    for (int m = 0; m <= l; ++m) {
      const double f = prefactors_[triangle(l, m)];
      const Lanes fq = f * q[triangle(l, m)];
      const Lanes cosine = fq * c[m];
      const Lanes sine = fq * s[m];
      put(centre + m, cosine);
      if (m > 0) put(centre - m, sine);
      if constexpr (kGradients) {
        const Lanes radial_slope = m + 1 <= l - 1 ? -f * q[triangle(l - 1, m + 1)] : Lanes{};
        const Lanes axial_slope = m <= l - 1 ? f * (l + m) * q[triangle(l - 1, m)] : Lanes{};
        const Lanes azimuthal = double(m) * fq;
        const Lanes c_below = m > 0 ? c[m - 1] : Lanes{};
        const Lanes s_below = m > 0 ? s[m - 1] : Lanes{};
        put_gradient(centre + m, cosine, l, azimuthal * c_below + radial_slope * x * c[m],
                     -azimuthal * s_below + radial_slope * y * c[m], axial_slope * c[m]);
        if (m > 0) {
          put_gradient(centre - m, sine, l, azimuthal * s_below + radial_slope * x * s[m],
                       azimuthal * c_below + radial_slope * y * s[m], axial_slope * s[m]);
        }
      }
    }
  }
}

}  // namespace soapstone
