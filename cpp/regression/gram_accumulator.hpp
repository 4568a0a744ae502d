#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <vector>

#include "common/bulk_vector.hpp"
#include "common/execution.hpp"

namespace soapstone {

/// ΦᵀWΦ and ΦᵀWy of rows φ = L⁻¹ k, of weight w, that stream by with their T labels y. Rows wait in
/// a buffer until there are enough for a product.
class GramAccumulator {
 public:
  using Index = Eigen::Index;

  GramAccumulator(std::size_t size, std::size_t targets) : size_(size), targets_(targets) {}

  /// Claims rows and their labels, uninitialised, to be filled with k √w and y √w before the next
  /// flush. `weight`: the sum of their w. Returns the number of the first in the buffer.
  std::size_t claim(std::size_t rows, double weight);
  /// What was claimed, until the next claim.
  double* row(std::size_t r) { return rows_.data() + r * size_; }
  double* labels(std::size_t r) { return labels_.data() + r * targets_; }

  /// Whether enough rows wait for a product.
  bool full() const { return waiting_ >= kFullRows; }
  /// Adds up the rows that wait. `prior`: L, zero but for diagonal blocks, which begin at `first`.
  /// Where it throws, what was added up and what waits are left without a meaning.
  void flush(const Eigen::MatrixXd& prior, const std::vector<std::size_t>& first,
             const Execution& execution);

  // What has been added up.
  bool empty() const { return weight_ == 0.0; }
  double weight() const { return weight_; }                  ///< Σ w
  const Eigen::MatrixXd& gram() const { return gram_; }      ///< lower triangle of ΦᵀWΦ
  const Eigen::MatrixXd& moment() const { return moment_; }  ///< ΦᵀWy
  /// Σ w (y − φ·u)² of each target, for u of M × T.
  Eigen::VectorXd residuals(const Eigen::MatrixXd& u) const;

 private:
  static constexpr std::size_t kFullRows = 512;

  std::size_t size_, targets_;
  BulkVector<double> rows_, labels_;
  std::size_t waiting_ = 0;
  double waiting_weight_ = 0.0;
  Eigen::MatrixXd gram_, moment_;
  Eigen::VectorXd square_;  ///< yᵀWy of each target
  double weight_ = 0.0;
};

}  // namespace soapstone
