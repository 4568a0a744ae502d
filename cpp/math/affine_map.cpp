#include "math/affine_map.hpp"

#include <algorithm>

#include "common/parallel.hpp"
#include "math/packed_gemm.hpp"

namespace soapstone {

namespace {

constexpr std::size_t kPanel = PackedMatrix::kPanel;
/// Rows and panels of columns that are worked on at a time.
constexpr std::size_t kTileRows = 48, kTilePanels = 192 / kPanel;
/// Multiplications that are worth waking another thread.
constexpr std::size_t kWorthAThread = std::size_t{1} << 20;

/// Fewer rows than this are mapped sooner than the matrix is packed.
constexpr std::size_t kFewRows = 8;

/// The numbers of packed products to the last bit, eight columns at a time.
void map_row(const AffineMap& map, const double* row, double* out) {
  for (std::size_t n = 0; n < map.columns; n += kLanes) {
    const std::size_t own = map.columns - n;
    Lanes total{};
    for (std::size_t first = 0; first < map.depth; first += PackedMatrix::kDepthAtOnce) {
      const std::size_t last = std::min(map.depth, first + PackedMatrix::kDepthAtOnce);
      Lanes sum{};
      for (std::size_t k = first; k < last; ++k) {
        sum += (Lanes{} + row[k]) * load_first(map.matrix + k * map.columns + n, own);
      }
      total = first > 0 ? total + sum : sum;
    }
    if (map.constant != nullptr) total += load_first(map.constant + n, own);
    store_first(out + n, total, own);
  }
}

}  // namespace

void map_rows(const AffineMap& map, const double* rows, std::size_t count, double* out,
              const Execution& execution) {
  if (count < kFewRows) {
    for (std::size_t i = 0; i < count; ++i) {
      map_row(map, rows + i * map.depth, out + i * map.columns);
    }
    return;
  }
  const PackedMatrix right(map.matrix, map.columns, 1, map.depth, map.columns, execution.quiet());
  const std::size_t step = std::min(kTilePanels, right.panels()) * kPanel;
  const std::size_t per_tile = kTileRows * map.depth * right.padded_columns();
  const std::size_t tiles =
      std::max<std::size_t>(1, kWorthAThread / std::max<std::size_t>(1, per_tile));
  parallel_blocks(count, tiles * kTileRows, execution, [&](std::size_t first, std::size_t own) {
    AlignedVector tile(kTileRows * step);
    for (std::size_t row = first; row < first + own; row += kTileRows) {
      const std::size_t height = std::min(kTileRows, first + own - row);
      for (std::size_t p = 0; p < right.panels(); p += kTilePanels) {
        const std::size_t end = std::min(right.panels(), p + kTilePanels);
        packed_product(rows + row * map.depth, map.depth, height, right, p, end, tile.data(), step);
        const std::size_t from = p * kPanel, to = std::min(map.columns, end * kPanel);
        for (std::size_t m = 0; m < height; ++m) {
          const double* sums = tile.data() + m * step;
          double* own_out = out + (row + m) * map.columns;
          for (std::size_t n = from; n < to; ++n) {
            own_out[n] = sums[n - from] + (map.constant ? map.constant[n] : 0.0);
          }
        }
      }
    }
  });
}

}  // namespace soapstone
