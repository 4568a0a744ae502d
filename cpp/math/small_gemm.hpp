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

template <int kRows, bool kAdd>
void multiply_rows(const StridedMatrix& left, const double* right, std::size_t right_step,
                   std::size_t depth, std::size_t columns, double* out, std::size_t out_step) {
  for (std::size_t n = 0; n < columns; n += kLanes) {
    Lanes sums[kRows];
    for (int m = 0; m < kRows; ++m) sums[m] = kAdd ? load(out + m * out_step + n) : Lanes{};
    for (std::size_t k = 0; k < depth; ++k) {
      const Lanes r = load(right + k * right_step + n);
      const double* l = left.data + k * left.k_step;
      for (int m = 0; m < kRows; ++m) sums[m] += r * l[m * left.row_step];
    }
    for (int m = 0; m < kRows; ++m) store(out + m * out_step + n, sums[m]);
  }
}

constexpr int kMostRows = 8;

template <bool kAdd>
using MultiplyRows = void (*)(const StridedMatrix&, const double*, std::size_t, std::size_t,
                              std::size_t, double*, std::size_t);

template <bool kAdd>
constexpr MultiplyRows<kAdd> kMultiplyRows[kMostRows + 1] = {nullptr,
                                                             multiply_rows<1, kAdd>,
                                                             multiply_rows<2, kAdd>,
                                                             multiply_rows<3, kAdd>,
                                                             multiply_rows<4, kAdd>,
                                                             multiply_rows<5, kAdd>,
                                                             multiply_rows<6, kAdd>,
                                                             multiply_rows<7, kAdd>,
                                                             multiply_rows<8, kAdd>};

}  // namespace detail

/// out[m][n] = (kAdd: out[m][n] +) Σ_k left(m, k) · right[k][n]
///
/// for matrices of a few rows and columns, such as the coefficients of one environment. Columns are
/// whole lanes; `right`, `out` and their steps are aligned to lanes. Up to eight rows of sums stay
/// in registers while k streams by. Each sum runs over k in order, so results do not depend on
/// blocking.
template <bool kAdd>
void small_gemm(StridedMatrix left, std::size_t rows, const double* right, std::size_t right_step,
                std::size_t depth, std::size_t columns, double* out, std::size_t out_step) {
  for (std::size_t m = 0; m < rows; m += detail::kMostRows) {
    const std::size_t chunk = std::min<std::size_t>(detail::kMostRows, rows - m);
    detail::kMultiplyRows<kAdd>[chunk]({left.data + m * left.row_step, left.row_step, left.k_step},
                                       right, right_step, depth, columns, out + m * out_step,
                                       out_step);
  }
}

}  // namespace soapstone
