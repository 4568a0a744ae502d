#include "math/packed_gemm.hpp"

#include <algorithm>

#include "common/parallel.hpp"

namespace soapstone {

namespace {

constexpr std::size_t kPanelLanes = PackedMatrix::kPanel / kLanes;
/// Rows whose sums stay in registers: of 32 AVX-512 registers 24 hold sums, of 16 AVX ones 12, of
/// 16 SSE ones 8, of 32 NEON ones 24.
#if defined(__AVX512F__)
constexpr std::size_t kRows = 8;
#elif defined(__AVX__) || defined(__aarch64__)
constexpr std::size_t kRows = 6;
#else
constexpr std::size_t kRows = 2;
#endif

template <std::size_t kCount>
void multiply_rows(const double* left, std::size_t left_step, const double* panel,
                   std::size_t depth, bool add, double* out, std::size_t out_step) {
  Lanes sums[kCount][kPanelLanes] = {};
  for (std::size_t k = 0; k < depth; ++k) {
    Lanes right[kPanelLanes];
    for (std::size_t n = 0; n < kPanelLanes; ++n) {
      right[n] = load(panel + k * PackedMatrix::kPanel + n * kLanes);
    }
    for (std::size_t m = 0; m < kCount; ++m) {
      const Lanes l = Lanes{} + left[m * left_step + k];
      for (std::size_t n = 0; n < kPanelLanes; ++n) sums[m][n] += l * right[n];
    }
  }
  for (std::size_t m = 0; m < kCount; ++m) {
    for (std::size_t n = 0; n < kPanelLanes; ++n) {
      double* to = out + m * out_step + n * kLanes;
      store(to, add ? load(to) + sums[m][n] : sums[m][n]);
    }
  }
}

/// multiply_rows for the last few rows, fewer than kCount.
template <std::size_t kCount>
void multiply_rest(std::size_t rows, const double* left, std::size_t left_step, const double* panel,
                   std::size_t depth, bool add, double* out, std::size_t out_step) {
  if constexpr (kCount > 1) {
    if (rows == kCount - 1) {
      multiply_rows<kCount - 1>(left, left_step, panel, depth, add, out, out_step);
    } else {
      multiply_rest<kCount - 1>(rows, left, left_step, panel, depth, add, out, out_step);
    }
  }
}

}  // namespace

PackedMatrix::PackedMatrix(const double* data, std::size_t k_step, std::size_t n_step,
                           std::size_t depth, std::size_t columns, const Execution& execution)
    : depth_(depth), panels_((columns + kPanel - 1) / kPanel), data_(panels_ * depth * kPanel) {
  parallel_for(panels_, resolve_threads(execution, panels_), execution, [&](std::size_t p, int) {
    const std::size_t own = std::min(kPanel, columns - p * kPanel);
    const double* const from = data + p * kPanel * n_step;
    double* const to = data_.data() + p * depth * kPanel;
    for (std::size_t k = 0; k < depth; ++k) {
      if (n_step == 1) std::copy_n(from + k * k_step, own, to + k * kPanel);
      std::fill(to + k * kPanel + own, to + (k + 1) * kPanel, 0.0);
    }
    if (n_step == 1) return;
    for (std::size_t n = 0; n < own; ++n) {
      for (std::size_t k = 0; k < depth; ++k) to[k * kPanel + n] = from[k * k_step + n * n_step];
    }
  });
}

void packed_product(const double* left, std::size_t left_step, std::size_t rows,
                    const PackedMatrix& right, std::size_t from, std::size_t to, double* out,
                    std::size_t out_step) {
  std::size_t k = 0;
  do {
    const std::size_t depth = std::min(PackedMatrix::kDepthAtOnce, right.depth() - k);
    for (std::size_t p = from; p < to; ++p) {
      const double* panel = right.panel(p) + k * PackedMatrix::kPanel;
      double* column = out + (p - from) * PackedMatrix::kPanel;
      std::size_t m = 0;
      for (; m + kRows <= rows; m += kRows) {
        multiply_rows<kRows>(left + m * left_step + k, left_step, panel, depth, k > 0,
                             column + m * out_step, out_step);
      }
      multiply_rest<kRows>(rows - m, left + m * left_step + k, left_step, panel, depth, k > 0,
                           column + m * out_step, out_step);
    }
    k += depth;
  } while (k < right.depth());
}

}  // namespace soapstone
