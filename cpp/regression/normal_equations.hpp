#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/execution.hpp"
#include "regression/gram_accumulator.hpp"

namespace soapstone {

/// Sparse Gaussian process regression (projected process, Eq. 20 of the review) of T numbers in
/// coordinates that make it well conditioned. With K_MM = L Lᵀ, rows φ = L⁻¹ k_M and a noise σ_q
/// for each kind q of labels, the weights of the M points obey
///
///   (1 + Σ_q σ_q⁻² Φ_qᵀ W Φ_q) u = Σ_q σ_q⁻² Φ_qᵀ W y_q,   weights = L⁻ᵀ u,
///
/// W the weights of samples, which is K̃ = K_MM + σ⁻² K_NMᵀ K_NM seen through L: the identity bounds
/// the smallest eigenvalue, so a near singular K_MM does no harm. Rows are whitened before they are
/// squared, which keeps the digits that whitening the square would lose. Rows stream by; only M × M
/// matrices stay, one for each kind of label and group of samples, so that any choice of noise and
/// of groups to leave out is a factorisation away, the error on a group a quadratic form, and the
/// final fit to all the data a sum of what is already there.
class NormalEquations {
 public:
  /// `prior`: L, zero but for diagonal blocks, which begin at `first`, whose last element is M.
  NormalEquations(Eigen::MatrixXd prior, std::vector<std::size_t> first, std::size_t groups,
                  std::size_t kinds, std::size_t targets);

  std::size_t points() const { return static_cast<std::size_t>(prior_.rows()); }
  std::size_t groups() const { return groups_; }
  std::size_t targets() const { return targets_; }

  GramAccumulator& of(std::size_t group, std::size_t kind) { return sums_[group * kinds_ + kind]; }

  /// Calls add(), which claims and fills rows. Where it throws, rows are lost or counted half:
  /// everything else then throws InvalidInput.
  template <typename Add>
  void change(const Add& add) {
    check_whole();
    whole_ = false;
    add();
    whole_ = true;
  }
  /// Adds up rows that wait where there are many, within `change`.
  void flush_full(const Execution& execution);

  struct Solution {
    Eigen::MatrixXd whitened;  ///< u, M × T
    Eigen::MatrixXd factor;    ///< lower Cholesky factor of 1 + Σ σ⁻² Φᵀ W Φ
  };
  /// `noise` of each kind; `left_out`: of each group, whether it is (≠ 0). Throws InvalidInput
  /// where the noise of labels that there are is not greater than zero.
  Solution solve(const double* noise, const std::uint8_t* left_out, const Execution& execution);

  /// M × T, row-major.
  void weights(const Solution& solution, double* out, const Execution& execution) const;
  /// Weights of a committee, each member fitted without some groups; members × M × T.
  /// `left_out`: members × groups.
  void members(const double* noise, const std::uint8_t* left_out, std::size_t members, double* out,
               const Execution& execution);

 private:
  void check_whole() const;
  void flush(const Execution& execution);

  Eigen::MatrixXd prior_;
  std::vector<std::size_t> first_;
  std::size_t groups_, kinds_, targets_;
  std::vector<GramAccumulator> sums_;  ///< group × kind
  bool whole_ = true;
};

}  // namespace soapstone
