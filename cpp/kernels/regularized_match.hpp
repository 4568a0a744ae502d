#pragma once

#include <cstddef>

namespace soapstone {

/// Σ_ij P_ij C_ij of a matrix C, n × m row-major, with the P that minimises Σ_ij P_ij (1 − C_ij +
/// γ ln P_ij) and has rows that add up to 1/n and columns to 1/m. Throws a numerical error where
/// that is not found to the precision of numbers.
double regularized_match(const double* kernels, std::size_t n, std::size_t m, double gamma);

}  // namespace soapstone
