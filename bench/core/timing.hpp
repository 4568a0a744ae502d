#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace soapstone::bench {

/// Seconds of the fastest of several calls, after one that warms up. The fastest, because it is set
/// against peaks of the machine, which are those of their fastest calls, too.
template <typename Call>
double fastest(const Call& call) {
  using Clock = std::chrono::steady_clock;
  constexpr double kLeastSeconds = 0.3;
  constexpr std::size_t kLeastCalls = 5;
  call();
  double best = 1e300, total = 0.0;
  for (std::size_t calls = 0; calls < kLeastCalls || total < kLeastSeconds; ++calls) {
    const auto start = Clock::now();
    call();
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    best = std::min(best, seconds);
    total += seconds;
  }
  return best;
}

}  // namespace soapstone::bench
