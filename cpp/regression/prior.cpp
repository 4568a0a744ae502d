#include "regression/prior.hpp"

#include "regression/cholesky.hpp"

namespace soapstone {

Eigen::MatrixXd factorise_prior(const SparseKernel& kernel, const Execution& execution) {
  const auto size = static_cast<Eigen::Index>(kernel.size());
  Eigen::MatrixXd prior = Eigen::MatrixXd::Zero(size, size);
  for (std::size_t a = 0; a + 1 < kernel.first().size(); ++a) {
    const auto from = static_cast<Eigen::Index>(kernel.first()[a]);
    const auto count = static_cast<Eigen::Index>(kernel.first()[a + 1]) - from;
    if (count == 0) continue;
    Eigen::MatrixXd block(count, count);
    kernel.block(a, block.data(), execution);
    factorise_with_jitter(block,
                          "the kernel matrix of the sparse points is not positive definite; the "
                          "points may hold copies of one environment",
                          execution);
    prior.block(from, from, count, count) = block;
  }
  return prior;
}

}  // namespace soapstone
