#include "regression/cur.hpp"

#include <utility>

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

/// Rows, and the leading eigenvectors of their Gram matrix.
class CurResidual {
 public:
  using Index = Eigen::Index;

  CurResidual(RowResidual rows, std::size_t leading)
      : rows_(std::move(rows)), pairs_(rows_.size(), static_cast<Index>(leading)) {}

  bool exhausted() const { return rows_.exhausted(); }

  template <typename Enough>
  Eigen::VectorXd scores(const Enough& enough) {
    pairs_.search(rows_,
                  [&](const Eigen::MatrixXd& vectors, const Eigen::VectorXd& values, double angle) {
                    return enough(rows_.scores(vectors, values), angle * rows_.stretch(values));
                  });
    return rows_.scores(pairs_.vectors(), pairs_.values());
  }

  void remove(Index row) {
    const RowResidual::Loss loss = rows_.remove(row);
    if (loss.anew) return pairs_.forget_images();
    pairs_.lose(loss.left, loss.right);
  }

 private:
  RowResidual rows_;
  LeadingEigenvectors pairs_;
};

}  // namespace

CurSelection cur(const double* data, std::size_t rows, std::size_t features,
                 const CurOptions& options, const Execution& execution) {
  CurResidual residual(whole(data, rows, features, options.count, execution), options.leading);
  return pick_by_scores(residual, rows, options, execution);
}

std::vector<double> leverage_scores(const double* data, std::size_t rows, std::size_t features,
                                    std::size_t leading, const Execution& execution) {
  CurResidual matrix(whole(data, rows, features, 0, execution), leading);
  if (matrix.exhausted())
    throw Error(ErrorCode::kNumerical, "the matrix is zero: it has no scores");
  const Eigen::VectorXd scores =
      matrix.scores([](const Eigen::VectorXd&, double) { return false; });
  return {scores.begin(), scores.end()};
}

}  // namespace soapstone
