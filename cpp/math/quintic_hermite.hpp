#pragma once

#include "math/jet.hpp"

namespace soapstone {

/// The polynomial of degree five between two knots, at t = 0 and 1, that has the value and two
/// derivatives of a function f at both: the factors of (f, h f', h² f'') at the first and at the
/// second knot, h their distance, in the sums for f(t), `value`, and for its slope by t. Numbers or
/// lanes.
template <typename T>
struct QuinticHermite {
  T value[2 * kJet];
  T slope[2 * kJet];

  explicit QuinticHermite(const T& t) {
    const T t2 = t * t, t3 = t2 * t, t4 = t2 * t2, t5 = t4 * t;
    value[0] = 1.0 - 10.0 * t3 + 15.0 * t4 - 6.0 * t5;
    value[1] = t - 6.0 * t3 + 8.0 * t4 - 3.0 * t5;
    value[2] = 0.5 * (t2 - 3.0 * t3 + 3.0 * t4 - t5);
    value[3] = 10.0 * t3 - 15.0 * t4 + 6.0 * t5;
    value[4] = -4.0 * t3 + 7.0 * t4 - 3.0 * t5;
    value[5] = 0.5 * (t3 - 2.0 * t4 + t5);
    slope[0] = -30.0 * t2 + 60.0 * t3 - 30.0 * t4;
    slope[1] = 1.0 - 18.0 * t2 + 32.0 * t3 - 15.0 * t4;
    slope[2] = 0.5 * (2.0 * t - 9.0 * t2 + 12.0 * t3 - 5.0 * t4);
    slope[3] = 30.0 * t2 - 60.0 * t3 + 30.0 * t4;
    slope[4] = -12.0 * t2 + 28.0 * t3 - 15.0 * t4;
    slope[5] = 0.5 * (3.0 * t2 - 8.0 * t3 + 5.0 * t4);
  }
};

}  // namespace soapstone
