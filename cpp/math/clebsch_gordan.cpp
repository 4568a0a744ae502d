#include "math/clebsch_gordan.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdlib>

namespace soapstone {

namespace {

using Complex = std::complex<double>;

/// n! in extended precision; enough for l1 + l2 + λ + 1 of the largest harmonics.
long double factorial(int n) {
  static const std::vector<long double> table = [] {
    std::vector<long double> values(200, 1.0L);
    for (std::size_t k = 1; k < values.size(); ++k) values[k] = values[k - 1] * k;
    return values;
  }();
  return table.at(static_cast<std::size_t>(n));
}

/// ⟨l1 m1; l2 m2|λ m1+m2⟩ for complex harmonics, by Racah's formula (DLMF 34.2.4 with 34.1.1).
double complex_coefficient(int l1, int m1, int l2, int m2, int lambda) {
  const int mu = m1 + m2;
  if (std::abs(mu) > lambda) return 0.0;
  const int from = std::max({0, l2 - lambda - m1, l1 - lambda + m2});
  const int to = std::min({l1 + l2 - lambda, l1 - m1, l2 + m2});
  long double sum = 0.0L;
  for (int k = from; k <= to; ++k) {
    const long double term =
        1.0L / (factorial(k) * factorial(l1 + l2 - lambda - k) * factorial(l1 - m1 - k) *
                factorial(l2 + m2 - k) * factorial(lambda - l2 + m1 + k) *
                factorial(lambda - l1 - m2 + k));
    sum += k % 2 == 0 ? term : -term;
  }
  const long double triangle = factorial(l1 + l2 - lambda) * factorial(l1 - l2 + lambda) *
                               factorial(l2 - l1 + lambda) / factorial(l1 + l2 + lambda + 1);
  const long double squared = (2 * lambda + 1) * triangle * factorial(l1 + m1) *
                              factorial(l1 - m1) * factorial(l2 + m2) * factorial(l2 - m2) *
                              factorial(lambda + mu) * factorial(lambda - mu);
  return static_cast<double>(std::sqrt(squared) * sum);
}

/// A real harmonic in terms of complex ones: Y_m = Σ weight · Y^complex_{±|m|}.
struct RealHarmonic {
  int count;
  int m[2];
  Complex weight[2];

  explicit RealHarmonic(int real_m) {
    const int k = std::abs(real_m);
    const double sign = k % 2 == 0 ? 1.0 : -1.0;
    const double half = std::sqrt(0.5);
    count = k == 0 ? 1 : 2;
    m[0] = k;
    m[1] = -k;
    if (k == 0) {
      weight[0] = 1.0;
    } else if (real_m > 0) {  // √2 (−1)^m Re Y
      weight[0] = sign * half;
      weight[1] = half;
    } else {  // √2 (−1)^m Im Y
      weight[0] = Complex(0.0, -sign * half);
      weight[1] = Complex(0.0, half);
    }
  }
};

}  // namespace

Coupling::Coupling(int l1, int l2, int lambda) : l1(l1), l2(l2), lambda(lambda) {
  const bool imaginary = (l1 + l2 + lambda) % 2 != 0;
  for (int mu = -lambda; mu <= lambda; ++mu) {
    for (int m1 = -l1; m1 <= l1; ++m1) {
      for (int m2 = -l2; m2 <= l2; ++m2) {
        const RealHarmonic out(mu), left(m1), right(m2);
        Complex value = 0.0;
        for (int i = 0; i < left.count; ++i) {
          for (int j = 0; j < right.count; ++j) {
            for (int k = 0; k < out.count; ++k) {
              if (left.m[i] + right.m[j] != out.m[k]) continue;
              value += out.weight[k] * std::conj(left.weight[i] * right.weight[j]) *
                       complex_coefficient(l1, left.m[i], l2, right.m[j], lambda);
            }
          }
        }
        const double part = imaginary ? value.imag() : value.real();
        if (std::abs(part) > 1e-12) terms.push_back({m1 + l1, m2 + l2, mu + lambda, part});
      }
    }
  }
}

}  // namespace soapstone
