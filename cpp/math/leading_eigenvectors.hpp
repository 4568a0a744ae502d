#pragma once

#include <Eigen/Dense>
#include <algorithm>
#include <random>

#include "common/error.hpp"

namespace soapstone {

/// The largest eigenvalues of a symmetric positive semidefinite operator and their eigenvectors, by
/// block Krylov spaces with thick restarts: the space grows by the residuals of its best vectors,
/// and shrinks to the best of them when it is full. What one search ends with, vectors and what the
/// operator makes of them, is where the next one begins: made for an operator that changes little
/// from search to search, and of which every change is told. G. W. Stewart, SIAM J. Matrix Anal.
/// Appl. 23, 601 (2002).
class LeadingEigenvectors {
 public:
  using Matrix = Eigen::MatrixXd;
  using Vector = Eigen::VectorXd;
  using Index = Eigen::Index;

  /// `wanted` pairs of an operator on vectors of length `size`; `tolerance` of ‖A v − λ v‖,
  /// relative to the largest λ.
  LeadingEigenvectors(Index size, Index wanted, double tolerance = 1e-8)
      : tolerance_(tolerance),
        wanted_(std::min(wanted, size)),
        width_(std::min(size, (wanted_ + kSpare + 7) / 8 * 8)),
        kept_(std::min(size, kKeptBlocks * width_)),
        basis_(size, std::min(size, kBlocks * width_)),
        image_(size, basis_.cols()),
        small_(basis_.cols(), basis_.cols()),
        vectors_(size, width_) {
    std::mt19937_64 random(1);
    for (double& x : vectors_.reshaped()) x = static_cast<double>(random() >> 11) * 0x1p-52 - 1.0;
  }

  /// Searches with `apply`(block), which returns the operator times a block of columns.
  template <typename Apply>
  void search(const Apply& apply) {
    search(apply, [](const Matrix&, const Vector&, double) { return false; });
  }

  /// The same, but ends as soon as `enough`(vectors, values, angle) says so of the pairs as they
  /// are and of how far the space that they span may be turned from the right one: the residual by
  /// the gap to the next value (Davis & Kahan), where that is less than one.
  template <typename Apply, typename Enough>
  void search(const Apply& apply, const Enough& enough) {
    if (images_known_) {
      small_.topLeftCorner(used_, used_) =
          basis_.leftCols(used_).transpose() * image_.leftCols(used_);
    } else {
      used_ = 0;
      extend(vectors_, apply);
      images_known_ = true;
    }
    for (int step = 0; step < kMostSteps; ++step) {
      const Eigen::SelfAdjointEigenSolver<Matrix> solver(small_.topLeftCorner(used_, used_));
      values_ = solver.eigenvalues().reverse();
      const Matrix rotation = solver.eigenvectors().rowwise().reverse();
      const Index width = std::min(width_, used_);
      const auto best = rotation.leftCols(width);
      Matrix residual = image_.leftCols(used_) * best;
      residual.noalias() -= basis_.leftCols(used_) * (best * values_.head(width).asDiagonal());
      const auto wanted = residual.leftCols(std::min(wanted_, width));
      const double worst = wanted.colwise().norm().maxCoeff(), turned = wanted.norm();
      const double gap = wanted_ < used_ ? values_(wanted_ - 1) - values_(wanted_) : 0.0;
      const bool found =
          worst <= tolerance_ * values_(0) || used_ == basis_.rows() ||
          (turned < gap && enough(Matrix(basis_.leftCols(used_) * rotation.leftCols(wanted_)),
                                  values(), turned / gap));
      const bool full = used_ + width > basis_.cols();
      const auto kept = rotation.leftCols(std::min(kept_, used_));
      if (found || full) shrink(kept);
      if (found || !extend(residual, apply)) {
        if (!found && !full) shrink(kept);
        vectors_ = basis_.leftCols(used_);
        return;
      }
    }
    throw Error(ErrorCode::kNumerical, "the leading eigenvectors did not converge");
  }

  /// The operator has lost left · rightᵀ since the last search.
  void lose(const Matrix& left, const Matrix& right) {
    const Matrix along = right.transpose() * basis_.leftCols(used_);
    image_.leftCols(used_).noalias() -= left * along;
  }

  /// The operator has changed otherwise.
  void forget_images() { images_known_ = false; }

  /// Descending.
  Vector values() const { return values_.head(wanted_); }
  /// Orthonormal columns.
  auto vectors() const { return vectors_.leftCols(wanted_); }

 private:
  /// Vectors more than are wanted, and blocks of the space: kept at a restart, and at most.
  static constexpr Index kSpare = 4, kKeptBlocks = 2, kBlocks = 6;
  static constexpr int kMostSteps = 5000;
  /// What is left of a vector that lies in the space already.
  static constexpr double kNothing = 1e-6;

  /// Adds what is new in a block to the space, and its image; false if nothing is.
  template <typename Apply>
  bool extend(const Matrix& block, const Apply& apply) {
    const Index before = used_;
    Matrix fresh = block.colwise().normalized();
    for (int pass = 0; pass < 2; ++pass) {  // twice is enough
      const Matrix along = basis_.leftCols(before).transpose() * fresh;
      fresh.noalias() -= basis_.leftCols(before) * along;
      fresh = orthonormalized(fresh);
    }
    const Index added = std::min(fresh.cols(), basis_.cols() - before);
    if (added == 0) return false;
    used_ += added;
    basis_.middleCols(before, added) = fresh.leftCols(added);
    image_.middleCols(before, added) = apply(Matrix(basis_.middleCols(before, added)));
    const Matrix products = basis_.leftCols(used_).transpose() * image_.middleCols(before, added);
    small_.block(0, before, used_, added) = products;
    small_.block(before, 0, added, used_) = products.transpose();
    return true;
  }

  /// An orthonormal basis of the columns, without those of which next to nothing is left.
  static Matrix orthonormalized(const Matrix& columns) {
    Matrix result(columns.rows(), columns.cols());
    Index count = 0;
    for (Index k = 0; k < columns.cols(); ++k) {
      const auto before = result.leftCols(count);
      Vector rest = columns.col(k);
      const Vector along = before.transpose() * rest;
      rest.noalias() -= before * along;
      const double left = rest.norm();
      if (left > kNothing) result.col(count++) = rest / left;
    }
    return result.leftCols(count);
  }

  /// Replaces the space by one of fewer vectors in it, the best ones.
  void shrink(const Matrix& rotation) {
    const Index kept = rotation.cols();
    basis_.leftCols(kept) = (basis_.leftCols(used_) * rotation).eval();
    image_.leftCols(kept) = (image_.leftCols(used_) * rotation).eval();
    small_.topLeftCorner(kept, kept) = values_.head(kept).asDiagonal();
    used_ = kept;
  }

  double tolerance_;
  Index wanted_, width_, kept_, used_ = 0;
  Matrix basis_, image_, small_;
  Matrix vectors_;
  Vector values_;
  bool images_known_ = false;  // of the first used_ columns of the basis
};

}  // namespace soapstone
