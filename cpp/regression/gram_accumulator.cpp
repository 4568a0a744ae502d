#include "regression/gram_accumulator.hpp"

#include <algorithm>

#include "common/parallel.hpp"
#include "math/packed_solve.hpp"

namespace soapstone {

namespace {

using Eigen::Index;

constexpr Index kRowsPerWhitening = 64;
constexpr Index kFlushRows = 512;

}  // namespace

Index GramAccumulator::claim(Index size, std::size_t rows, const double* labels, double scale) {
  const Index first = filled_;
  filled_ += static_cast<Index>(rows);
  if (rows_.rows() < filled_) {
    const Index capacity = std::max(filled_, std::min(2 * rows_.rows(), filled_ + kFlushRows));
    rows_.conservativeResize(capacity, size);
    labels_.conservativeResize(capacity);
  }
  for (std::size_t r = 0; r < rows; ++r) labels_(first + static_cast<Index>(r)) = scale * labels[r];
  return first;
}

void GramAccumulator::settle(const Eigen::MatrixXd& prior, const std::vector<std::size_t>& first,
                             const Execution& execution) {
  const Index size = prior.rows();
  const auto items =
      static_cast<std::size_t>((filled_ - settled_ + kRowsPerWhitening - 1) / kRowsPerWhitening);
  parallel_for(items, resolve_threads(execution, items), execution, [&](std::size_t item, int) {
    const Index begin = settled_ + static_cast<Index>(item) * kRowsPerWhitening;
    const Index rows = std::min(kRowsPerWhitening, filled_ - begin);
    // A row-major block of rows is a column-major matrix with a row per column.
    Eigen::Map<Eigen::MatrixXd> columns(row(begin), size, rows);
    for (std::size_t c = 0; c + 1 < first.size(); ++c) {
      const auto from = static_cast<Index>(first[c]);
      const Index count = static_cast<Index>(first[c + 1]) - from;
      if (count == 0) continue;
      auto part = columns.middleRows(from, count);
      prior.block(from, from, count, count).triangularView<Eigen::Lower>().solveInPlace(part);
    }
  });
  settled_ = filled_;
  if (filled_ >= kFlushRows) flush(execution);
}

void GramAccumulator::flush(const Execution& execution) {
  if (filled_ == 0) return;
  const Index size = rows_.cols();
  if (gram_.rows() == 0) {
    gram_ = Eigen::MatrixXd::Zero(size, size);
    moment_ = Eigen::VectorXd::Zero(size);
  }
  const auto rows = rows_.topRows(filled_);
  const auto labels = labels_.head(filled_);
  // ΦᵀΦ is symmetric: its lower triangle column by column is the upper one row by row.
  add_gram({rows_.data(), size, 1}, static_cast<std::size_t>(filled_),
           static_cast<std::size_t>(size), 1.0, {gram_.data(), size, 1}, execution);
  moment_.noalias() += rows.transpose() * labels;
  square_ += labels.squaredNorm();
  count_ += static_cast<double>(filled_);
  filled_ = settled_ = 0;
}

}  // namespace soapstone
