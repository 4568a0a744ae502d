#pragma once

// Eight doubles that are computed on at once, whatever the CPU level: the compiler splits them into
// the registers it has (one on x86-64-v4, two on v3, four on v2 and arm64). Data layouts depend on
// this number and on nothing else, so all CPU levels share them.

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

namespace soapstone {

constexpr std::size_t kLanes = 8;
constexpr std::size_t kAlignment = kLanes * sizeof(double);

using Lanes = double __attribute__((vector_size(kAlignment)));

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

inline void store_unaligned(double* to, const Lanes& lanes) {
  std::memcpy(to, &lanes, sizeof lanes);
}

/// Stores the first `count` ≤ 8 lanes and touches nothing behind them.
inline void store_first(double* to, const Lanes& lanes, std::size_t count) {
  if (count >= kLanes) return store_unaligned(to, lanes);
  double all[kLanes];
  std::memcpy(all, &lanes, sizeof all);
  std::size_t done = 0;
  if (count & 4) std::memcpy(to, all, 4 * sizeof(double)), done = 4;
  if (count & 2) std::memcpy(to + done, all + done, 2 * sizeof(double)), done += 2;
  if (count & 1) to[done] = all[done];
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

}  // namespace soapstone
