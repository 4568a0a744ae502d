#include "regression/pcov.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "math/leading_eigenvectors.hpp"
#include "regression/greedy_scores.hpp"

namespace soapstone {

namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using Index = Eigen::Index;

/// Squares of singular values below this fraction of the largest are none.
constexpr double kNoDirection = 1e-12;

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
  PcovResidual(const Eigen::Ref<const RowMatrix>& candidates, const PcovTargets& targets,
               const CurOptions& options, const Execution& execution)
      : rows_(candidates, static_cast<Index>(options.count), execution),
        covariates_(covariates(candidates, targets)),
        targets_(targets),
        pairs_(candidates.rows(), static_cast<Index>(options.leading)) {}

  bool exhausted() const { return rows_.exhausted(); }

  Matrix operator()(const Matrix& block) const {
    const Matrix along = covariates_.transpose() * block;
    return targets_.mixing * rows_.kernel_times(block) +
           (1.0 - targets_.mixing) * (covariates_ * along);
  }

  /// Σ_k of the squares of the leading eigenvectors.
  template <typename Enough>
  Vector scores(const Enough& enough) {
    if (outdated_) covariates_ = covariates(rows_.rows(), targets_);
    outdated_ = false;
    pairs_.search(*this, [&](const Matrix& vectors, const Vector&, double angle) {
      return enough(Vector(vectors.rowwise().squaredNorm()), angle);
    });
    return pairs_.vectors().rowwise().squaredNorm();
  }

  /// Makes all candidates orthogonal to one, and their covariates.
  void remove(Index candidate) {
    pairs_.forget_images();
    const Vector left = rows_.row(candidate);
    const double square = left.squaredNorm();
    if (!(square > 0.0)) {
      // A copy, or a combination, of others that were picked: it can tell no more.
      covariates_.row(candidate).setZero();
      return;
    }
    if (targets_.candidates_are_features) {
      outdated_ = true;
    } else {
      // One step of the elimination that solves the regression on the picked samples.
      const Eigen::RowVectorXd explained = covariates_.row(candidate) / square;
      covariates_.noalias() -= rows_.products(left) * explained;
    }
    rows_.remove(candidate);
  }

 private:
  RowResidual rows_;
  RowMatrix covariates_;
  bool outdated_ = false;  // the covariates, by what was removed
  PcovTargets targets_;
  LeadingEigenvectors pairs_;
};

}  // namespace

RowMatrix covariates(const Eigen::Ref<const RowMatrix>& candidates, const PcovTargets& targets) {
  if (!targets.candidates_are_features) return targets.values;
  return polar_product(candidates, targets.values);
}

RowMatrix with_covariates(const Eigen::Ref<const RowMatrix>& candidates,
                          const PcovTargets& targets) {
  RowMatrix joined(candidates.rows(), candidates.cols() + targets.values.cols());
  joined << std::sqrt(targets.mixing) * candidates,
      std::sqrt(1.0 - targets.mixing) * covariates(candidates, targets);
  return joined;
}

CurSelection pcov_cur(const Eigen::Ref<const RowMatrix>& candidates, const PcovTargets& targets,
                      const CurOptions& options, const Execution& execution) {
  PcovResidual residual(candidates, targets, options, execution);
  return pick_by_scores(residual, static_cast<std::size_t>(candidates.rows()), options, execution);
}

}  // namespace soapstone
