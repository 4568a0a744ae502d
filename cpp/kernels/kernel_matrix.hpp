#pragma once

#include <cstddef>
#include <cstdint>

#include "common/execution.hpp"
#include "kernels/environment_rows.hpp"
#include "kernels/kernel_function.hpp"

namespace soapstone {

/// Consecutive rows that belong together, as the environments of a structure do: those of segment s
/// are offsets[s] … offsets[s + 1] − 1. Null: every row is a segment.
struct Segments {
  const std::int32_t* offsets = nullptr;
  std::size_t count = 0;
  /// Take the mean over a segment instead of the sum.
  bool mean = false;
};

/// Sums of kernels over segments of rows and of columns:
///
///   K(A, B) = Σ_{i ∈ A} Σ_{j ∈ B} κ(α_i, α_j) k(p_i, p_j)
///
/// The matrix between environments never exists as a whole. `y` null: x with itself, of which half
/// is computed. `out`: segments of x × segments of y, row-major.
void kernel_matrix(const EnvironmentRows& x, const Segments& x_segments, const EnvironmentRows* y,
                   const Segments& y_segments, const KernelFunction& function,
                   const SpeciesCoupling& coupling, double* out, const Execution& execution);

}  // namespace soapstone
