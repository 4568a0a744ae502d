#pragma once

#include <Eigen/Core>
#include <cstddef>

#include "common/execution.hpp"

namespace soapstone {

/// Throws InvalidInput, naming the matrix and the worst pair of elements, where a matrix is not
/// symmetric to 1e-6 of its largest diagonal element.
void check_symmetric(const double* matrix, std::size_t size, const char* name);

/// Overwrites the lower triangle of a symmetric matrix with its Cholesky factor, block by block, on
/// several threads with the same result for any number. False where the matrix is not positive
/// definite; its contents are then meaningless. The upper triangle is left alone.
bool cholesky(Eigen::MatrixXd& matrix, const Execution& execution);

/// columns ← L⁻¹ columns for the factor in the lower triangle.
void solve_lower(const Eigen::Ref<const Eigen::MatrixXd>& factor,
                 Eigen::Ref<Eigen::MatrixXd> columns, const Execution& execution);

/// columns ← L⁻ᵀ columns.
void solve_upper(const Eigen::Ref<const Eigen::MatrixXd>& factor,
                 Eigen::Ref<Eigen::MatrixXd> columns, const Execution& execution);

/// The least jitter, from 1e-12 of the largest diagonal element upwards, that lets a symmetric
/// positive semidefinite matrix (lower triangle) be factorised; its factor takes the place of
/// `matrix`, zero above the diagonal. Throws Numerical with `message` where even 1e-5 does not.
void factorise_with_jitter(Eigen::MatrixXd& matrix, const char* message,
                           const Execution& execution);

}  // namespace soapstone
