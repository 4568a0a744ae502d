#pragma once

#include <Eigen/Dense>
#include <algorithm>
#include <random>

#include "common/error.hpp"

namespace soapstone {

/// The largest eigenvalues of a symmetric positive semidefinite operator and their eigenvectors, by
/// block Krylov spaces with Rayleigh–Ritz restarts. What one search ends with is where the next one
/// begins: made for a matrix that changes little from search to search.
class LeadingEigenvectors {
 public:
  using Matrix = Eigen::MatrixXd;
  using Index = Eigen::Index;

  /// `wanted` pairs of an operator on vectors of length `size`.
  LeadingEigenvectors(Index size, Index wanted)
      : wanted_(std::min(wanted, size)),
        width_(std::min(size, (wanted_ + kSpare + 7) / 8 * 8)),
        vectors_(size, width_) {
    std::mt19937_64 random(1);
    for (double& x : vectors_.reshaped()) x = static_cast<double>(random() >> 11) * 0x1p-52 - 1.0;
  }

  /// Searches with `apply`(block), which returns the operator times a block of columns.
  template <typename Apply>
  void search(const Apply& apply) {
    for (int restart = 0; restart < kMostRestarts; ++restart) {
      if (improve(apply)) return;
    }
    throw Error(ErrorCode::kNumerical, "the leading eigenvectors did not converge");
  }

  /// Descending.
  Eigen::VectorXd values() const { return values_.head(wanted_); }
  /// Orthonormal columns.
  auto vectors() const { return vectors_.leftCols(wanted_); }

 private:
  static constexpr Index kSpare = 4, kBlocks = 6;
  static constexpr int kMostRestarts = 1000;
  /// Of ‖A v − λ v‖, relative to the largest λ.
  static constexpr double kTolerance = 1e-10;
  /// What is left of a vector that lies in the space already.
  static constexpr double kNothing = 1e-10;

  template <typename Apply>
  bool improve(const Apply& apply) {
    const Index size = vectors_.rows();
    Matrix basis(size, std::min(size, kBlocks * width_)), image(size, basis.cols());
    Index used = 0;
    Matrix block = vectors_;
    for (Index b = 0; b < kBlocks && block.cols() > 0; ++b) {
      const Index first = used;
      for (Index k = 0; k < block.cols() && used < basis.cols(); ++k) {
        if (append(block.col(k), basis, used)) ++used;
      }
      block = apply(Matrix(basis.middleCols(first, used - first)));
      image.middleCols(first, used - first) = block;
    }
    const Eigen::SelfAdjointEigenSolver<Matrix> small(basis.leftCols(used).transpose() *
                                                      image.leftCols(used));
    const Index kept = std::min(width_, used);
    const Matrix rotation = small.eigenvectors().rightCols(kept).rowwise().reverse();
    values_ = small.eigenvalues().tail(kept).reverse();
    vectors_ = basis.leftCols(used) * rotation;
    const Index checked = std::min(wanted_, kept);
    const Matrix left = image.leftCols(used) * rotation.leftCols(checked) -
                        vectors_.leftCols(checked) * values_.head(checked).asDiagonal();
    return left.colwise().norm().maxCoeff() <= kTolerance * values_(0);
  }

  /// Makes a column orthogonal to those in use (twice is enough) and puts it behind them, unless
  /// nothing is left of it.
  template <typename Column>
  static bool append(const Column& column, Matrix& basis, Index used) {
    const double length = column.norm();
    if (!(length > 0.0)) return false;
    Eigen::VectorXd rest = column / length;
    const auto before = basis.leftCols(used);
    for (int pass = 0; pass < 2; ++pass) {
      const Eigen::VectorXd along = before.transpose() * rest;
      rest.noalias() -= before * along;
      const double left = rest.norm();
      if (left < kNothing) return false;
      rest /= left;
    }
    basis.col(used) = rest;
    return true;
  }

  Index wanted_, width_;
  Matrix vectors_;
  Eigen::VectorXd values_;
};

}  // namespace soapstone
