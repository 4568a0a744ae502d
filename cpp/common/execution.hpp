#pragma once

#include <atomic>
#include <cstddef>
#include <functional>

#include "common/error.hpp"

namespace soapstone {

/// How a long calculation is run and steered; it never changes a result.
struct Execution {
  /// Number of threads; 0 means all that the machine offers.
  int threads = 0;
  /// Set by the caller (from any thread) to stop the calculation between two items of work.
  const std::atomic<bool>* cancelled = nullptr;
  /// Called with (done, total) items from whichever thread finished one; must be thread-safe.
  std::function<void(std::size_t, std::size_t)> progress;

  /// The same without reports: for steps of a calculation that reports itself.
  Execution quiet() const { return {threads, cancelled, nullptr}; }
  /// The same, without reports, on the calling thread.
  Execution alone() const { return {1, cancelled, nullptr}; }

  void check_cancelled() const {
    if (cancelled != nullptr && cancelled->load(std::memory_order_relaxed)) {
      throw Error(ErrorCode::kAborted, "the calculation was aborted");
    }
  }
};

}  // namespace soapstone
