#include "kernels/kernel_function.hpp"

#include <cmath>
#include <vector>

#include "kernels/sparse_kernel.hpp"
#include "math/exponential.hpp"

namespace soapstone {

namespace {

Lanes square_root(const Lanes& x) {
  Lanes result;
  for (std::size_t lane = 0; lane < kLanes; ++lane) result[lane] = std::sqrt(x[lane]);
  return result;
}

double norm(const double* x, std::size_t features) {
  double square = 0.0;
  for (std::size_t f = 0; f < features; ++f) square += x[f] * x[f];
  return std::sqrt(square);
}

}  // namespace

Lanes KernelFunction::value(const Lanes& similarity, double square, const Lanes& squares) const {
  switch (type) {
    case Type::kDotProduct:
      return integer_power(similarity, zeta);
    case Type::kLaplacian:
      return exp_negative(similarity * (-1.0 / width));
    default:
      break;
  }
  // The square of a distance; rounding must not make it negative.
  const Lanes difference = squares + square - 2.0 * similarity;
  const Lanes distance2 = difference > 0.0 ? difference : Lanes{};
  if (type == Type::kGaussian) return exp_negative(distance2 * (-0.5 / (width * width)));
  const Lanes d = square_root(distance2) * (std::sqrt(2.0 * smoothness) / width);
  Lanes polynomial = Lanes{} + 1.0;
  if (smoothness > 1.0) polynomial += d;
  if (smoothness > 2.0) polynomial += d * d * (1.0 / 3.0);
  return polynomial * exp_negative(-d);
}

double kernel_value(const KernelFunction& kernel, const double* x, const double* y,
                    std::size_t features) {
  const double norm_x = kernel.normalize ? norm(x, features) : 1.0;
  const double norm_y = kernel.normalize ? norm(y, features) : 1.0;
  const double scale_x = norm_x > 0.0 ? 1.0 / norm_x : 0.0;
  const double scale_y = norm_y > 0.0 ? 1.0 / norm_y : 0.0;
  double dot = 0.0, manhattan = 0.0, euclidean = 0.0;
  for (std::size_t f = 0; f < features; ++f) {
    const double a = x[f] * scale_x, b = y[f] * scale_y;
    dot += a * b;
    manhattan += std::abs(a - b);
    euclidean += (a - b) * (a - b);
  }
  const double d = std::sqrt(2.0 * kernel.smoothness * euclidean) / kernel.width;
  switch (kernel.type) {
    case KernelFunction::Type::kDotProduct:
      return integer_power(dot, kernel.zeta);
    case KernelFunction::Type::kGaussian:
      return std::exp(-euclidean / (2.0 * kernel.width * kernel.width));
    case KernelFunction::Type::kLaplacian:
      return std::exp(-manhattan / kernel.width);
    case KernelFunction::Type::kMatern:
      break;
  }
  const double polynomial =
      1.0 + (kernel.smoothness > 1.0 ? d : 0.0) + (kernel.smoothness > 2.0 ? d * d / 3.0 : 0.0);
  return polynomial * std::exp(-d);
}

}  // namespace soapstone
