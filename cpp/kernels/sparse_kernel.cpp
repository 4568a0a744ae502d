#include "kernels/sparse_kernel.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <string>

#include "common/error.hpp"
#include "common/parallel.hpp"
#include "math/packed_solve.hpp"

namespace soapstone {

template <typename Number>
SparseKernel::SparseKernel(std::shared_ptr<const Representation> representation,
                           const Number* points, std::vector<std::size_t> first, int zeta,
                           const Execution& execution)
    : representation_(std::move(representation)), first_(std::move(first)), zeta_(zeta) {
  if (representation_->expansion().long_range() != nullptr) {
    throw Error(ErrorCode::kInvalidInput,
                "representation: potentials are of local densities, expected no long-range one");
  }
  const std::size_t features = representation_->features();
  points_.resize(size() * features);
  parallel_blocks(size(), std::size_t{16}, execution.quiet(), [&](std::size_t from, std::size_t n) {
    for (std::size_t m = from; m < from + n; ++m) {
      Eigen::Map<Eigen::VectorXd> row(&points_[m * features], static_cast<Eigen::Index>(features));
      std::copy_n(points + m * features, features, row.data());
      const double norm = row.norm();
      if (!(norm > 0.0)) {
        throw Error(ErrorCode::kInvalidInput,
                    "sparse point " + std::to_string(m) + " has no features: its norm is zero");
      }
      row /= norm;
    }
  });
}

template SparseKernel::SparseKernel(std::shared_ptr<const Representation>, const float*,
                                    std::vector<std::size_t>, int, const Execution&);
template SparseKernel::SparseKernel(std::shared_ptr<const Representation>, const double*,
                                    std::vector<std::size_t>, int, const Execution&);

void SparseKernel::block(std::size_t channel, double* out, const Execution& execution) const {
  const std::size_t count = size(channel), features = representation_->features();
  std::fill_n(out, count * count, 0.0);
  const auto by_feature = static_cast<std::ptrdiff_t>(features);
  const auto row = static_cast<std::ptrdiff_t>(count);
  add_gram({points(channel), 1, by_feature}, features, count, 1.0, {out, row, 1}, execution);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = i; j < count; ++j) {
      out[j * count + i] = out[i * count + j] = value(out[i * count + j]);
    }
  }
}

PackedMatrix SparseKernel::pack_points(std::size_t channel, const Execution& execution) const {
  const std::size_t features = representation_->features();
  return {points(channel), 1, features, features, size(channel), execution.quiet()};
}

PackedMatrix SparseKernel::pack_points(std::size_t channel,
                                       const std::vector<std::size_t>& features,
                                       const Execution& execution) const {
  BulkVector<double> gathered(size(channel) * features.size());
  for (std::size_t m = 0; m < size(channel); ++m) {
    const double* point = points(channel) + m * representation_->features();
    for (std::size_t k = 0; k < features.size(); ++k) {
      gathered[m * features.size() + k] = point[features[k]];
    }
  }
  return {gathered.data(), 1, features.size(), features.size(), size(channel), execution.quiet()};
}

PackedMatrix SparseKernel::pack_by_point(std::size_t channel, const Execution& execution) const {
  const std::size_t features = representation_->features();
  return {points(channel), features, 1, size(channel), features, execution.quiet()};
}

}  // namespace soapstone
