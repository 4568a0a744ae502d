#include "regression/row_residual.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "common/parallel.hpp"
#include "math/simd.hpp"

namespace soapstone {

namespace {

/// A Gram matrix has squares of singular values; once those that are left have fallen so far below
/// the first, it is made anew from what is left of the rows.
constexpr double kFallen = 1e-5;
/// Squared, relative to the whole matrix: round-off.
constexpr double kExhausted = 1e-24;
constexpr Eigen::Index kPanel = 64;

}  // namespace

RowResidual::RowResidual(const Eigen::Ref<const RowMatrix>& rows, Index picks,
                         const Execution& execution)
    : rows_(rows),
      by_rows_(rows.rows() <= rows.cols()),
      directions_(rows.cols(), picks),
      factor_(by_rows_ ? rows.rows() : 0, picks),
      execution_(execution.quiet()) {
  form_gram();
  whole_ = trace_;
}

bool RowResidual::exhausted() const { return !(trace_ > kExhausted * whole_); }

RowResidual::Matrix RowResidual::operator()(const Matrix& block) const {
  if (by_rows_) return kernel_times(block);
  return projected(times_gram(projected(block)));
}

RowResidual::Matrix RowResidual::kernel_times(const Matrix& block) const {
  if (by_rows_) {
    const auto factor = factor_.leftCols(used_);
    const Matrix along = factor.transpose() * block;
    return times_gram(block) - factor * along;
  }
  Matrix features(rows_.cols(), block.cols());
  parallel_blocks(rows_.cols(), kPanel, execution_, [&](Index from, Index count) {
    features.middleRows(from, count).noalias() = rows_.middleCols(from, count).transpose() * block;
  });
  features = projected(features);
  Matrix result(rows_.rows(), block.cols());
  parallel_blocks(rows_.rows(), kPanel, execution_, [&](Index from, Index count) {
    result.middleRows(from, count).noalias() = rows_.middleRows(from, count) * features;
  });
  return result;
}

RowResidual::Vector RowResidual::scores(const Matrix& vectors, const Vector& values) const {
  if (by_rows_) return vectors.rowwise().squaredNorm();
  Vector result = Vector::Zero(rows_.rows());
  const Matrix directions = projected(vectors);
  parallel_blocks(rows_.rows(), kPanel, execution_, [&](Index from, Index count) {
    const Matrix left = rows_.middleRows(from, count) * directions;
    for (Index k = 0; k < values.size() && values(k) > 0.0; ++k) {
      result.segment(from, count) += left.col(k).cwiseAbs2() / values(k);
    }
  });
  return result;
}

// u = Y v / σ: what is wrong of v grows by no more than the largest σ by the least.
double RowResidual::stretch(const Vector& values) const {
  return by_rows_ ? 1.0 : std::sqrt(values(0) / values(values.size() - 1));
}

RowMatrix RowResidual::rows() const {
  RowMatrix left = rows_;
  make_orthogonal(left);
  return left;
}

RowResidual::Vector RowResidual::row(Index row) const {
  Vector left = rows_.row(row).transpose();
  for (int pass = 0; pass < 2; ++pass) left = projected(left);
  if (!(left.squaredNorm() > kExhausted * whole_)) left.setZero();
  return left;
}

RowResidual::Vector RowResidual::products(const Vector& left) const {
  Vector result(rows_.rows());
  parallel_blocks(rows_.rows(), kPanel, execution_, [&](Index from, Index count) {
    result.segment(from, count).noalias() = rows_.middleRows(from, count) * left;
  });
  return result;
}

// For features, with w = K q of the direction q that goes,
//   (1 − q qᵀ) K (1 − q qᵀ) = K − q (w − (q · w) q)ᵀ − w qᵀ.
RowResidual::Loss RowResidual::remove(Index row) {
  Vector direction = this->row(row);
  const double length = direction.norm();
  if (!(length > 0.0)) return {Matrix(size(), 0), Matrix(size(), 0)};
  direction /= length;
  Loss loss;
  if (by_rows_) {
    const auto before = factor_.leftCols(used_);
    const Vector along = before.row(row).transpose();
    factor_.col(used_) = (gram_.col(row) - before * along) / length;
    loss.left = loss.right = factor_.col(used_);
    trace_ -= loss.left.squaredNorm();
  } else {
    const Vector image = (*this)(direction);
    const double value = direction.dot(image);
    loss.left.resize(size(), 2);
    loss.right.resize(size(), 2);
    loss.left << direction, image;
    loss.right << image - value * direction, direction;
    trace_ -= value;
  }
  directions_.col(used_++) = direction;
  loss.anew = !(trace_ > kFallen * formed_);
  if (loss.anew) form_gram();
  return loss;
}

RowResidual::Matrix RowResidual::projected(const Matrix& block) const {
  const auto directions = directions_.leftCols(used_);
  const Matrix along = directions.transpose() * block;
  return block - directions * along;
}

void RowResidual::make_orthogonal(RowMatrix& rows) const {
  const auto directions = directions_.leftCols(used_);
  parallel_blocks(rows.rows(), kPanel, execution_, [&](Index from, Index count) {
    auto panel = rows.middleRows(from, count);
    const Matrix along = panel * directions;
    panel.noalias() -= along * directions.transpose();
  });
}

void RowResidual::form_gram() {
  if (used_ > 0) make_orthogonal(rows_);
  used_ = 0;
  const Index size = by_rows_ ? rows_.rows() : rows_.cols();
  gram_.resize(size, size);
  parallel_blocks(size, kPanel, execution_, [&](Index from, Index count) {
    auto panel = gram_.block(0, from, from + count, count);
    if (by_rows_) {
      panel.noalias() = rows_.topRows(from + count) * rows_.middleRows(from, count).transpose();
    } else {
      panel.noalias() = rows_.leftCols(from + count).transpose() * rows_.middleCols(from, count);
    }
  });
  gram_.triangularView<Eigen::StrictlyLower>() = gram_.transpose();
  trace_ = formed_ = gram_.trace();
}

/// Eight columns at a time are the lanes; the elements of the matrix, which is what has to come
/// from afar, are read once for all of them.
RowResidual::Matrix RowResidual::times_gram(const Matrix& block) const {
  const Index size = gram_.rows();
  Matrix result(size, block.cols());
  AlignedVector lanes(static_cast<std::size_t>(size) * kLanes);
  for (Index from = 0; from < block.cols(); from += kLanes) {
    const Index width = std::min<Index>(kLanes, block.cols() - from);
    for (Index i = 0; i < size; ++i) {
      for (Index k = 0; k < width; ++k) lanes[i * kLanes + k] = block(i, from + k);
    }
    parallel_blocks(size, kPanel, execution_, [&](Index first, Index count) {
      constexpr Index kRows = 8;
      for (Index i = first; i < first + count; i += kRows) {
        const Index rows = std::min(kRows, first + count - i);
        const double* column[kRows];  // rows and columns are the same
        for (Index r = 0; r < kRows; ++r) {
          column[r] = gram_.data() + std::min(i + r, size - 1) * size;
        }
        Lanes sums[kRows] = {};
        for (Index j = 0; j < size; ++j) {
          const Lanes v = load(lanes.data() + j * kLanes);
          for (Index r = 0; r < kRows; ++r) sums[r] += column[r][j] * v;
        }
        for (Index r = 0; r < rows; ++r) {
          for (Index k = 0; k < width; ++k) {
            result(i + r, from + k) = sums[r][static_cast<std::size_t>(k)];
          }
        }
      }
    });
  }
  return result;
}

}  // namespace soapstone
