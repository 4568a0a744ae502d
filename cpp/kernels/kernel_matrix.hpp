#pragma once

#include <cstddef>
#include <cstdint>

#include "common/execution.hpp"
#include "kernels/environment_rows.hpp"
#include "kernels/kernel_function.hpp"

namespace soapstone {

/// Consecutive rows that belong together, as the environments of a structure do: those of segment s
/// are offsets[s] … offsets[s + 1] − 1, one at least. Null: every row is a segment.
struct Segments {
  const std::int32_t* offsets = nullptr;
  std::size_t count = 0;
  /// Take the mean over a segment instead of the sum.
  bool mean = false;
};

/// Environments in segments. With components, `scalars` are features of the same environments that
/// do not turn.
struct KernelSamples {
  EnvironmentRows environments;
  Segments segments;
  EnvironmentRows scalars;

  /// Segments, or environments where there are none.
  std::size_t count() const { return segments.offsets ? segments.count : environments.rows; }
  /// Rows (columns) of a kernel matrix.
  std::size_t size() const { return count() * environments.components; }
};

/// Sums of kernels over segments of rows and of columns:
///
///   K(A, B) = Σ_{i ∈ A} Σ_{j ∈ B} κ(α_i, α_j) k(p_i, p_j)
///
/// The matrix between environments never exists as a whole. For tensor features x of 2λ + 1
/// components the kernel is itself a (2λ + 1) × (2λ + 1) matrix (Eq. 17 of the review; A. Grisafi
/// et al., Phys. Rev. Lett. 120, 036002, 2018),
///
///   k_μμ'(i, j) = Σ_q x_iμq x_jμ'q / (|p_i| |p_j|) · k(p_i, p_j)
///
/// with p the scalars: dividing by their norm, not by that of x, keeps environments small whose
/// symmetry makes x vanish. `y` null: x with itself, of which half is computed. `out`: x.size() ×
/// y.size(), row-major, component by component.
void kernel_matrix(const KernelSamples& x, const KernelSamples* y, const KernelFunction& function,
                   const SpeciesCoupling& coupling, double* out, const Execution& execution);

}  // namespace soapstone
