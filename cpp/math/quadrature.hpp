#pragma once

#include <cmath>
#include <vector>

namespace soapstone {

struct Quadrature {
  std::vector<double> nodes;
  std::vector<double> weights;
};

/// Gauss–Legendre rule of `count` points on [from, to]; exact for polynomials of degree 2·count
/// − 1. Newton's method on P_count from Tricomi's estimate of its roots.
inline Quadrature gauss_legendre(int count, double from, double to) {
  const double pi = std::acos(-1.0);
  Quadrature rule{std::vector<double>(count), std::vector<double>(count)};
  for (int i = 0; i < count; ++i) {
    double x = std::cos(pi * (i + 0.75) / (count + 0.5));
    double derivative = 1.0;
    for (int iteration = 0; iteration < 100; ++iteration) {
      double previous = 0.0;
      double current = 1.0;  // P_0
      for (int k = 1; k <= count; ++k) {
        const double next = ((2 * k - 1) * x * current - (k - 1) * previous) / k;
        previous = current;
        current = next;
      }
      derivative = count * (x * current - previous) / (x * x - 1.0);
      const double step = current / derivative;
      x -= step;
      if (std::abs(step) < 1e-15) break;
    }
    const double half = 0.5 * (to - from);
    rule.nodes[i] = 0.5 * (from + to) - half * x;
    rule.weights[i] = half * 2.0 / ((1.0 - x * x) * derivative * derivative);
  }
  return rule;
}

}  // namespace soapstone
