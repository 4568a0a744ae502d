#pragma once

#include <Eigen/Core>

#include "common/execution.hpp"
#include "kernels/sparse_kernel.hpp"

namespace soapstone {

/// Lower Cholesky factor L of K_MM, one block per channel and zero elsewhere, each with the jitter
/// of `factorise_with_jitter`. Throws Numerical where that does not help.
Eigen::MatrixXd factorise_prior(const SparseKernel& kernel, const Execution& execution);

}  // namespace soapstone
