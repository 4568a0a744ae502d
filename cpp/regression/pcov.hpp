#pragma once

#include <Eigen/Dense>
#include <cstddef>
#include <vector>

#include "common/execution.hpp"
#include "math/row_matrix.hpp"
#include "regression/cur.hpp"
#include "regression/row_residual.hpp"

namespace soapstone {

/// What is to be learned of the samples of a matrix X, and how much it counts in a selection.
struct PcovTargets {
  Eigen::Map<const RowMatrix> values;  ///< samples × targets, Y
  double mixing;                       ///< α: 1 looks at X alone, 0 at Y alone
  bool candidates_are_features;        ///< the rows to be picked from are those of Xᵀ, not of X
};

/// How candidates differ with respect to the targets, candidates × targets: for samples Y itself;
/// for features (XᵀX)^−½ XᵀY, where directions of less than 1e-6 of the largest singular value of X
/// count as none.
RowMatrix covariates(const Eigen::Ref<const RowMatrix>& candidates, const PcovTargets& targets);

/// Candidates as rows [√α X, √(1 − α) T], T their covariates. Scalar products of such rows are the
/// kernel α XXᵀ + (1 − α) YYᵀ of principal covariates regression for samples, and its covariance
/// for features. So farthest point sampling of them is PCov-FPS, and their leverage scores are the
/// first scores of PCov-CUR. R. K. Cersonsky et al., Mach. Learn.: Sci. Technol. 2, 035038 (2021).
RowMatrix with_covariates(const Eigen::Ref<const RowMatrix>& candidates,
                          const PcovTargets& targets);

/// PCov-CUR: CUR with the scores of `with_covariates`. After each pick candidates are made
/// orthogonal to it, and what the picks say about the targets (by linear regression on the picked
/// samples, or on the picked features) is taken off these. The same as scikit-matter's.
///
/// Every new score costs an eigenproblem of the smaller side for features, a pass over the matrix
/// for samples. Throws kNumerical when what is left is round-off before `options.count` are picked.
CurSelection pcov_cur(const Eigen::Ref<const RowMatrix>& candidates, const PcovTargets& targets,
                      const CurOptions& options, const Execution& execution);

}  // namespace soapstone
