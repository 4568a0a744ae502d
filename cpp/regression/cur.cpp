#include "regression/cur.hpp"

#include "math/leading_eigenvectors.hpp"
#include "regression/greedy_scores.hpp"
#include "regression/row_residual.hpp"

namespace soapstone {

namespace {

RowResidual whole(const double* data, std::size_t rows, std::size_t features, std::size_t picks,
                  const Execution& execution) {
  const Eigen::Map<const RowMatrix> matrix(data, static_cast<Eigen::Index>(rows),
                                           static_cast<Eigen::Index>(features));
  return {matrix, static_cast<Eigen::Index>(picks), execution};
}

}  // namespace

CurSelection cur(const double* data, std::size_t rows, std::size_t features,
                 const CurOptions& options, const Execution& execution) {
  RowResidual residual = whole(data, rows, features, options.count, execution);
  return pick_by_scores(residual, rows, options, execution);
}

std::vector<double> leverage_scores(const double* data, std::size_t rows, std::size_t features,
                                    std::size_t leading, const Execution& execution) {
  const RowResidual matrix = whole(data, rows, features, 0, execution);
  if (matrix.exhausted())
    throw Error(ErrorCode::kNumerical, "the matrix is zero: it has no scores");
  LeadingEigenvectors pairs(matrix.size(), static_cast<Eigen::Index>(leading));
  const Eigen::VectorXd scores = matrix.scores(pairs);
  return {scores.begin(), scores.end()};
}

}  // namespace soapstone
