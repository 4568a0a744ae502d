#include "regression/pcov.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "common/parallel.hpp"
#include "regression/greedy_scores.hpp"

namespace soapstone {

namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using Index = Eigen::Index;

/// Squares of singular values below this fraction of the largest are none.
constexpr double kNoDirection = 1e-12;
/// Squared, relative to the whole matrix: round-off.
constexpr double kExhausted = 1e-24;
constexpr Index kPanel = 64;

/// The polar factor U Vᵀ of A = U S Vᵀ times Y, through the Gram matrix of the smaller side:
/// U S⁻¹ Uᵀ A Y or A V S⁻¹ Vᵀ Y.
RowMatrix polar_product(const Eigen::Ref<const RowMatrix>& a,
                        const Eigen::Map<const RowMatrix>& y) {
  const bool by_rows = a.rows() <= a.cols();
  const Matrix gram = by_rows ? Matrix(a * a.transpose()) : Matrix(a.transpose() * a);
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(gram);
  const Vector& squares = solver.eigenvalues();
  const double least = kNoDirection * std::max(squares(squares.size() - 1), 0.0);
  const Vector inverse =
      squares.unaryExpr([&](double s) { return s > least ? 1.0 / std::sqrt(s) : 0.0; });
  const Matrix& vectors = solver.eigenvectors();
  const auto inverse_root = [&](const Matrix& right) -> Matrix {
    const Matrix along = inverse.asDiagonal() * (vectors.transpose() * right);
    return vectors * along;
  };
  return by_rows ? RowMatrix(inverse_root(a * y)) : RowMatrix(a * inverse_root(y));
}

/// α A Aᵀ + (1 − α) T Tᵀ of what is left of candidates A and their covariates T.
class PcovResidual {
 public:
  PcovResidual(const Eigen::Ref<const RowMatrix>& candidates, const Targets& targets,
               const Execution& execution)
      : rows_(candidates),
        covariates_(covariates(candidates, targets)),
        targets_(targets),
        execution_{execution.threads, execution.cancelled, nullptr},
        whole_(rows_.squaredNorm()),
        left_(whole_) {}

  Index size() const { return rows_.rows(); }
  bool exhausted() const { return !(left_ > kExhausted * whole_); }

  Matrix operator()(const Matrix& block) const {
    Matrix along(rows_.cols(), block.cols());
    for_panels(rows_.cols(), [&](Index from, Index count) {
      along.middleRows(from, count).noalias() = rows_.middleCols(from, count).transpose() * block;
    });
    const Matrix along_covariates = covariates_.transpose() * block;
    Matrix result(rows_.rows(), block.cols());
    for_panels(rows_.rows(), [&](Index from, Index count) {
      result.middleRows(from, count) =
          targets_.mixing * (rows_.middleRows(from, count) * along) +
          (1.0 - targets_.mixing) * (covariates_.middleRows(from, count) * along_covariates);
    });
    return result;
  }

  /// Σ_k of the squares of the leading eigenvectors, which are searched for where the last search
  /// ended.
  Vector scores(LeadingEigenvectors& pairs) {
    if (outdated_) covariates_ = covariates(rows_, targets_);
    outdated_ = false;
    pairs.search(*this);
    return pairs.vectors().rowwise().squaredNorm();
  }

  /// Makes all candidates orthogonal to one, and their covariates.
  void remove(Index candidate) {
    const Vector direction = rows_.row(candidate).transpose();
    const double square = direction.squaredNorm();
    if (!(square > kExhausted * whole_)) {
      // A copy, or a combination, of others that were picked: it can tell no more.
      covariates_.row(candidate).setZero();
      return;
    }
    const Eigen::RowVectorXd explained = covariates_.row(candidate);
    for_panels(rows_.rows(), [&](Index from, Index count) {
      auto panel = rows_.middleRows(from, count);
      const Vector along = panel * direction / square;
      panel.noalias() -= along * direction.transpose();
      // One step of the elimination that solves the regression on the picked samples.
      if (!targets_.candidates_are_features) {
        covariates_.middleRows(from, count).noalias() -= along * explained;
      }
    });
    outdated_ = targets_.candidates_are_features;
    left_ = rows_.squaredNorm();
  }

 private:
  template <typename Body>
  void for_panels(Index size, const Body& body) const {
    const auto items = static_cast<std::size_t>((size + kPanel - 1) / kPanel);
    parallel_for(items, resolve_threads(execution_, items), execution_, [&](std::size_t item, int) {
      const Index from = static_cast<Index>(item) * kPanel;
      body(from, std::min(kPanel, size - from));
    });
  }

  RowMatrix rows_, covariates_;
  bool outdated_ = false;  // the covariates, by what was removed
  Targets targets_;
  Execution execution_;
  double whole_, left_;  // squared norm of the rows: at first, and now
};

}  // namespace

RowMatrix covariates(const Eigen::Ref<const RowMatrix>& candidates, const Targets& targets) {
  if (!targets.candidates_are_features) return targets.values;
  return polar_product(candidates, targets.values);
}

RowMatrix with_covariates(const Eigen::Ref<const RowMatrix>& candidates, const Targets& targets) {
  RowMatrix joined(candidates.rows(), candidates.cols() + targets.values.cols());
  joined << std::sqrt(targets.mixing) * candidates,
      std::sqrt(1.0 - targets.mixing) * covariates(candidates, targets);
  return joined;
}

CurSelection pcov_cur(const Eigen::Ref<const RowMatrix>& candidates, const Targets& targets,
                      const CurOptions& options, const Execution& execution) {
  PcovResidual residual(candidates, targets, execution);
  return pick_by_scores(residual, static_cast<std::size_t>(candidates.rows()), options, execution);
}

}  // namespace soapstone
