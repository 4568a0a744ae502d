#include "kernels/kernel_matrix.hpp"

#include <algorithm>
#include <vector>

#include "common/parallel.hpp"

namespace soapstone {

namespace {

/// Rows of a tile; with its columns it stays in the second level of cache.
constexpr std::size_t kTileRows = 48;
/// Columns, about, that one thread works on at a time.
constexpr std::size_t kBlockColumns = 192;

/// The segment of every row, and what a row counts in it.
struct Membership {
  std::vector<std::size_t> segment;
  std::vector<double> weight;

  Membership(const Segments& segments, std::size_t rows) : segment(rows), weight(rows, 1.0) {
    for (std::size_t i = 0; i < rows; ++i) segment[i] = i;
    if (segments.offsets == nullptr) return;
    for (std::size_t s = 0; s < segments.count; ++s) {
      const auto first = static_cast<std::size_t>(segments.offsets[s]);
      const auto last = static_cast<std::size_t>(segments.offsets[s + 1]);
      for (std::size_t i = first; i < last; ++i) {
        segment[i] = s;
        if (segments.mean) weight[i] = 1.0 / static_cast<double>(last - first);
      }
    }
  }
};

/// Where blocks of columns begin and end: at segments, each of about kBlockColumns rows.
std::vector<std::size_t> block_bounds(const Segments& segments, std::size_t rows) {
  std::vector<std::size_t> bounds{0};
  const std::size_t count = segments.offsets ? segments.count : rows;
  for (std::size_t s = 0; s < count; ++s) {
    const std::size_t last =
        segments.offsets ? static_cast<std::size_t>(segments.offsets[s + 1]) : s + 1;
    if (last - bounds.back() >= kBlockColumns || s + 1 == count) bounds.push_back(last);
  }
  return bounds;
}

}  // namespace

void kernel_matrix(const EnvironmentRows& x, const Segments& x_segments, const EnvironmentRows* y,
                   const Segments& y_segments, const KernelFunction& function,
                   const SpeciesCoupling& coupling, double* out, const Execution& execution) {
  const bool symmetric = y == nullptr;
  const EnvironmentRows& columns = symmetric ? x : *y;
  const Segments& column_segments = symmetric ? x_segments : y_segments;
  const std::size_t height = x_segments.offsets ? x_segments.count : x.rows;
  const std::size_t width = column_segments.offsets ? column_segments.count : columns.rows;
  const SortedEnvironments rows(x, 0, x.rows, function.normalize, execution);
  const Membership row_of(x_segments, x.rows), column_of(column_segments, columns.rows);
  const std::vector<std::size_t> bounds = block_bounds(column_segments, columns.rows);
  const std::size_t blocks = bounds.size() - 1;

  // Each block of columns is one thread's own, which adds rows up in their order: the result does
  // not depend on the number of threads.
  parallel_for(blocks, resolve_threads(execution, blocks), execution, [&](std::size_t b, int) {
    const SortedEnvironments block(columns, bounds[b], bounds[b + 1], function.normalize,
                                   Execution{1, execution.cancelled, {}});
    const std::size_t first_column = column_of.segment[bounds[b]];
    const std::size_t last_column = column_of.segment[bounds[b + 1] - 1] + 1;
    // Of a symmetric matrix only what is not above the block.
    const std::size_t first_row = symmetric ? first_column : 0;
    for (std::size_t s = first_row; s < height; ++s) {
      std::fill(out + s * width + first_column, out + s * width + last_column, 0.0);
    }
    AlignedVector tile;
    for (const auto& of_columns : block.groups()) {
      const PackedEnvironments packed(block, of_columns);
      tile.resize(kTileRows * packed.padded_columns());
      for (const auto& of_rows : rows.groups()) {
        const double kappa = coupling(of_rows.species, of_columns.species);
        if (kappa == 0.0) continue;
        execution.check_cancelled();
        std::size_t i = of_rows.first;
        while (i < of_rows.last && row_of.segment[rows.index(i)] < first_row) ++i;
        for (; i < of_rows.last; i += kTileRows) {
          const std::size_t end = std::min(i + kTileRows, of_rows.last);
          packed.kernel(function, rows, i, end, tile.data());
          for (std::size_t r = i; r < end; ++r) {
            const std::size_t row = rows.index(r);
            const double* from = tile.data() + (r - i) * packed.padded_columns();
            double* to = out + row_of.segment[row] * width;
            const double weight = kappa * row_of.weight[row];
            for (std::size_t j = 0; j < packed.columns(); ++j) {
              const std::size_t column = block.index(of_columns.first + j);
              to[column_of.segment[column]] += weight * column_of.weight[column] * from[j];
            }
          }
        }
      }
    }
  });
  if (!symmetric) return;
  // A kernel of distance is 1 at none, whatever rounding makes of the distance.
  if (!x_segments.offsets && function.type != KernelFunction::Type::kDotProduct) {
    for (std::size_t i = 0; i < height; ++i) {
      out[i * width + i] = x.species ? coupling(x.species[i], x.species[i]) : 1.0;
    }
  }
  Execution quiet = execution;
  quiet.progress = nullptr;
  const std::size_t strips = (height + kTileRows - 1) / kTileRows;
  parallel_for(strips, resolve_threads(quiet, strips), quiet, [&](std::size_t strip, int) {
    const std::size_t end = std::min(height, (strip + 1) * kTileRows);
    for (std::size_t from = 0; from < height; from += kTileRows) {
      for (std::size_t i = strip * kTileRows; i < end; ++i) {
        for (std::size_t j = std::max(from, i + 1); j < std::min(height, from + kTileRows); ++j) {
          out[i * width + j] = out[j * width + i];
        }
      }
    }
  });
}

}  // namespace soapstone
