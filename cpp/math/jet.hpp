#pragma once

#include <cmath>
#include <cstddef>

namespace soapstone {

/// A function of one variable together with its first two derivatives.
struct Jet {
  double value;
  double first;
  double second;
};

/// Numbers of a jet.
constexpr std::size_t kJet = 3;

/// The variable itself.
inline Jet variable(double x) { return {x, 1.0, 0.0}; }

inline Jet constant(double value) { return {value, 0.0, 0.0}; }

inline Jet operator+(const Jet& a, const Jet& b) {
  return {a.value + b.value, a.first + b.first, a.second + b.second};
}

inline Jet operator-(const Jet& a, const Jet& b) {
  return {a.value - b.value, a.first - b.first, a.second - b.second};
}

inline Jet operator*(double s, const Jet& a) { return {s * a.value, s * a.first, s * a.second}; }

inline Jet operator*(const Jet& a, const Jet& b) {
  return {a.value * b.value, a.first * b.value + a.value * b.first,
          a.second * b.value + 2.0 * a.first * b.first + a.value * b.second};
}

/// f(a) from value and derivatives of f at a.value.
inline Jet chain(const Jet& f, const Jet& a) {
  return {f.value, f.first * a.first, f.second * a.first * a.first + f.first * a.second};
}

inline Jet exp(const Jet& a) {
  const double e = std::exp(a.value);
  return chain({e, e, e}, a);
}

/// a^n for n ≥ 0; smooth at 0.
inline Jet power(const Jet& a, int n) {
  const double x = a.value;
  const double second = n < 2 ? 0.0 : n * (n - 1.0) * std::pow(x, n - 2);
  const double first = n < 1 ? 0.0 : n * std::pow(x, n - 1);
  return chain({std::pow(x, n), first, second}, a);
}

}  // namespace soapstone
