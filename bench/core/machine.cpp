#include "machine.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "common/parallel.hpp"
#include "math/simd.hpp"
#include "timing.hpp"

namespace soapstone::bench {
namespace {

/// Numbers per thread and array: with three of them far more than any cache holds.
constexpr std::size_t kArraySize = std::size_t{1} << 24;

constexpr std::size_t kIterations = 2'000'000;

/// Keeps a result from being optimised away.
volatile double sink;

/// Chains of multiply-adds that do not depend on each other: enough hide the latency, too many
/// spill registers. How many are best differs between CPU levels.
template <int kChains>
void multiply_add() {
  Lanes x[kChains];
  for (int k = 0; k < kChains; ++k) x[k] = Lanes{} + (1.0 + k);
  // Not constants, so that the products are really done.
  const Lanes factor = Lanes{} + (sink * 0.0 + 0.999999);
  const Lanes term = Lanes{} + (sink * 0.0 + 1e-6);
  for (std::size_t i = 0; i < kIterations; ++i) {
#pragma GCC unroll 16
    for (int k = 0; k < kChains; ++k) x[k] = x[k] * factor + term;
  }
  Lanes total{};
  for (const Lanes& chain : x) total += chain;
  sink = sum(total);
}

template <typename Work>
double seconds_on(int threads, const Work& work) {
  return fastest([&] {
    parallel_for(static_cast<std::size_t>(threads), threads, {},
                 [&](std::size_t item, int) { work(item); });
  });
}

template <int kChains>
double flops(int threads) {
  const double seconds = seconds_on(threads, [](std::size_t) { multiply_add<kChains>(); });
  return threads * 2.0 * kIterations * kChains * kLanes / seconds;
}

}  // namespace

Peaks measure_peaks(int threads) {
  sink = 1.0;
  Peaks peaks{};
  peaks.flops = std::max({flops<2>(threads), flops<3>(threads), flops<4>(threads),
                          flops<6>(threads), flops<8>(threads), flops<12>(threads)});

  const auto count = static_cast<std::size_t>(threads);
  std::vector<AlignedVector> a(count), b(count), c(count);
  parallel_for(count, threads, {}, [&](std::size_t t, int) {
    a[t].assign(kArraySize, 0.0);
    b[t].assign(kArraySize, 1.0);
    c[t].assign(kArraySize, 2.0);
  });
  const double bytes = static_cast<double>(count * kArraySize * sizeof(double));
  peaks.read = bytes / seconds_on(threads, [&](std::size_t t) {
                 Lanes sums[4] = {};
                 for (std::size_t i = 0; i < kArraySize; i += 4 * kLanes) {
                   for (int k = 0; k < 4; ++k) sums[k] += load(&a[t][i + k * kLanes]);
                 }
                 sink = sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
               });
  peaks.write = bytes / seconds_on(threads, [&](std::size_t t) {
                  const Lanes value = Lanes{} + sink;
                  for (std::size_t i = 0; i < kArraySize; i += kLanes) store(&a[t][i], value);
                });
  peaks.triad = 3.0 * bytes / seconds_on(threads, [&](std::size_t t) {
                  for (std::size_t i = 0; i < kArraySize; i += kLanes) {
                    store(&a[t][i], load(&b[t][i]) + 3.0 * load(&c[t][i]));
                  }
                });
  return peaks;
}

}  // namespace soapstone::bench
