#pragma once

#include <algorithm>
#include <cstddef>

#include "math/simd.hpp"

namespace soapstone {

/// A matrix that is read one number at a time: element (row, k) is at data[row·row_step +
/// k·k_step].
struct StridedMatrix {
  const double* data;
  std::size_t row_step;
  std::size_t k_step;
};

namespace detail {

constexpr std::size_t kMostRows = 8;

template <int kRows, typename Emit>
inline void multiply_rows(const StridedMatrix& left, const double* right, std::size_t right_step,
                          std::size_t depth, std::size_t row, std::size_t column,
                          const Emit& emit) {
  Lanes sums[kRows] = {};
  const double* from = left.data + row * left.row_step;
  for (std::size_t k = 0; k < depth; ++k) {
    const Lanes r = load(right + k * right_step + column);
    const double* l = from + k * left.k_step;
    for (int m = 0; m < kRows; ++m) sums[m] += r * l[m * left.row_step];
  }
  for (int m = kRows - 1; m >= 0; --m) emit(row + m, column, sums[m]);
}

}  // namespace detail

/// Calls emit(m, n, lanes) with Σ_k left(m, k) · right[k][n … n+7] for all rows m and columns n, n
/// in whole lanes; of an upper triangle, only for lanes that reach the diagonal of their eight
/// rows. Rows come in chunks of eight, the last chunk first; in a chunk, columns ascend and, for
/// each, rows descend.
///
/// For matrices of a few rows and columns, such as the coefficients of one environment. `right` and
/// its step are aligned to lanes. Up to eight rows of sums stay in registers while k streams by.
/// Each sum runs over k in order, so results do not depend on blocking.
template <typename Emit>
inline void small_product(const StridedMatrix& left, std::size_t rows, const double* right,
                          std::size_t right_step, std::size_t depth, std::size_t columns,
                          bool upper_triangle, const Emit& emit) {
  using detail::kMostRows;
  const std::size_t chunks = (rows + kMostRows - 1) / kMostRows;
  for (std::size_t chunk = chunks; chunk-- > 0;) {
    const std::size_t row = chunk * kMostRows;
    const std::size_t from = upper_triangle ? row : 0;
    for (std::size_t n = from; n < columns; n += kLanes) {
      switch (std::min(kMostRows, rows - row)) {
#define SOAPSTONE_ROWS(count)                                                   \
  case count:                                                                   \
    detail::multiply_rows<count>(left, right, right_step, depth, row, n, emit); \
    break;
        SOAPSTONE_ROWS(1)
        SOAPSTONE_ROWS(2)
        SOAPSTONE_ROWS(3)
        SOAPSTONE_ROWS(4)
        SOAPSTONE_ROWS(5)
        SOAPSTONE_ROWS(6)
        SOAPSTONE_ROWS(7)
        SOAPSTONE_ROWS(8)
#undef SOAPSTONE_ROWS
      }
    }
  }
}

/// out[m][n] = (kAdd: out[m][n] +) Σ_k left(m, k) · right[k][n], see small_product; `out` and its
/// step are aligned to lanes.
template <bool kAdd>
void small_gemm(const StridedMatrix& left, std::size_t rows, const double* right,
                std::size_t right_step, std::size_t depth, std::size_t columns, double* out,
                std::size_t out_step) {
  small_product(left, rows, right, right_step, depth, columns, false,
                [&](std::size_t m, std::size_t n, const Lanes& sum) {
                  double* to = out + m * out_step + n;
                  store(to, kAdd ? load(to) + sum : sum);
                });
}

}  // namespace soapstone
