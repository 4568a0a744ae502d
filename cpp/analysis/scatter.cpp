#include <algorithm>

#include "analysis/principal_axes.hpp"
#include "common/parallel.hpp"

namespace soapstone {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index kTile = 192;
/// Samples that are added up together: with a tile of columns they stay in cache.
constexpr Index kRowsAtOnce = 1024;

}  // namespace

Scatter::Scatter(Index features, Index targets)
    : shift_(VectorXd::Zero(features)),
      target_shift_(VectorXd::Zero(targets)),
      sum_(VectorXd::Zero(features)),
      target_sum_(VectorXd::Zero(targets)),
      sums_(MatrixXd::Zero(features, features)),
      cross_(MatrixXd::Zero(features, targets)) {}

void Scatter::add(const double* x, const double* y, std::size_t rows, const Execution& execution) {
  const auto total = static_cast<Index>(rows);
  const Eigen::Map<const RowMatrix> samples(x, total, features());
  const Eigen::Map<const RowMatrix> labels(y, targets() == 0 ? 0 : total, targets());
  if (count_ == 0.0 && total > 0) {
    shift_ = samples.colwise().mean().transpose();
    if (targets() > 0) target_shift_ = labels.colwise().mean().transpose();
  }
  const Execution quiet = execution.quiet();
  const Index tiles = (features() + kTile - 1) / kTile;
  const auto items = static_cast<std::size_t>(tiles * (tiles + 1) / 2);
  for (Index first = 0; first < total; first += kRowsAtOnce) {
    const Index height = std::min(kRowsAtOnce, total - first);
    const MatrixXd block = samples.middleRows(first, height).rowwise() - shift_.transpose();
    MatrixXd aims(height, targets());
    if (targets() > 0)
      aims = labels.middleRows(first, height).rowwise() - target_shift_.transpose();
    sum_ += block.colwise().sum().transpose();
    target_sum_ += aims.colwise().sum().transpose();
    parallel_for(items, resolve_threads(quiet, items), quiet, [&](std::size_t item, int) {
      Index i = 0;
      auto k = static_cast<Index>(item);
      while (k > i) k -= ++i;  // item → (i ≥ k), the lower triangle of tiles
      const Index row = i * kTile, depth = std::min(kTile, features() - row);
      const Index column = k * kTile, width = std::min(kTile, features() - column);
      const auto left = block.middleCols(row, depth);
      sums_.block(row, column, depth, width).noalias() +=
          left.transpose() * block.middleCols(column, width);
      if (i == k) cross_.middleRows(row, depth).noalias() += left.transpose() * aims;
    });
  }
  count_ += static_cast<double>(rows);
}

VectorXd Scatter::mean() const { return shift_ + sum_ / count_; }

VectorXd Scatter::target_mean() const { return target_shift_ + target_sum_ / count_; }

MatrixXd Scatter::scatter() const {
  MatrixXd result = sums_.selfadjointView<Eigen::Lower>();
  result.noalias() -= sum_ * (sum_.transpose() / count_);
  return result;
}

MatrixXd Scatter::cross() const { return cross_ - sum_ * (target_sum_.transpose() / count_); }

}  // namespace soapstone
