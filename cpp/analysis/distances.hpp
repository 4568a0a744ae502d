#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <cstddef>
#include <limits>

#include "common/error.hpp"
#include "common/execution.hpp"
#include "common/parallel.hpp"
#include "math/row_matrix.hpp"

namespace soapstone {

/// Points as rows, row-major.
using Points = Eigen::Map<const RowMatrix>;

/// Squares of Euclidean distances between points x and y in tiles, as matrix products: the matrix
/// of all never exists. Points are measured from the mean of y, so that few digits cancel.
class Distances {
 public:
  using Index = Eigen::Index;

  /// Throws InvalidInput unless all squares are finite.
  Distances(const Points& x, const Points& y) {
    const Eigen::RowVectorXd mean = y.colwise().mean();
    x_ = x.rowwise() - mean;
    y_ = (y.rowwise() - mean).transpose();
    x_squares_ = x_.rowwise().squaredNorm();
    y_squares_ = y_.colwise().squaredNorm();
    // (|x| + |y|)² is the most that |x − y|² and what it is made of can be.
    constexpr double kLargest = std::numeric_limits<double>::max() / 4.0;
    if ((x_squares_.array() < kLargest).all() && (y_squares_.array() < kLargest).all()) return;
    throw Error(ErrorCode::kInvalidInput,
                "points: expected numbers whose distances are finite; take other units");
  }

  Index rows() const { return x_.rows(); }
  Index columns() const { return y_.cols(); }

  /// Calls body(first_row, first_column, tile) for all tiles. Those of the same rows come one after
  /// the other on one thread, so what a row gathers does not depend on the number of threads.
  template <typename Body>
  void for_tiles(const Execution& execution, const Body& body) const {
    parallel_blocks(rows(), kRows, execution, [&](Index first, Index height) {
      RowMatrix tile;
      for (Index column = 0; column < columns(); column += kColumns) {
        const Index width = std::min(kColumns, columns() - column);
        tile.resize(height, width);
        tile.noalias() = -2.0 * x_.middleRows(first, height) * y_.middleCols(column, width);
        tile.colwise() += x_squares_.segment(first, height);
        tile.rowwise() += y_squares_.segment(column, width);
        tile = tile.cwiseMax(0.0);
        body(first, column, tile);
      }
    });
  }

  /// The square of one distance, without cancellation.
  double square(Index row, Index column) const {
    return (x_.row(row).transpose() - y_.col(column)).squaredNorm();
  }

 private:
  static constexpr Index kRows = 64, kColumns = 512;
  RowMatrix x_;
  Eigen::MatrixXd y_;
  Eigen::VectorXd x_squares_;
  Eigen::RowVectorXd y_squares_;
};

}  // namespace soapstone
