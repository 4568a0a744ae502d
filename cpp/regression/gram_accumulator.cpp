#include "regression/gram_accumulator.hpp"

#include <algorithm>

#include "common/parallel.hpp"
#include "math/packed_solve.hpp"
#include "math/row_matrix.hpp"
#include "math/simd.hpp"
#include "regression/cholesky.hpp"

namespace soapstone {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

/// Columns of Φ whose moments are summed at a time.
constexpr Index kMomentColumns = 64;

}  // namespace

std::size_t GramAccumulator::claim(std::size_t rows, double weight) {
  const std::size_t first = waiting_;
  grow(rows_, (first + rows) * size_);
  grow(labels_, (first + rows) * targets_);
  waiting_ += rows;
  waiting_weight_ += weight;
  return first;
}

void GramAccumulator::flush(const MatrixXd& prior, const std::vector<std::size_t>& first,
                            const Execution& execution) {
  if (waiting_ == 0) return;
  execution.check_cancelled();
  const auto size = static_cast<Index>(size_), targets = static_cast<Index>(targets_);
  const auto count = static_cast<Index>(waiting_);
  if (gram_.rows() == 0) {
    gram_ = MatrixXd::Zero(size, size);
    moment_ = MatrixXd::Zero(size, targets);
    square_ = Eigen::VectorXd::Zero(targets);
  }
  // A row-major block of rows is a column-major matrix with a row per column.
  Eigen::Map<MatrixXd> columns(rows_.data(), size, count);
  for (std::size_t c = 0; c + 1 < first.size(); ++c) {
    const auto from = static_cast<Index>(first[c]);
    const Index part = static_cast<Index>(first[c + 1]) - from;
    solve_lower(prior.block(from, from, part, part), columns.middleRows(from, part), execution);
  }
  // ΦᵀWΦ is symmetric: its lower triangle column by column is the upper one row by row.
  add_gram({rows_.data(), size, 1}, waiting_, size_, 1.0, {gram_.data(), size, 1}, execution);
  const Eigen::Map<const RowMatrix> labels(labels_.data(), count, targets);
  parallel_blocks(size, kMomentColumns, execution, [&](Index from, Index own) {
    moment_.middleRows(from, own).noalias() += columns.middleRows(from, own) * labels;
  });
  square_ += labels.colwise().squaredNorm().transpose();
  weight_ += waiting_weight_;
  waiting_ = 0;
  waiting_weight_ = 0.0;
}

Eigen::VectorXd GramAccumulator::residuals(const MatrixXd& u) const {
  const MatrixXd product = gram_.selfadjointView<Eigen::Lower>() * u;
  Eigen::VectorXd squares = square_;
  for (Index t = 0; t < u.cols(); ++t) {
    squares(t) += u.col(t).dot(product.col(t) - 2.0 * moment_.col(t));
  }
  return squares.cwiseMax(0.0);
}

}  // namespace soapstone
