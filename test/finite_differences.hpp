#pragma once

namespace soapstone::testing {

/// f'(0) by the five-point formula, its error of order h⁴. The step is small because a second
/// derivative jumps where a neighbour enters the cutoff, and most steps should not meet one.
template <typename Function>
double slope_at_zero(const Function& f, double h = 1e-4) {
  return (8.0 * (f(h) - f(-h)) - (f(2.0 * h) - f(-2.0 * h))) / (12.0 * h);
}

}  // namespace soapstone::testing
