#pragma once

namespace soapstone::testing {

/// f'(0) by the five-point formula, its error of order h⁴.
template <typename Function>
double slope_at_zero(const Function& f, double h = 1e-3) {
  return (8.0 * (f(h) - f(-h)) - (f(2.0 * h) - f(-2.0 * h))) / (12.0 * h);
}

}  // namespace soapstone::testing
