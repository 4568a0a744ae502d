#include "kernels/kernel_function.hpp"

#include <cmath>

#include "common/error.hpp"
#include "kernels/sparse_kernel.hpp"
#include "math/exponential.hpp"

namespace soapstone {

namespace {

/// p · p' below −kRounding |p| |p'| is no rounding error.
constexpr double kRounding = 1e-9;

Lanes square_root(const Lanes& x) {
  Lanes result;
  for (std::size_t lane = 0; lane < kLanes; ++lane) result[lane] = std::sqrt(x[lane]);
  return result;
}

}  // namespace

Lanes KernelFunction::of_dot_product(const Lanes& u, double square, const Lanes& squares) const {
  if (!derivative && zeta == std::floor(zeta)) return integer_power(u, static_cast<int>(zeta));
  Lanes result{};
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (!(u[lane] <= 0.0)) {  // what is no number stays none
      result[lane] = std::pow(u[lane], zeta) * (derivative ? std::log(u[lane]) : 1.0);
    } else if (u[lane] < -kRounding * std::sqrt(square * squares[lane])) {
      throw Error(ErrorCode::kInvalidInput,
                  "kernel.zeta: where a dot product of features is negative, a power that is not a "
                  "whole number does not exist, nor does the derivative");
    }
  }
  return result;
}

Lanes KernelFunction::value(const Lanes& similarity, double square, const Lanes& squares) const {
  if (type == Type::kDotProduct) return of_dot_product(similarity, square, squares);
  if (type == Type::kLaplacian) {
    const Lanes d = similarity * (1.0 / width);
    return exp_negative(-d) * (derivative ? d * (1.0 / width) : Lanes{} + 1.0);
  }
  // The square of a distance; rounding must not make it negative.
  const Lanes difference = squares + square - 2.0 * similarity;
  const Lanes distance2 = difference < 0.0 ? Lanes{} : difference;
  if (type == Type::kGaussian) {
    const Lanes value = exp_negative(distance2 * (-0.5 / (width * width)));
    return derivative ? value * distance2 * (1.0 / (width * width * width)) : value;
  }
  const Lanes d = square_root(distance2) * (std::sqrt(2.0 * smoothness) / width);
  // The kernel is a polynomial of d times exp(−d), and dk/dw = −(d / w) dk/dd.
  Lanes polynomial = Lanes{} + 1.0;
  if (derivative) {
    polynomial = d * (1.0 / width);
    if (smoothness > 1.0) polynomial *= d;
    if (smoothness > 2.0) polynomial *= (1.0 + d) * (1.0 / 3.0);
  } else {
    if (smoothness > 1.0) polynomial += d;
    if (smoothness > 2.0) polynomial += d * d * (1.0 / 3.0);
  }
  return polynomial * exp_negative(-d);
}

}  // namespace soapstone
