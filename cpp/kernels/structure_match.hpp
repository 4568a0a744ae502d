#pragma once

#include <cstddef>

#include "common/execution.hpp"
#include "kernels/environment_rows.hpp"
#include "kernels/kernel_function.hpp"
#include "kernels/kernel_matrix.hpp"

namespace soapstone {

/// How the environments of two structures are matched with each other.
struct Match {
  enum class Type {
    /// The pairing with the largest sum of kernels, divided by the larger number of environments:
    /// those left over match nothing.
    kBest,
    /// Regularised entropy match: Σ_ij P_ij C_ij with the P that minimises Σ_ij P_ij (1 − C_ij +
    /// γ ln P_ij) and has rows that add up to 1/N and columns to 1/M.
    kRegularized,
  };
  Type type = Type::kRegularized;
  double gamma = 0.1;
};

/// Match of one matrix C of kernels, n × m row-major. Method: S. De, A. P. Bartók, G. Csányi and M.
/// Ceriotti, Phys. Chem. Chem. Phys. 18, 13754 (2016). Throws a numerical error for kernels that
/// are not finite, and where the regularised match does not converge.
double match(const double* kernels, std::size_t n, std::size_t m, const Match& match);

/// Matches of all structures (segments) of x with all of y (null: with each other); `out`:
/// structures of x × structures of y.
void match_matrix(const KernelSamples& x, const KernelSamples* y, const KernelFunction& function,
                  const SpeciesCoupling& coupling, const Match& how, double* out,
                  const Execution& execution);

}  // namespace soapstone
