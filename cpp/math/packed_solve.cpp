#include "math/packed_solve.hpp"

#include <algorithm>
#include <cstdlib>

#include "common/parallel.hpp"
#include "math/packed_gemm.hpp"
#include "math/simd.hpp"

namespace soapstone {

namespace {

constexpr std::size_t kPanel = PackedMatrix::kPanel;
constexpr std::size_t kPanelLanes = kPanel / kLanes;
/// Rows of a left factor that are laid out at once: whole panels.
constexpr std::size_t kBlockRows = 48;
/// Panels of columns that are worked on by one thread at a time.
constexpr std::size_t kPanelsAtOnce = 192 / kPanel;
/// Rows of the factor of a Gram matrix that are multiplied at once.
constexpr std::size_t kDepthAtOnce = 512;
/// Rows of a triangle that are solved for in registers.
constexpr std::size_t kSolvedRows = kMostSums / kPanelLanes >= 8 ? 8 : kMostSums / kPanelLanes;

/// Distance between rows of `depth` numbers, never a multiple of the size of a page: eight rows
/// that are read side by side would fall into one set of the cache.
constexpr std::size_t spread(std::size_t depth) { return (padded(depth) / kLanes | 1) * kLanes; }

/// x of kCount rows of a panel from what stands there, for −L in rows of `left` and 1/L_ii: rows
/// before `depth` are solved.
template <std::size_t kCount>
void solve_rows(const double* left, std::size_t left_step, std::size_t depth,
                const double* reciprocals, double* panel) {
  Lanes sums[kCount][kPanelLanes];
  for (std::size_t m = 0; m < kCount; ++m) {
    for (std::size_t n = 0; n < kPanelLanes; ++n) {
      sums[m][n] = load(panel + (depth + m) * kPanel + n * kLanes);
    }
  }
  for (std::size_t k = 0; k < depth; ++k) {
    Lanes right[kPanelLanes];
    for (std::size_t n = 0; n < kPanelLanes; ++n) right[n] = load(panel + k * kPanel + n * kLanes);
    for (std::size_t m = 0; m < kCount; ++m) {
      const Lanes l = Lanes{} + left[m * left_step + k];
      for (std::size_t n = 0; n < kPanelLanes; ++n) sums[m][n] += l * right[n];
    }
  }
  unrolled<kCount>([&](auto m) {
    for (std::size_t n = 0; n < kPanelLanes; ++n) sums[m][n] *= reciprocals[m];
    unrolled<kCount>([&](auto below) {
      if constexpr (below > m) {
        const Lanes l = Lanes{} + left[below * left_step + depth + m];
        for (std::size_t n = 0; n < kPanelLanes; ++n) sums[below][n] += l * sums[m][n];
      }
    });
    for (std::size_t n = 0; n < kPanelLanes; ++n) {
      store(panel + (depth + m) * kPanel + n * kLanes, sums[m][n]);
    }
  });
}

template <std::size_t kCount>
void solve_rest(std::size_t rows, const double* left, std::size_t left_step, std::size_t depth,
                const double* reciprocals, double* panel) {
  if constexpr (kCount > 1) {
    if (rows == kCount - 1) {
      solve_rows<kCount - 1>(left, left_step, depth, reciprocals, panel);
    } else {
      solve_rest<kCount - 1>(rows, left, left_step, depth, reciprocals, panel);
    }
  }
}

/// Calls body(element, i, j) for rows i < `rows` and columns from … to − 1, along the shorter step.
template <typename Number, typename Body>
void in_order(const Strided<Number>& matrix, std::size_t rows, std::size_t from, std::size_t to,
              const Body& body) {
  if (std::abs(matrix.column_step) == 1) {
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = from; j < to; ++j) body(matrix(i, j), i, j);
    }
  } else {
    for (std::size_t j = from; j < to; ++j) {
      for (std::size_t i = 0; i < rows; ++i) body(matrix(i, j), i, j);
    }
  }
}

/// Rows of a matrix, negated, side by side in `to`.
void negate_rows(const Strided<const double>& from, std::size_t rows, std::size_t columns,
                 double* to, std::size_t to_step) {
  if (from.row_step != 1) {
    in_order(from, rows, 0, columns,
             [&](double number, std::size_t i, std::size_t j) { to[i * to_step + j] = -number; });
    return;
  }
  for (std::size_t j = 0; j < columns; j += kLanes) {
    for (std::size_t i = 0; i < rows; i += kLanes) {
      Lanes square[kLanes];
      for (std::size_t n = 0; n < kLanes; ++n) {
        square[n] = j + n < columns ? -load_first(&from(i, j + n), rows - i) : Lanes{};
      }
      transpose(square);
      for (std::size_t m = 0; m < std::min(kLanes, rows - i); ++m) {
        store_unaligned(to + (i + m) * to_step + j, square[m]);
      }
    }
  }
}

}  // namespace

