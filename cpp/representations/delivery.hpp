#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "math/simd.hpp"
#include "math/streaming.hpp"

namespace soapstone {

/// How results reach their array: formed there, or formed in the cache and copied, where they are
/// to be rounded or to lie elsewhere than side by side, or where the array is so large that they
/// are streamed to memory.
template <typename Real>
class Delivery {
 public:
  /// @param in_order whether pieces that are formed together lie side by side.
  explicit Delivery(std::size_t numbers, bool in_order = true)
      : streamed_(beyond_cache(numbers * sizeof(Real))),
        in_place_(std::is_same_v<Real, double> && in_order && !streamed_) {}

  /// Where `size` numbers bound for `values` are formed.
  double* workplace(Real* values, std::size_t size, AlignedVector& cache) const {
    if constexpr (std::is_same_v<Real, double>) {
      if (in_place_) return values;
    }
    grow(cache, size);
    return cache.data();
  }

  /// Moves numbers from their workplace to `values`.
  void deliver(const double* from, std::size_t size, Real* values) const {
    if (streamed_) {
      stream(from, size, values);
    } else if (!in_place_) {
      std::copy_n(from, size, values);
    }
  }

  /// When a thread has delivered a piece.
  void done() const {
    if (streamed_) streaming_done();
  }

 private:
  bool streamed_, in_place_;
};

}  // namespace soapstone
