#pragma once

// Eight doubles that are computed on at once, whatever the CPU level: the compiler splits them into
// the registers it has (one on x86-64-v4, two on v3, four on v2 and arm64). Data layouts depend on
// this number and on nothing else, so all CPU levels share them.

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace soapstone {

constexpr std::size_t kLanes = 8;
constexpr std::size_t kAlignment = kLanes * sizeof(double);

using Lanes = double __attribute__((vector_size(kAlignment)));

namespace detail {

template <typename Body, std::size_t... kIndices>
inline __attribute__((always_inline)) void unroll(const Body& body,
                                                  std::index_sequence<kIndices...>) {
  (body(std::integral_constant<std::size_t, kIndices>{}), ...);
}

}  // namespace detail

inline Lanes load(const double* from) {
  Lanes lanes;
  std::memcpy(&lanes, __builtin_assume_aligned(from, kAlignment), sizeof lanes);
  return lanes;
}

inline void store(double* to, const Lanes& lanes) {
  std::memcpy(__builtin_assume_aligned(to, kAlignment), &lanes, sizeof lanes);
}

inline Lanes load_unaligned(const double* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof lanes);
  return lanes;
}

inline Lanes load_unaligned(const float* from) {
  float __attribute__((vector_size(kLanes * sizeof(float)))) lanes;
  std::memcpy(&lanes, from, sizeof lanes);
  return __builtin_convertvector(lanes, Lanes);
}

inline void store_unaligned(double* to, const Lanes& lanes) {
  std::memcpy(to, &lanes, sizeof lanes);
}

/// Stores the first `count` lanes, or all if `count` ≥ 8, and touches nothing behind them.
inline void store_first(double* to, const Lanes& lanes, std::size_t count) {
  if (count >= kLanes) return store_unaligned(to, lanes);
#if defined(__AVX512F__)
  _mm512_mask_storeu_pd(to, static_cast<__mmask8>((1u << count) - 1), (__m512d)lanes);
#else
  double all[kLanes];
  std::memcpy(all, &lanes, sizeof all);
  std::size_t done = 0;
  if (count & 4) std::memcpy(to, all, 4 * sizeof(double)), done = 4;
  if (count & 2) std::memcpy(to + done, all + done, 2 * sizeof(double)), done += 2;
  if (count & 1) to[done] = all[done];
#endif
}

/// Loads the first `count` lanes, or all if `count` ≥ 8, zeros in the others; reads nothing behind.
inline Lanes load_first(const double* from, std::size_t count) {
  if (count >= kLanes) return load_unaligned(from);
#if defined(__AVX512F__)
  return (Lanes)_mm512_maskz_loadu_pd(static_cast<__mmask8>((1u << count) - 1), from);
#else
  double all[kLanes] = {};
  std::size_t done = 0;
  if (count & 4) std::memcpy(all, from, 4 * sizeof(double)), done = 4;
  if (count & 2) std::memcpy(all + done, from + done, 2 * sizeof(double)), done += 2;
  if (count & 1) all[done] = from[done];
  return load(all);
#endif
}

/// How many lanes the registers of the CPU level hold besides operands: what a kernel may keep of
/// running sums.
#if defined(__AVX512F__)
constexpr std::size_t kMostSums = 24;
#elif defined(__AVX2__) || defined(__aarch64__)
constexpr std::size_t kMostSums = 6;
#else
constexpr std::size_t kMostSums = 3;
#endif

/// Calls body(0), body(1) … body(kCount − 1) with indices that are compile-time constants, so that
/// arrays of lanes that are indexed by them live in registers.
template <std::size_t kCount, typename Body>
inline __attribute__((always_inline)) void unrolled(const Body& body) {
  detail::unroll(body, std::make_index_sequence<kCount>());
}

/// Transposes eight rows of eight in place.
inline void transpose(Lanes (&rows)[kLanes]) {
  Lanes pairs[kLanes], fours[kLanes];
  unrolled<4>([&](auto k) {  // 2 × 2 blocks
    pairs[2 * k] = __builtin_shufflevector(rows[2 * k], rows[2 * k + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    pairs[2 * k + 1] =
        __builtin_shufflevector(rows[2 * k], rows[2 * k + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  });
  unrolled<4>([&](auto k) {  // of 4 × 4 blocks
    constexpr std::size_t from = k / 2 * 4 + k % 2;
    fours[from] = __builtin_shufflevector(pairs[from], pairs[from + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    fours[from + 2] =
        __builtin_shufflevector(pairs[from], pairs[from + 2], 2, 3, 10, 11, 6, 7, 14, 15);
  });
  unrolled<4>([&](auto k) {  // of the whole
    rows[k] = __builtin_shufflevector(fours[k], fours[k + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    rows[k + 4] = __builtin_shufflevector(fours[k], fours[k + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  });
}

inline double sum(const Lanes& v) {
  return ((v[0] + v[4]) + (v[1] + v[5])) + ((v[2] + v[6]) + (v[3] + v[7]));
}

/// The smallest multiple of the lane count that holds `count` numbers.
constexpr std::size_t padded(std::size_t count) { return (count + kLanes - 1) / kLanes * kLanes; }

template <typename T>
struct AlignedAllocator {
  using value_type = T;
  AlignedAllocator() = default;
  template <typename U>
  AlignedAllocator(const AlignedAllocator<U>&) {}
  T* allocate(std::size_t count) {
    return static_cast<T*>(::operator new(count * sizeof(T), std::align_val_t(kAlignment)));
  }
  void deallocate(T* pointer, std::size_t) {
    ::operator delete(pointer, std::align_val_t(kAlignment));
  }
  friend bool operator==(const AlignedAllocator&, const AlignedAllocator&) { return true; }
  friend bool operator!=(const AlignedAllocator&, const AlignedAllocator&) { return false; }
};

using AlignedVector = std::vector<double, AlignedAllocator<double>>;

/// Makes room for so many items in a workspace, which serves again and again and never shrinks.
template <typename Vector>
void grow(Vector& vector, std::size_t size) {
  if (vector.size() < size) vector.resize(size);
}

}  // namespace soapstone