void add_gram(const Strided<const double>& rows, std::size_t depth, std::size_t size, double factor,
              const Strided<double>& out, const Execution& execution) {
  // A part of the rows at a time, which stays in the cache between its uses.
  if (depth > kDepthAtOnce) {
    for (std::size_t k = 0; k < depth; k += kDepthAtOnce) {
      const Strided<const double> part{&rows(k, 0), rows.row_step, rows.column_step};
      add_gram(part, std::min(kDepthAtOnce, depth - k), size, factor, out, execution);
    }
    return;
  }
  if (size == 0 || depth == 0) return;
  const Execution quiet = execution.quiet();
  const PackedMatrix right(rows.data, static_cast<std::size_t>(rows.row_step),
                           static_cast<std::size_t>(rows.column_step), depth, size, quiet);
  const std::size_t step = spread(depth), tile_columns = kPanelsAtOnce * kPanel;
  parallel_blocks(size, kBlockRows, quiet, [&](std::size_t first, std::size_t count) {
    AlignedVector left(count * step), tile(count * tile_columns);
    in_order(rows, depth, first, first + count, [&](double number, std::size_t k, std::size_t m) {
      left[(m - first) * step + k] = factor * number;
    });
    for (std::size_t p = first / kPanel; p < right.panels(); p += kPanelsAtOnce) {
      const std::size_t end = std::min(right.panels(), p + kPanelsAtOnce);
      packed_product(left.data(), step, count, right, p, end, tile.data(), tile_columns);
      const std::size_t from = p * kPanel, to = std::min(size, end * kPanel);
      for (std::size_t m = 0; m < count; ++m) {
        const double* sums = tile.data() + m * tile_columns;
        double* row = &out(first + m, 0);
        for (std::size_t j = std::max(first + m, from); j < to; ++j) row[j] += sums[j - from];
      }
    }
  });
}

void solve_triangular(const Strided<const double>& factor, std::size_t size,
                      const Strided<double>& columns, std::size_t count,
                      const Execution& execution) {
  if (size == 0 || count == 0) return;
  AlignedVector reciprocals(size);
  for (std::size_t i = 0; i < size; ++i) reciprocals[i] = 1.0 / factor(i, i);
  constexpr std::size_t kWidth = kPanelsAtOnce * kPanel;
  parallel_blocks(count, kWidth, execution.quiet(), [&](std::size_t first, std::size_t own) {
    const std::size_t panels = (own + kPanel - 1) / kPanel;
    AlignedVector solved(panels * size * kPanel), left(kBlockRows * spread(size));
    const auto for_all = [&](const auto& body) {
      for (std::size_t p = 0; p < panels; ++p) {
        double* panel = solved.data() + p * size * kPanel;
        const std::size_t begin = first + p * kPanel, end = std::min(first + own, begin + kPanel);
        in_order(columns, size, begin, end, [&](double& number, std::size_t k, std::size_t n) {
          body(number, panel[k * kPanel + n - begin]);
        });
      }
    };
    for_all([](const double& from, double& to) { to = from; });
    for (std::size_t row = 0; row < size; row += kBlockRows) {
      const std::size_t end = std::min(size, row + kBlockRows), step = spread(end);
      const Strided<const double> rows{&factor(row, 0), factor.row_step, factor.column_step};
      negate_rows(rows, end - row, end, left.data(), step);
      for (std::size_t p = 0; p < panels; ++p) {
        double* panel = solved.data() + p * size * kPanel;
        std::size_t i = row;
        for (; i + kSolvedRows <= end; i += kSolvedRows) {
          solve_rows<kSolvedRows>(left.data() + (i - row) * step, step, i, reciprocals.data() + i,
                                  panel);
        }
        solve_rest<kSolvedRows>(end - i, left.data() + (i - row) * step, step, i,
                                reciprocals.data() + i, panel);
      }
    }
    for_all([](double& to, const double& from) { to = from; });
  });
}

}  // namespace soapstone
