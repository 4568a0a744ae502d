#pragma once

#include <cstddef>

#include "math/simd.hpp"

namespace soapstone {

/// A kernel between two feature vectors p and p', which may be normalised first:
///
///   dot product  (p · p')^ζ
///   Gaussian     exp(−|p − p'|² / 2w²)
///   Laplacian    exp(−|p − p'|₁ / w)
///   Matérn       of d = |p − p'| / w and smoothness ν: exp(−d) for ν = 1/2,
///                (1 + √3 d) exp(−√3 d) for 3/2, (1 + √5 d + 5/3 d²) exp(−√5 d) for 5/2
///                (Rasmussen and Williams, Gaussian Processes for Machine Learning, section 4.2)
struct KernelFunction {
  enum class Type { kDotProduct, kGaussian, kLaplacian, kMatern };
  Type type = Type::kDotProduct;
  double zeta = 2.0;        ///< power of the dot product
  double width = 1.0;       ///< w
  double smoothness = 1.5;  ///< ν of Matérn: 0.5, 1.5 or 2.5
  bool normalize = true;
  /// Take the derivative with respect to ζ or w in the kernel's place.
  bool derivative = false;

  /// What the kernel is a function of: |p − p'|₁ for the Laplacian, else p · p'.
  bool of_manhattan_distance() const { return type == Type::kLaplacian; }

  /// From `similarity` (p · p' or |p − p'|₁) of one p with several p' in lanes, given p² and p'².
  /// Throws InvalidInput for p · p' < 0 where ζ is not a whole number, and for its derivative.
  Lanes value(const Lanes& similarity, double square, const Lanes& squares) const;

 private:
  Lanes of_dot_product(const Lanes& u, double square, const Lanes& squares) const;
};

}  // namespace soapstone
