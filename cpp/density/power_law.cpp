#include "density/power_law.hpp"

#include <cmath>

#include "math/constants.hpp"
#include "math/exponential_integral.hpp"

namespace soapstone {

namespace {

/// What multiplies E_s(k²σ²/2) in the transform.
double prefactor(const PowerLaw& g) {
  return std::pow(kPi, 1.5) * std::pow(2.0 * g.width * g.width, 0.5 * (3 - g.exponent)) /
         std::tgamma(0.5 * g.exponent);
}

}  // namespace

double PowerLaw::value(double r) const {
  const double x = 0.5 * r * r / (width * width);
  if (exponent == 0) return std::pow(kPi * width * width, -0.75) * std::exp(-x);
  if (x > 60.0) return std::pow(r, -exponent);
  // γ(a, x) = x^a e^{−x} Σ_k x^k Γ(a)/Γ(a+k+1), DLMF 8.7.1; x^a cancels the power of r.
  const double a = 0.5 * exponent;
  double term = std::exp(-x) / std::tgamma(a + 1.0), sum = 0.0;
  for (int k = 1; term > 1e-18 * sum; ++k) {
    sum += term;
    term *= x / (a + k);
  }
  return sum * std::pow(2.0 * width * width, -a);
}

Jet PowerLaw::transform(double k) const {
  const double square = width * width;
  const double x = 0.5 * k * k * square;
  if (exponent == 0) {
    const double value = std::pow(4.0 * kPi * square, 0.75) * std::exp(-x);
    return {value, -k * square * value, 0.0};
  }
  const double s = 0.5 * (exponent - 1);
  const double factor = prefactor(*this);
  return {factor * exponential_integral(s, x),
          -factor * k * square * exponential_integral(s - 1.0, x), 0.0};
}

double PowerLaw::mean() const {
  if (exponent == 0) return std::pow(4.0 * kPi * width * width, 0.75);
  return exponent > 3 ? prefactor(*this) * 2.0 / (exponent - 3) : 0.0;
}

}  // namespace soapstone
