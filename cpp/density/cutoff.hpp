#pragma once

#include <cmath>

#include "math/constants.hpp"
#include "math/jet.hpp"

namespace soapstone {

/// f_c(r): 1 up to r_c − w, then a transition in x = (r − r_c + w)/w, 0 from r_c on.
struct Cutoff {
  enum class Type {
    kCosine,      ///< ½ (1 + cos πx), zero slope at both ends
    kPolynomial,  ///< 1 − 10x³ + 15x⁴ − 6x⁵, zero slope and curvature at both ends
    kTanh,        ///< tanh³(1 − x)/tanh³ 1: zero slope and curvature at r_c; w = r_c
    kStep,        ///< 1: energies jump as neighbours come and go
  };
  double radius;  ///< r_c, Å
  double width;   ///< w, Å, 0 < w ≤ r_c
  Type type = Type::kCosine;

  double onset() const { return radius - width; }

  Jet operator()(double r) const {
    if (r >= radius) return {0.0, 0.0, 0.0};
    if (r < onset()) return {1.0, 0.0, 0.0};
    return transition(r);
  }

  /// The formula of the transition, also at its two ends, where a derivative may jump.
  Jet transition(double r) const {
    const Jet x = (1.0 / width) * (variable(r) - constant(onset()));
    switch (type) {
      case Type::kPolynomial:
        return constant(1.0) - 10.0 * power(x, 3) + 15.0 * power(x, 4) - 6.0 * power(x, 5);
      case Type::kTanh: {
        const double t = std::tanh(1.0 - x.value);
        const double slope = 1.0 - t * t;
        const Jet tanh = chain({t, -slope, -2.0 * t * slope}, x);
        return std::pow(std::tanh(1.0), -3.0) * power(tanh, 3);
      }
      case Type::kStep:
        return constant(1.0);
      case Type::kCosine:
        break;
    }
    const double c = std::cos(kPi * x.value), s = std::sin(kPi * x.value);
    return chain({0.5 * (1.0 + c), -0.5 * kPi * s, -0.5 * kPi * kPi * c}, x);
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
    const double q = std::pow(r / scale, m);
    // At 0 the limits, where they are finite.
    const double dq = r > 0.0 ? m * q / r : m == 1.0 ? 1.0 / scale : 0.0;
    const double ddq = r > 0.0    ? m * (m - 1.0) * q / (r * r)
                       : m == 2.0 ? 2.0 / (scale * scale)
                                  : 0.0;
    const double u = rate / (rate + q);
    const double du = -u * dq / (rate + q);
    return {u, du, -u * ddq / (rate + q) - 2.0 * du * dq / (rate + q)};
  }
};

}  // namespace soapstone
