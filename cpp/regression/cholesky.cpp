#include "regression/cholesky.hpp"

#include <Eigen/Cholesky>
#include <algorithm>

#include "common/error.hpp"
#include "common/parallel.hpp"

namespace soapstone {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

constexpr Index kBlock = 192;
constexpr Index kColumnsAtOnce = 64;

std::size_t pieces(Index size, Index of) { return static_cast<std::size_t>((size + of - 1) / of); }

/// Applies `body` to blocks of columns.
template <typename Body>
void for_columns(Index columns, const Execution& execution, const Body& body) {
  const Execution quiet{execution.threads, execution.cancelled, {}};
  const std::size_t items = pieces(columns, kColumnsAtOnce);
  parallel_for(items, resolve_threads(quiet, items), quiet, [&](std::size_t item, int) {
    const Index first = static_cast<Index>(item) * kColumnsAtOnce;
    body(first, std::min(kColumnsAtOnce, columns - first));
  });
}

}  // namespace

bool cholesky(MatrixXd& matrix, const Execution& execution) {
  const Index size = matrix.rows();
  const Execution quiet{execution.threads, execution.cancelled, {}};
  for (Index k = 0; k < size; k += kBlock) {
    const Index width = std::min(kBlock, size - k), below = size - k - width;
    Eigen::Ref<MatrixXd> corner = matrix.block(k, k, width, width);
    Eigen::LLT<Eigen::Ref<MatrixXd>> diagonal(corner);
    if (diagonal.info() != Eigen::Success) return false;
    const std::size_t tiles = pieces(below, kBlock);
    const auto rows_of = [&](std::size_t tile) {
      const Index first = k + width + static_cast<Index>(tile) * kBlock;
      return std::pair{first, std::min(kBlock, size - first)};
    };
    const auto factor = matrix.block(k, k, width, width);
    parallel_for(tiles, resolve_threads(quiet, tiles), quiet, [&](std::size_t tile, int) {
      const auto [first, height] = rows_of(tile);
      auto panel = matrix.block(first, k, height, width);
      factor.triangularView<Eigen::Lower>().transpose().solveInPlace<Eigen::OnTheRight>(panel);
    });
    const std::size_t items = tiles * (tiles + 1) / 2;
    parallel_for(items, resolve_threads(quiet, items), quiet, [&](std::size_t item, int) {
      std::size_t i = 0, j = item;
      while (j > i) j -= ++i;  // item → (i ≥ j), the lower triangle of tiles
      const auto [row, height] = rows_of(i);
      const auto [column, columns] = rows_of(j);
      matrix.block(row, column, height, columns).noalias() -=
          matrix.block(row, k, height, width) * matrix.block(column, k, columns, width).transpose();
    });
    if (execution.progress) {
      execution.progress(static_cast<std::size_t>(k + width), static_cast<std::size_t>(size));
    }
  }
  return true;
}

void solve_lower(const MatrixXd& factor, Eigen::Ref<MatrixXd> columns, const Execution& execution) {
  for_columns(columns.cols(), execution, [&](Index first, Index count) {
    auto own = columns.middleCols(first, count);
    factor.triangularView<Eigen::Lower>().solveInPlace(own);
  });
}

void solve_upper(const MatrixXd& factor, Eigen::Ref<MatrixXd> columns, const Execution& execution) {
  for_columns(columns.cols(), execution, [&](Index first, Index count) {
    auto own = columns.middleCols(first, count);
    factor.triangularView<Eigen::Lower>().transpose().solveInPlace(own);
  });
}

void factorise_with_jitter(MatrixXd& matrix, const char* message, const Execution& execution) {
  const double largest = matrix.diagonal().maxCoeff();
  for (double jitter = 1e-12; jitter < 1e-4; jitter *= 10.0) {
    MatrixXd shifted = matrix;
    shifted.diagonal().array() += jitter * largest;
    if (!cholesky(shifted, execution)) continue;
    shifted.triangularView<Eigen::StrictlyUpper>().setZero();
    matrix = std::move(shifted);
    return;
  }
  throw Error(ErrorCode::kNumerical, message);
}

}  // namespace soapstone
