#pragma once

#include <cmath>

namespace soapstone {

/// A function of the distance together with its first two derivatives.
struct Jet {
  double value;
  double first;
  double second;
};

inline Jet operator*(const Jet& a, const Jet& b) {
  return {a.value * b.value, a.first * b.value + a.value * b.first,
          a.second * b.value + 2.0 * a.first * b.first + a.value * b.second};
}

/// f_c(r): 1 up to r_c − w, then ½ (1 + cos π(r − r_c + w)/w), 0 from r_c on, with zero slope at
/// both ends of the transition.
struct CosineCutoff {
  double radius;  ///< r_c, Å
  double width;   ///< w, Å, 0 < w ≤ r_c

  double onset() const { return radius - width; }

  Jet operator()(double r) const {
    if (r >= radius) return {0.0, 0.0, 0.0};
    if (r < onset()) return {1.0, 0.0, 0.0};
    return transition(r);
  }

  /// The formula of the transition, also at its two ends, where the second derivative jumps.
  Jet transition(double r) const {
    const double k = std::acos(-1.0) / width;
    const double phase = k * (r - onset());
    return {0.5 * (1.0 + std::cos(phase)), -0.5 * k * std::sin(phase),
            -0.5 * k * k * std::cos(phase)};
  }
};

/// u(r) = rate / (rate + (r/scale)^exponent): far neighbours matter less. M. J. Willatt, F. Musil,
/// M. Ceriotti, Phys. Chem. Chem. Phys. 20, 29661 (2018), Eq. 4. With rate = 0 it is the pure power
/// law (scale/r)^exponent; `enabled = false` is u = 1.
struct RadialScaling {
  bool enabled = false;
  double scale = 1.0;     ///< Å, > 0
  double rate = 1.0;      ///< ≥ 0
  double exponent = 1.0;  ///< > 0

  Jet operator()(double r) const {
    if (!enabled) return {1.0, 0.0, 0.0};
    const double m = exponent;
    if (rate == 0.0) {
      const double power = std::pow(r / scale, -m);
      return {power, -m * power / r, m * (m + 1.0) * power / (r * r)};
    }
    if (r == 0.0) return {1.0, m == 1.0 ? -1.0 / (rate * scale) : 0.0, 0.0};
    const double q = std::pow(r / scale, m);
    const double dq = m * q / r;
    const double ddq = m * (m - 1.0) * q / (r * r);
    const double u = rate / (rate + q);
    const double du = -u * dq / (rate + q);
    return {u, du, -u * ddq / (rate + q) - 2.0 * du * dq / (rate + q)};
  }
};

}  // namespace soapstone
