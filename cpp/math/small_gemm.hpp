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

/// Up to two lanes of columns at a time, and as many rows as their sums find room in registers.
constexpr std::size_t kMostWidth = 2;
constexpr std::size_t kMostRows = std::min(kMostSums / kMostWidth, kLanes);

template <std::size_t kRows, std::size_t kWidth, typename Emit>
void multiply_block(const StridedMatrix& left, const double* right, std::size_t right_step,
                    std::size_t depth, std::size_t row, std::size_t column, const Emit& emit) {
  Lanes sums[kRows][kWidth] = {};
  const double* l = left.data + row * left.row_step;
  const double* r = right + column;
  for (std::size_t k = 0; k < depth; ++k, l += left.k_step, r += right_step) {
    Lanes columns[kWidth];
    unrolled<kWidth>([&](auto w) { columns[w] = load(r + w * kLanes); });
    unrolled<kRows>([&](auto m) {
      const double factor = l[m * left.row_step];
      unrolled<kWidth>([&](auto w) { sums[m][w] += columns[w] * factor; });
    });
  }
  unrolled<kRows>([&](auto m) {
    constexpr std::size_t above = kRows - 1 - m;
    unrolled<kWidth>([&](auto w) { emit(row + above, column + w * kLanes, sums[above][w]); });
  });
}

template <std::size_t kWidth, typename Emit, std::size_t... kRows>
inline void multiply_rows(std::size_t rows, const StridedMatrix& left, const double* right,
                          std::size_t right_step, std::size_t depth, std::size_t row,
                          std::size_t column, const Emit& emit, std::index_sequence<kRows...>) {
  using Block = void (*)(const StridedMatrix&, const double*, std::size_t, std::size_t, std::size_t,
                         std::size_t, const Emit&);
  static constexpr Block kBlocks[] = {&multiply_block<kRows + 1, kWidth, Emit>...};
  kBlocks[rows - 1](left, right, right_step, depth, row, column, emit);
}

}  // namespace detail

/// Calls emit(m, n, lanes) with Σ_k left(m, k) · right[k][n … n+7] for all rows m and columns n, n
/// in whole lanes; of an upper triangle, only for lanes that reach the diagonal of their chunk of
/// rows. Chunks of rows come last first; in a chunk, columns ascend two lanes at a time and, for
/// each two, rows descend.
///
/// For matrices of a few rows and columns, such as the coefficients of one environment. `right` and
/// its step are aligned to lanes. The sums of a chunk stay in registers while k streams by. Each
/// sum runs over k in order, so results do not depend on blocking.
template <typename Emit>
inline void small_product(const StridedMatrix& left, std::size_t rows, const double* right,
                          std::size_t right_step, std::size_t depth, std::size_t columns,
                          bool upper_triangle, const Emit& emit) {
  using detail::kMostRows;
  constexpr auto kRowCounts = std::make_index_sequence<kMostRows>();
  const std::size_t chunks = (rows + kMostRows - 1) / kMostRows;
  for (std::size_t chunk = chunks; chunk-- > 0;) {
    const std::size_t row = chunk * kMostRows;
    const std::size_t count = std::min(kMostRows, rows - row);
    std::size_t n = upper_triangle ? row / kLanes * kLanes : 0;
    for (; n + kLanes < columns; n += 2 * kLanes) {
      detail::multiply_rows<2>(count, left, right, right_step, depth, row, n, emit, kRowCounts);
    }
    if (n < columns) {
      detail::multiply_rows<1>(count, left, right, right_step, depth, row, n, emit, kRowCounts);
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
