#pragma once

// The innermost loop of the search: which points of an array are near. Sixteen single precision
// numbers are computed on at once, whatever the CPU level, and answers are bits.

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__AVX512F__) || defined(__SSE2__)
#include <immintrin.h>
#endif

namespace soapstone {

/// Points that are looked at together, a bit of a word for each.
constexpr std::size_t kPointsPerWord = 64;

constexpr std::size_t words_of(std::size_t points) {
  return (points + kPointsPerWord - 1) / kPointsPerWord;
}

namespace near_detail {

constexpr std::size_t kFloats = 16;
using Floats = float __attribute__((vector_size(kFloats * sizeof(float))));

inline Floats load(const float* from) {
  Floats values;
  std::memcpy(&values, from, sizeof values);
  return values;
}

/// Bit n tells whether values[n] < limit; NaN is not.
inline std::uint64_t bits_below(const Floats& values, float limit) {
#if defined(__AVX512F__)
  return _mm512_cmp_ps_mask(reinterpret_cast<__m512>(values), _mm512_set1_ps(limit), _CMP_LT_OQ);
#elif defined(__SSE2__)
  __m128 part[4];
  std::memcpy(part, &values, sizeof part);
  const __m128 bound = _mm_set1_ps(limit);
  const auto below = [&](int n) { return _mm_castps_si128(_mm_cmplt_ps(part[n], bound)); };
  const __m128i low = _mm_packs_epi32(below(0), below(1));
  const __m128i high = _mm_packs_epi32(below(2), below(3));
  return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(low, high)));
#else
  std::uint64_t bits = 0;
  for (std::size_t n = 0; n < kFloats; ++n) {
    bits |= static_cast<std::uint64_t>(values[n] < limit) << n;
  }
  return bits;
#endif
}

}  // namespace near_detail

/// Points as separate coordinates, readable up to the next multiple of kPointsPerWord.
struct Points {
  const float* x;
  const float* y;
  const float* z;
};

/// Bits of the first 64 points: is the point, moved by `offset`, within a distance whose square is
/// below `limit2`, of the box around the origin that reaches `half` to either side?
inline std::uint64_t near_box(const Points& points, const float* offset, const float* half,
                              float limit2) {
  using namespace near_detail;
  const auto gap = [](const Floats& p, float by, float reach) {
    const Floats moved = p + by;
    const Floats outside = (moved < 0 ? -moved : moved) - reach;
    return outside > 0 ? outside : Floats{};
  };
  std::uint64_t bits = 0;
  for (std::size_t n = 0; n < kPointsPerWord; n += kFloats) {
    const Floats x = gap(load(points.x + n), offset[0], half[0]);
    const Floats y = gap(load(points.y + n), offset[1], half[1]);
    const Floats z = gap(load(points.z + n), offset[2], half[2]);
    bits |= bits_below(x * x + y * y + z * z, limit2) << n;
  }
  return bits;
}

/// Sets bits[w] for 64 points each: is the square of the point's distance from `centre` below
/// `limit2`? Returns whether any is, and is not below the smaller `sure2` as well.
inline bool near_centre(const Points& points, std::size_t words, const float* centre, float sure2,
                        float limit2, std::uint64_t* bits) {
  using namespace near_detail;
  const float cx = centre[0], cy = centre[1], cz = centre[2];
  std::uint64_t doubtful = 0;
  for (std::size_t w = 0; w < words; ++w) {
    std::uint64_t near = 0;
    std::uint64_t sure = 0;
    for (std::size_t n = 0; n < kPointsPerWord; n += kFloats) {
      const std::size_t p = w * kPointsPerWord + n;
      const Floats x = load(points.x + p) - cx;
      const Floats y = load(points.y + p) - cy;
      const Floats z = load(points.z + p) - cz;
      const Floats distance2 = x * x + y * y + z * z;
      near |= bits_below(distance2, limit2) << n;
      sure |= bits_below(distance2, sure2) << n;
    }
    bits[w] = near;
    doubtful |= near ^ sure;
  }
  return doubtful != 0;
}

/// Calls visit(n) for every n whose bit is set, ascending.
template <typename Visit>
inline void for_each_bit(const std::uint64_t* bits, std::size_t words, const Visit& visit) {
  for (std::size_t w = 0; w < words; ++w) {
    for (std::uint64_t left = bits[w]; left != 0; left &= left - 1) {
      visit(w * kPointsPerWord + static_cast<std::size_t>(__builtin_ctzll(left)));
    }
  }
}

}  // namespace soapstone
