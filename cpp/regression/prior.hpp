#pragma once

#include <Eigen/Core>

#include "kernels/sparse_kernel.hpp"

namespace soapstone {

/// Lower Cholesky factor L of K_MM, one block per channel and zero elsewhere. Each block's diagonal
/// gets the least jitter, from 1e-12 of its largest element upwards, that lets the factorisation
/// succeed. Throws Numerical where even 1e-5 does not.
Eigen::MatrixXd factorise_prior(const SparseKernel& kernel);

}  // namespace soapstone
