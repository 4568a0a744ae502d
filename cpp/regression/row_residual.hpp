#pragma once

#include <Eigen/Dense>

#include "common/execution.hpp"
#include "math/row_matrix.hpp"

namespace soapstone {

/// What is left of the rows Y (× features) when they have been made orthogonal to some of them,
/// Y (1 − Q Qᵀ), through the Gram matrix of the smaller side: with no more rows than features
/// Y Yᵀ − L Lᵀ with L = Y Q, a pivoted Cholesky decomposition, and otherwise
/// (1 − Q Qᵀ) YᵀY (1 − Q Qᵀ).
class RowResidual {
 public:
  using Matrix = Eigen::MatrixXd;
  using Vector = Eigen::VectorXd;
  using Index = Eigen::Index;

  /// Of which no more than `picks` rows will be removed.
  RowResidual(const Eigen::Ref<const RowMatrix>& rows, Index picks, const Execution& execution);

  /// Of the Gram matrix.
  Index size() const { return gram_.rows(); }
  /// Whether what is left is round-off.
  bool exhausted() const;

  /// The Gram matrix of the residual times a block.
  Matrix operator()(const Matrix& block) const;

  /// The same for that of the rows, whichever side is smaller.
  Matrix kernel_times(const Matrix& block) const;

  /// Σ_k of the squares of the left singular vectors, from eigenpairs of the Gram matrix.
  Vector scores(const Matrix& vectors, const Vector& values) const;
  /// How much further the left singular vectors may be turned than eigenvectors are.
  double stretch(const Vector& values) const;

  /// What is left of all rows.
  RowMatrix rows() const;
  /// What is left of one; zero if that is round-off.
  Vector row(Index row) const;
  /// Scalar products of all rows with what is left of one.
  Vector products(const Vector& left) const;

  /// What the Gram matrix loses: left · rightᵀ, or else it is made anew.
  struct Loss {
    Matrix left, right;
    bool anew = false;
  };

  /// Makes all rows orthogonal to one.
  Loss remove(Index row);

 private:
  Matrix projected(const Matrix& block) const;
  void make_orthogonal(RowMatrix& rows) const;
  void form_gram();
  Matrix times_gram(const Matrix& block) const;

  RowMatrix rows_;
  bool by_rows_;
  Matrix gram_;
  Matrix directions_, factor_;  // Q and L; the first used_ columns count
  Index used_ = 0;
  Execution execution_;
  double trace_ = 0.0, formed_ = 0.0, whole_ = 0.0;  // now, when the Gram matrix was formed, first
};

}  // namespace soapstone
