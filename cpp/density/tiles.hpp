#pragma once

// The inner loops of the spherical expansion, over tiles of eight neighbours (see Environment).

#include <algorithm>
#include <cstddef>
#include <utility>

#include "math/simd.hpp"

namespace soapstone {

/// The terms of Σ_j R_n(j) Y_m(j), j = from … to − 1, for the m and n of one l.
struct Summands {
  const double* harmonics;  ///< of the first m: [tile][m][8]
  std::size_t tile;         ///< from one tile to the next
  const double* radial;     ///< of the first neighbour: [j][n]
  std::size_t row;          ///< from one neighbour to the next
  std::size_t from, to;     ///< neighbours
};

namespace detail {

template <std::size_t kRows, std::size_t kWidth>
void sum_block(const Summands& s, std::size_t m, std::size_t n, std::size_t out_step, double* out) {
  Lanes sums[kRows][kWidth] = {};
  const double* radial = s.radial + s.from * s.row + n;
  for (std::size_t j = s.from; j < s.to; ++j, radial += s.row) {
    const double* y = s.harmonics + j / kLanes * s.tile + m * kLanes + j % kLanes;
    Lanes r[kWidth];
    unrolled<kWidth>([&](auto w) { r[w] = load(radial + w * kLanes); });
    unrolled<kRows>(
        [&](auto k) { unrolled<kWidth>([&](auto w) { sums[k][w] += r[w] * y[k * kLanes]; }); });
  }
  unrolled<kRows>([&](auto k) {
    unrolled<kWidth>([&](auto w) { store(out + (m + k) * out_step + n + w * kLanes, sums[k][w]); });
  });
}

template <std::size_t kWidth, std::size_t... kRows>
void sum_rows(const Summands& s, std::size_t rows, std::size_t n, std::size_t out_step, double* out,
              std::index_sequence<kRows...>) {
  using Block = void (*)(const Summands&, std::size_t, std::size_t, std::size_t, double*);
  static constexpr Block kBlocks[] = {&sum_block<kRows + 1, kWidth>...};
  // Chunks of nearly the same size, none of them too short to hide the latency of its sums.
  const std::size_t chunks = (rows + sizeof...(kRows) - 1) / sizeof...(kRows);
  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
    const std::size_t m = chunk * rows / chunks;
    kBlocks[(chunk + 1) * rows / chunks - m - 1](s, m, n, out_step, out);
  }
}

}  // namespace detail

/// Writes the sums of `rows` values of m and n = 0 … columns − 1 (whole lanes) to out[m · columns +
/// n]. They stay in registers while the neighbours stream by; each runs over j in order, so results
/// do not depend on blocking.
inline void sum_neighbours(const Summands& s, std::size_t rows, std::size_t columns, double* out) {
  std::size_t n = 0;
  for (; n + kLanes < columns; n += 2 * kLanes) {
    detail::sum_rows<2>(s, rows, n, columns, out, std::make_index_sequence<kMostSums / 2>());
  }
  if (n < columns) {
    detail::sum_rows<1>(s, rows, n, columns, out, std::make_index_sequence<kMostSums>());
  }
}

/// ∂L/∂r of the eight neighbours of a tile: along r̂, and across it times r.
struct TileGradient {
  const double* harmonics;           ///< of the tile: [lm][8]
  const double* harmonics_gradient;  ///< [axis][lm][8]
  std::size_t axis_step;
  Lanes along{};
  Lanes across[3] = {};

  /// Adds the terms of one l and up to eight n: G_nlm is at g[lm · g_step + n], R_nl of neighbour j
  /// at radial[j · row + n].
  void add(int l, const double* g, std::size_t g_step, std::size_t count, const double* radial,
           const double* radial_slope, std::size_t row) {
    count == kLanes ? add_terms<kLanes>(l, g, g_step, radial, radial_slope, row)
    : count > 4     ? add_terms<kLanes - 1>(l, g, g_step, radial, radial_slope, row)
                    : add_terms<4>(l, g, g_step, radial, radial_slope, row);
  }

 private:
  /// With the first kCount of n, those beyond the last being zero.
  template <std::size_t kCount>
  void add_terms(int l, const double* g, std::size_t g_step, const double* radial,
                 const double* radial_slope, std::size_t row) {
    Lanes r[kLanes], dr[kLanes];  // [n], on lanes of neighbours
    unrolled<kLanes>([&](auto j) {
      r[j] = load(radial + j * row);
      dr[j] = load(radial_slope + j * row);
    });
    transpose(r);
    transpose(dr);
    for (std::size_t lm = l * l; lm < static_cast<std::size_t>((l + 1) * (l + 1)); ++lm) {
      const double* weights = g + lm * g_step;
      Lanes value{}, slope{};
      unrolled<kCount>([&](auto n) {
        value += r[n] * weights[n];
        slope += dr[n] * weights[n];
      });
      along += slope * load(harmonics + lm * kLanes);
      unrolled<3>([&](auto axis) {
        across[axis] += value * load(harmonics_gradient + axis * axis_step + lm * kLanes);
      });
    }
  }
};

}  // namespace soapstone
