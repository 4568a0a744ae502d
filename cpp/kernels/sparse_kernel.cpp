#include "kernels/sparse_kernel.hpp"

#include <Eigen/Core>
#include <string>

#include "common/error.hpp"
#include "math/row_matrix.hpp"

namespace soapstone {

SparseKernel::SparseKernel(std::shared_ptr<const Representation> representation,
                           const std::vector<double>& points, std::vector<std::size_t> first,
                           int zeta)
    : representation_(std::move(representation)), first_(std::move(first)), zeta_(zeta) {
  const std::size_t features = representation_->features();
  points_.assign(points.begin(), points.end());
  for (std::size_t m = 0; m < size(); ++m) {
    Eigen::Map<Eigen::VectorXd> row(&points_[m * features], static_cast<Eigen::Index>(features));
    const double norm = row.norm();
    if (!(norm > 0.0)) {
      throw Error(ErrorCode::kInvalidInput,
                  "sparse point " + std::to_string(m) + " has no features: its norm is zero");
    }
    row /= norm;
  }
}

void SparseKernel::block(std::size_t channel, double* out) const {
  const auto count = static_cast<Eigen::Index>(size(channel));
  const Eigen::Map<const RowMatrix> rows(points(channel), count,
                                         static_cast<Eigen::Index>(representation_->features()));
  Eigen::Map<RowMatrix>(out, count, count).noalias() = rows * rows.transpose();
  for (Eigen::Index k = 0; k < count * count; ++k) out[k] = value(out[k]);
}

PackedMatrix SparseKernel::pack_points(std::size_t channel) const {
  const std::size_t features = representation_->features();
  return {points(channel), 1, features, features, size(channel)};
}

PackedMatrix SparseKernel::pack_points(std::size_t channel,
                                       const std::vector<std::size_t>& features) const {
  std::vector<double> gathered(size(channel) * features.size());
  for (std::size_t m = 0; m < size(channel); ++m) {
    const double* point = points(channel) + m * representation_->features();
    for (std::size_t k = 0; k < features.size(); ++k) {
      gathered[m * features.size() + k] = point[features[k]];
    }
  }
  return {gathered.data(), 1, features.size(), features.size(), size(channel)};
}

}  // namespace soapstone
