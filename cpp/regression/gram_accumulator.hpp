#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <vector>

#include "common/execution.hpp"
#include "math/row_matrix.hpp"

namespace soapstone {

/// ΦᵀΦ and Φᵀy of rows φ = L⁻¹ k that stream by with their labels y. Rows wait in a buffer until
/// there are enough for a product.
class GramAccumulator {
 public:
  using Index = Eigen::Index;

  /// Claims rows of `size` numbers, uninitialised, for these labels times `scale`, and returns the
  /// number of the first in the buffer.
  Index claim(Index size, std::size_t rows, const double* labels, double scale);
  /// Row of the buffer, until the next claim.
  double* row(Index row) { return rows_.data() + row * rows_.cols(); }

  /// Makes the rows claimed since the last call, which now hold k, φ, and adds the buffer up if it
  /// is long. `prior`: L, zero but for diagonal blocks, which begin at `first`.
  void settle(const Eigen::MatrixXd& prior, const std::vector<std::size_t>& first,
              const Execution& execution);
  /// Adds up what is in the buffer.
  void flush(const Execution& execution);

  // What has been added up.
  bool empty() const { return count_ == 0.0; }
  double count() const { return count_; }                    ///< rows
  const Eigen::MatrixXd& gram() const { return gram_; }      ///< lower triangle of ΦᵀΦ
  const Eigen::VectorXd& moment() const { return moment_; }  ///< Φᵀy
  double square() const { return square_; }                  ///< yᵀy

 private:
  RowMatrix rows_;
  Eigen::VectorXd labels_;
  Index filled_ = 0, settled_ = 0;
  Eigen::MatrixXd gram_;
  Eigen::VectorXd moment_;
  double square_ = 0.0;
  double count_ = 0.0;
};

}  // namespace soapstone
