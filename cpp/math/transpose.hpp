#pragma once

// Lanes to rows: what was computed for eight points at once, stored point by point.

#include <cstddef>
#include <cstring>

#include "math/simd.hpp"

namespace soapstone {

namespace detail {

using Quad = double __attribute__((vector_size(32)));

inline Quad load_quad(const double* from) {
  Quad quad;
  std::memcpy(&quad, from, sizeof quad);
  return quad;
}

inline void store_quad(double* to, const Quad& quad) { std::memcpy(to, &quad, sizeof quad); }

/// Elements of a (0 to 3) and b (4 to 7) by number; the two compilers name the same thing
/// differently.
template <int i, int j, int k, int l>
inline Quad pick(const Quad& a, const Quad& b) {
#if defined(__clang__)
  return __builtin_shufflevector(a, b, i, j, k, l);
#else
  using Indices = long long __attribute__((vector_size(32)));
  return __builtin_shuffle(a, b, Indices{i, j, k, l});
#endif
}

/// A 4 × 4 block. Quads rather than lanes: the oldest CPU levels still have instructions for them,
/// and on the newest they are as fast.
inline void transpose_block(const double* lanes, double* rows, std::size_t stride) {
  const Quad a = load_quad(lanes), b = load_quad(lanes + kLanes);
  const Quad c = load_quad(lanes + 2 * kLanes), d = load_quad(lanes + 3 * kLanes);
  const Quad even_ab = pick<0, 4, 2, 6>(a, b), odd_ab = pick<1, 5, 3, 7>(a, b);
  const Quad even_cd = pick<0, 4, 2, 6>(c, d), odd_cd = pick<1, 5, 3, 7>(c, d);
  store_quad(rows, pick<0, 1, 4, 5>(even_ab, even_cd));
  store_quad(rows + stride, pick<0, 1, 4, 5>(odd_ab, odd_cd));
  store_quad(rows + 2 * stride, pick<2, 3, 6, 7>(even_ab, even_cd));
  store_quad(rows + 3 * stride, pick<2, 3, 6, 7>(odd_ab, odd_cd));
}

}  // namespace detail

/// rows[p · stride + k] = lanes[8 k + p] for k < columns and the first `points` ≤ 8 lanes p.
inline void lanes_to_rows(const double* lanes, std::size_t columns, std::size_t points,
                          double* rows, std::size_t stride) {
  static_assert(kLanes == 8, "two quads");
  std::size_t k = 0;
  if (points == kLanes) {
    for (; k + 4 <= columns; k += 4) {
      detail::transpose_block(lanes + k * kLanes, rows + k, stride);
      detail::transpose_block(lanes + k * kLanes + 4, rows + k + 4 * stride, stride);
    }
  }
  for (; k < columns; ++k) {
    for (std::size_t p = 0; p < points; ++p) rows[p * stride + k] = lanes[k * kLanes + p];
  }
}

/// to[k · rows + i] = from[i · columns + k] of a matrix whose rows and columns are whole lanes.
inline void transpose_tiles(const double* from, std::size_t rows, std::size_t columns, double* to) {
  for (std::size_t i = 0; i < rows; i += kLanes) {
    for (std::size_t k = 0; k < columns; k += kLanes) {
      Lanes tile[kLanes];
      unrolled<kLanes>([&](auto r) { tile[r] = load(from + (i + r) * columns + k); });
      transpose(tile);
      unrolled<kLanes>([&](auto r) { store(to + (k + r) * rows + i, tile[r]); });
    }
  }
}

}  // namespace soapstone
