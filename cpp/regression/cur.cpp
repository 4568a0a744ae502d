#include "regression/cur.hpp"

#include <Eigen/Dense>
#include <algorithm>

#include "common/parallel.hpp"
#include "math/leading_eigenvectors.hpp"
#include "math/simd.hpp"
#include "regression/greedy_scores.hpp"

namespace soapstone {

namespace {

using Matrix = Eigen::MatrixXd;
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;
using Index = Eigen::Index;

/// A Gram matrix has squares of singular values; once those that are left have fallen so far below
/// the first, it is made anew from what is left of the rows.
constexpr double kFallen = 1e-5;
/// Squared, relative to the whole matrix: round-off.
constexpr double kExhausted = 1e-24;
constexpr Index kPanel = 64;

/// The rows Y less their projection on those picked, Y (1 − Q Qᵀ), through its Gram matrix on the
/// smaller side: with no more rows than features Y Yᵀ − L Lᵀ with L = Y Q, a pivoted Cholesky
/// decomposition, and otherwise (1 − Q Qᵀ) YᵀY (1 − Q Qᵀ).
class Residual {
 public:
  Residual(const double* data, Index rows, Index features, Index picks, const Execution& execution)
      : rows_(Eigen::Map<const RowMatrix>(data, rows, features)),
        by_rows_(rows <= features),
        directions_(features, picks),
        factor_(by_rows_ ? rows : 0, picks),
        execution_{execution.threads, execution.cancelled, nullptr} {
    form_gram();
    whole_ = trace_;
  }

  Index size() const { return gram_.rows(); }
  bool exhausted() const { return !(trace_ > kExhausted * whole_); }

  /// The Gram matrix of the residual times a block.
  Matrix operator()(const Matrix& block) const {
    if (by_rows_) {
      const auto factor = factor_.leftCols(used_);
      const Matrix along = factor.transpose() * block;
      return times_gram(block) - factor * along;
    }
    return projected(times_gram(projected(block)));
  }

  /// Σ_k of the squares of the left singular vectors, from eigenpairs of the Gram matrix, which are
  /// searched for where the last search ended.
  Vector scores(LeadingEigenvectors& pairs) const {
    pairs.search(*this);
    if (by_rows_) return pairs.vectors().rowwise().squaredNorm();
    Vector result = Vector::Zero(rows_.rows());
    const Matrix directions = projected(pairs.vectors());
    const Vector values = pairs.values();
    for_panels(rows_.rows(), [&](Index from, Index count) {
      const Matrix left = rows_.middleRows(from, count) * directions;
      for (Index k = 0; k < values.size() && values(k) > 0.0; ++k) {
        result.segment(from, count) += left.col(k).cwiseAbs2() / values(k);
      }
    });
    return result;
  }

  /// Makes all rows orthogonal to one.
  void remove(Index row) {
    Vector direction = rows_.row(row).transpose();
    for (int pass = 0; pass < 2; ++pass) direction = projected(direction);
    const double length = direction.norm();
    if (!(length > 0.0)) return;
    direction /= length;
    if (by_rows_) {
      const auto before = factor_.leftCols(used_);
      const Vector along = before.row(row).transpose();
      factor_.col(used_) = (gram_.col(row) - before * along) / length;
      trace_ -= factor_.col(used_).squaredNorm();
    } else {
      trace_ -= direction.dot(times_gram(direction).col(0));
    }
    directions_.col(used_++) = direction;
    if (!(trace_ > kFallen * formed_)) form_gram();
  }

 private:
  Matrix projected(const Matrix& block) const {
    const auto directions = directions_.leftCols(used_);
    const Matrix along = directions.transpose() * block;
    return block - directions * along;
  }

  template <typename Body>
  void for_panels(Index size, const Body& body) const {
    const auto items = static_cast<std::size_t>((size + kPanel - 1) / kPanel);
    parallel_for(items, resolve_threads(execution_, items), execution_, [&](std::size_t item, int) {
      const Index from = static_cast<Index>(item) * kPanel;
      body(from, std::min(kPanel, size - from));
    });
  }

  void form_gram() {
    if (used_ > 0) {
      const auto directions = directions_.leftCols(used_);
      for_panels(rows_.rows(), [&](Index from, Index count) {
        auto panel = rows_.middleRows(from, count);
        const Matrix along = panel * directions;
        panel.noalias() -= along * directions.transpose();
      });
      used_ = 0;
    }
    const Index size = by_rows_ ? rows_.rows() : rows_.cols();
    gram_.resize(size, size);
    for_panels(size, [&](Index from, Index count) {
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
  Matrix times_gram(const Matrix& block) const {
    const Index size = gram_.rows();
    Matrix result(size, block.cols());
    AlignedVector lanes(static_cast<std::size_t>(size) * kLanes);
    for (Index from = 0; from < block.cols(); from += kLanes) {
      const Index width = std::min<Index>(kLanes, block.cols() - from);
      for (Index i = 0; i < size; ++i) {
        for (Index k = 0; k < width; ++k) lanes[i * kLanes + k] = block(i, from + k);
      }
      for_panels(size, [&](Index first, Index count) {
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

  RowMatrix rows_;
  bool by_rows_;
  Matrix gram_;
  Matrix directions_, factor_;  // Q and L; the first used_ columns count
  Index used_ = 0;
  Execution execution_;
  double trace_ = 0.0, formed_ = 0.0, whole_ = 0.0;  // now, when the Gram matrix was formed, first
};

}  // namespace

CurSelection cur(const double* data, std::size_t rows, std::size_t features,
                 const CurOptions& options, const Execution& execution) {
  Residual residual(data, static_cast<Index>(rows), static_cast<Index>(features),
                    static_cast<Index>(options.count), execution);
  return pick_by_scores(residual, rows, options, execution);
}

std::vector<double> leverage_scores(const double* data, std::size_t rows, std::size_t features,
                                    std::size_t leading, const Execution& execution) {
  const Residual whole(data, static_cast<Index>(rows), static_cast<Index>(features), 0, execution);
  LeadingEigenvectors pairs(whole.size(), static_cast<Index>(leading));
  if (whole.exhausted()) throw Error(ErrorCode::kNumerical, "the matrix is zero: it has no scores");
  const Vector scores = whole.scores(pairs);
  return {scores.begin(), scores.end()};
}

}  // namespace soapstone
