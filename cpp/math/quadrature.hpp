#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "math/constants.hpp"

namespace soapstone {

struct Quadrature {
  std::vector<double> nodes;
  std::vector<double> weights;
};

/// Gauss–Legendre rule of `count` points on [from, to]; exact for polynomials of degree 2·count
/// − 1. Newton's method on P_count from Tricomi's estimate of its roots, of which one half mirrors
/// the other.
inline Quadrature gauss_legendre(int count, double from, double to) {
  Quadrature rule{std::vector<double>(count), std::vector<double>(count)};
  for (int i = 0; i < (count + 1) / 2; ++i) {
    double x = std::cos(kPi * (i + 0.75) / (count + 0.5));
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
    const int mirrored = count - 1 - i;
    rule.nodes[i] = 0.5 * (from + to) - half * x;
    rule.nodes[mirrored] = 0.5 * (from + to) + half * x;
    rule.weights[i] = rule.weights[mirrored] =
        half * 2.0 / ((1.0 - x * x) * derivative * derivative);
  }
  return rule;
}

/// Gauss–Legendre rules of `count` points on each of `panels` equal parts of [from, to], ascending.
inline Quadrature gauss_legendre_panels(int count, std::size_t panels, double from, double to) {
  const Quadrature part = gauss_legendre(count, 0.0, 1.0);
  const double width = (to - from) / double(panels);
  Quadrature rule;
  for (std::size_t k = 0; k < panels; ++k) {
    for (const double node : part.nodes) rule.nodes.push_back(from + width * (double(k) + node));
    for (const double weight : part.weights) rule.weights.push_back(width * weight);
  }
  return rule;
}

}  // namespace soapstone
