#include "regression/prior.hpp"

#include <Eigen/Cholesky>

#include "common/error.hpp"

namespace soapstone {

namespace {

Eigen::MatrixXd factorise_block(const Eigen::MatrixXd& block) {
  for (double jitter = 1e-12; jitter < 1e-4; jitter *= 10.0) {
    Eigen::MatrixXd shifted = block;
    shifted.diagonal().array() += jitter * block.diagonal().maxCoeff();
    Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> factor(shifted);
    if (factor.info() == Eigen::Success) return shifted.triangularView<Eigen::Lower>();
  }
  throw Error(
      ErrorCode::kNumerical,
      "the kernel matrix of the sparse points is not positive definite; the points may hold "
      "copies of one environment");
}

}  // namespace

Eigen::MatrixXd factorise_prior(const SparseKernel& kernel) {
  const auto size = static_cast<Eigen::Index>(kernel.size());
  Eigen::MatrixXd prior = Eigen::MatrixXd::Zero(size, size);
  for (std::size_t a = 0; a + 1 < kernel.first().size(); ++a) {
    const auto from = static_cast<Eigen::Index>(kernel.first()[a]);
    const auto count = static_cast<Eigen::Index>(kernel.first()[a + 1]) - from;
    if (count == 0) continue;
    Eigen::MatrixXd block(count, count);
    kernel.block(a, block.data());
    prior.block(from, from, count, count) = factorise_block(block);
  }
  return prior;
}

}  // namespace soapstone
