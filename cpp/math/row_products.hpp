#pragma once

#include <cstddef>

#include "math/simd.hpp"

namespace soapstone {

/// Rows of both factors whose products stay in registers.
constexpr std::size_t kProductRows = kMostSums >= 16 ? 4 : kMostSums >= 4 ? 2 : 1;

/// out[m · kRight + n] = Σ_k left[m][k] right[n][k] of a few rows, aligned, of `size` numbers,
/// which are whole lanes. For rows that serve once, so that there is nothing to lay out.
template <std::size_t kLeft, std::size_t kRight>
inline void row_products(const double* const* left, const double* const* right, std::size_t size,
                         double* out) {
  static_assert(kLeft <= kProductRows && kRight <= kProductRows, "");
  Lanes sums[kLeft * kRight] = {};
  for (std::size_t k = 0; k < size; k += kLanes) {
    Lanes r[kRight];
    unrolled<kRight>([&](auto n) { r[n] = load(right[n] + k); });
    unrolled<kLeft>([&](auto m) {
      const Lanes l = load(left[m] + k);
      unrolled<kRight>([&](auto n) { sums[m * kRight + n] += l * r[n]; });
    });
  }
  unrolled<kLeft * kRight>([&](auto i) { out[i] = sum(sums[i]); });
}

}  // namespace soapstone
