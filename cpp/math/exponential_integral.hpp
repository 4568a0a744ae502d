#pragma once

#include <cmath>

#include "math/constants.hpp"

namespace soapstone {

/// The exponential integral E_s(x) = ∫_1^∞ e^{−xt} t^{−s} dt = Γ(1 − s, x) x^{s−1} for x > 0 and
/// s = −1, −1/2, 0, 1/2, 1, …
inline double exponential_integral(double s, double x) {
  const double e = std::exp(-x);
  if (s == 0.0) return e / x;
  if (s < 0.0) return (e - s * exponential_integral(s + 1.0, x)) / x;  // DLMF 8.19.12
  if (x > 1.0) {  // continued fraction, DLMF 8.19.17, by Lentz's method
    double b = x + s;
    double c = 1e300, d = 1.0 / b, result = d;
    for (int k = 1; k < 300; ++k) {
      const double a = -k * (s + k - 1.0);
      b += 2.0;
      d = 1.0 / (a * d + b);
      c = b + a / c;
      const double factor = c * d;
      result *= factor;
      if (std::abs(factor - 1.0) < 1e-16) break;
    }
    return e * result;
  }
  if (s > 1.0) return (e - x * exponential_integral(s - 1.0, x)) / (s - 1.0);
  if (s == 0.5) return std::sqrt(kPi / x) * std::erfc(std::sqrt(x));
  constexpr double kEuler = 0.57721566490153286061;
  double sum = -kEuler - std::log(x), power = 1.0;  // s = 1, DLMF 6.6.2
  for (int k = 1; k < 30; ++k) {
    power *= -x / k;
    sum -= power / k;
  }
  return sum;
}

}  // namespace soapstone
