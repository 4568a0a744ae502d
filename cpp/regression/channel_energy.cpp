#include "regression/channel_energy.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "kernels/environment_tile.hpp"
#include "math/packed_solve.hpp"
#include "math/row_matrix.hpp"

namespace soapstone {

namespace {

using Eigen::Index;

/// Columns of products with F columns, whole panels.
std::size_t whole_panels(std::size_t columns) {
  constexpr std::size_t kPanel = PackedMatrix::kPanel;
  return (columns + kPanel - 1) / kPanel * kPanel;
}

/// Σ_m w_m p_m p_mᵀ: what the positive weights add, and then what the negative ones take away.
RowMatrix weighted_gram(const Eigen::Ref<const RowMatrix>& points,
                        const Eigen::Ref<const Eigen::VectorXd>& weights,
                        const Execution& execution) {
  const Index features = points.cols();
  RowMatrix gram = RowMatrix::Zero(features, features);
  for (const double sign : {1.0, -1.0}) {
    RowMatrix scaled(points.rows(), features);
    Index count = 0;
    for (Index m = 0; m < points.rows(); ++m) {
      const double weight = sign * weights(m);
      if (weight > 0.0) scaled.row(count++) = std::sqrt(weight) * points.row(m);
    }
    add_gram({scaled.data(), features, 1}, static_cast<std::size_t>(count),
             static_cast<std::size_t>(features), sign, {gram.data(), features, 1}, execution);
  }
  gram.triangularView<Eigen::StrictlyLower>() = gram.transpose();
  return gram;
}

}  // namespace

ChannelEnergy::ChannelEnergy(const SparseKernel& kernel, std::size_t channel, const double* weights,
                             const Execution& execution)
    : kernel_(kernel),
      features_(kernel.representation().features()),
      gradient_step_(whole_panels(features_)) {
  const std::size_t size = kernel.size(channel);
  const Eigen::Map<const RowMatrix> points(kernel.points(channel), static_cast<Index>(size),
                                           static_cast<Index>(features_));
  const Eigen::Map<const Eigen::VectorXd> w(weights, static_cast<Index>(size));
  if (kernel.zeta() == 1) {
    linear_.assign(gradient_step_, 0.0);
    Eigen::Map<Eigen::VectorXd>(linear_.data(), static_cast<Index>(features_)) =
        points.transpose() * w;
  } else if (kernel.zeta() == 2 && features_ <= 2 * size) {
    const RowMatrix matrix = weighted_gram(points, w, execution);
    quadratic_ = {matrix.data(), features_, 1, features_, features_, execution.quiet()};
  } else {
    points_ = kernel.pack_points(channel, execution);
    by_point_ = kernel.pack_by_point(channel, execution);
    weights_.assign(weights, weights + size);
    weights_.resize(points_.padded_columns(), 0.0);
  }
}

double ChannelEnergy::operations() const {
  const auto depth = static_cast<double>(features_);
  if (!linear_.empty()) return depth;
  if (quadratic_.panels() > 0) return depth * depth;
  return 2.0 * depth * static_cast<double>(points_.padded_columns());
}

void ChannelEnergy::compute(const double* features, std::size_t step, std::size_t count,
                            bool derivatives, Workspace& workspace, double* energies,
                            double* gradient) const {
  if (!linear_.empty()) {
    for (std::size_t c = 0; c < count; ++c) {
      std::copy(linear_.begin(), linear_.end(), gradient + c * gradient_step_);
    }
  } else if (quadratic_.panels() > 0) {
    packed_product(features, step, count, quadratic_, 0, quadratic_.panels(), gradient,
                   gradient_step_);
  } else {
    return compute_general(features, step, count, derivatives, workspace, energies, gradient);
  }
  // Euler: p̂ · W p̂ and p̂ · v are the energies.
  for (std::size_t c = 0; c < count; ++c) {
    energies[c] = dot(features + c * step, gradient + c * gradient_step_, padded(features_));
  }
  if (!derivatives || !linear_.empty()) return;
  for (std::size_t k = 0; k < count * gradient_step_; ++k) gradient[k] *= 2.0;
}

void ChannelEnergy::compute_general(const double* features, std::size_t step, std::size_t count,
                                    bool derivatives, Workspace& workspace, double* energies,
                                    double* gradient) const {
  const std::size_t columns = points_.padded_columns();
  AlignedVector& similarity = workspace.similarity;
  grow(similarity, count * columns);
  packed_product(features, step, count, points_, 0, points_.panels(), similarity.data(), columns);
  const double zeta = kernel_.zeta();
  for (std::size_t c = 0; c < count; ++c) {
    double* row = similarity.data() + c * columns;
    Lanes energy{};
    for (std::size_t m = 0; m < columns; m += kLanes) {
      const Lanes u = load(row + m);
      const Lanes weighted = load(weights_.data() + m) * kernel_.slope_by_zeta(u);
      energy += u * weighted;
      store(row + m, zeta * weighted);
    }
    energies[c] = sum(energy);
  }
  if (!derivatives) return;
  packed_product(similarity.data(), columns, count, by_point_, 0, by_point_.panels(), gradient,
                 gradient_step_);
}

}  // namespace soapstone
