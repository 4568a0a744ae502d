#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace soapstone {

/// Whether an array that is about to be filled is so large that nothing of its beginning will be in
/// the caches when its end is reached: what a core may hope for of the third-level cache, which
/// eight or more share.
constexpr bool beyond_cache(std::size_t bytes) { return bytes >= (std::size_t{8} << 20); }

namespace detail {

#if defined(__AVX512F__)
constexpr std::size_t kStreamed = 8;
inline void stream_pack(const double* from, double* to) {
  _mm512_stream_pd(to, _mm512_loadu_pd(from));
}
inline void stream_pack(const double* from, float* to) {
  _mm256_stream_ps(to, _mm512_cvtpd_ps(_mm512_loadu_pd(from)));
}
#elif defined(__AVX__)
constexpr std::size_t kStreamed = 4;
inline void stream_pack(const double* from, double* to) {
  _mm256_stream_pd(to, _mm256_loadu_pd(from));
}
inline void stream_pack(const double* from, float* to) {
  _mm_stream_ps(to, _mm256_cvtpd_ps(_mm256_loadu_pd(from)));
}
#elif defined(__SSE2__)
constexpr std::size_t kStreamed = 4;
inline void stream_pack(const double* from, double* to) {
  _mm_stream_pd(to, _mm_loadu_pd(from));
  _mm_stream_pd(to + 2, _mm_loadu_pd(from + 2));
}
inline void stream_pack(const double* from, float* to) {
  const __m128 low = _mm_cvtpd_ps(_mm_loadu_pd(from)), high = _mm_cvtpd_ps(_mm_loadu_pd(from + 2));
  _mm_stream_ps(to, _mm_movelh_ps(low, high));
}
#endif

}  // namespace detail

/// Writes numbers, rounded where `to` is single precision, past the caches. An ordinary store reads
/// the line that it writes to first, which for an array beyond the caches is half of the traffic
/// and serves nobody. Lines that are not filled whole are stored as usual. Other threads see the
/// numbers after streaming_done().
template <typename Real>
void stream(const double* from, std::size_t count, Real* to) {
#if defined(__SSE2__)
  constexpr std::size_t kLine = 64;
  const std::size_t past = reinterpret_cast<std::uintptr_t>(to) % kLine;
  const std::size_t head = std::min(past == 0 ? 0 : (kLine - past) / sizeof(Real), count);
  const std::size_t whole = (count - head) / (kLine / sizeof(Real)) * (kLine / sizeof(Real));
  std::copy_n(from, head, to);
  for (std::size_t k = head; k < head + whole; k += detail::kStreamed) {
    detail::stream_pack(from + k, to + k);
  }
  std::copy_n(from + head + whole, count - head - whole, to + head + whole);
#else
  std::copy_n(from, count, to);
#endif
}

/// Makes what this thread has streamed visible before whatever it stores next.
inline void streaming_done() {
#if defined(__SSE2__)
  _mm_sfence();
#endif
}

}  // namespace soapstone
