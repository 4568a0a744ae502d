#pragma once

// The one place that knows about OpenMP.

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <thread>
#include <vector>

#include "common/execution.hpp"

namespace soapstone {

/// Threads used for `items` pieces of work: what the caller asked for, else what the machine has.
inline int resolve_threads(const Execution& execution, std::size_t items) {
  const int wanted = execution.threads > 0 ? execution.threads : omp_get_num_procs();
  return static_cast<int>(std::clamp<std::size_t>(items, 1, static_cast<std::size_t>(wanted)));
}

/// How many pieces of at most `most` items there are, as many for each thread.
inline std::size_t even_pieces(std::size_t items, std::size_t most, int threads) {
  const auto each = static_cast<std::size_t>(threads);
  const std::size_t round = most * each;
  return (items + round - 1) / round * each;
}

/// Multiply–adds for the features of an atom, as far as they matter here.
constexpr double kFeatureOperations = 3e4;

/// Runs small calculations on one thread: to wake others would cost more than they save.
/// `operations`: multiply–adds for an atom.
inline Execution for_atoms(const Execution& execution, std::size_t atoms,
                           double operations = kFeatureOperations) {
  constexpr double kSmall = 2e6;  // some 0.1 ms
  Execution result = execution;
  if (static_cast<double>(atoms) * operations <= kSmall) result.threads = 1;
  return result;
}

/// Calls body(item, thread) once for every item in [0, count), in any order, on `threads` threads;
/// thread is in [0, threads) and serves to pick a workspace.
///
/// Items are handed out in order and one at a time, so they may differ in cost, and the caller must
/// make each item's result independent of who computes it: that is what makes results bitwise equal
/// for any number of threads. The first exception stops the loop and is rethrown here, outside the
/// OpenMP region that it must not leave.
template <typename Body>
void parallel_for(std::size_t count, int threads, const Execution& execution, const Body& body) {
  if (count == 0) return;
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> done{0};
  std::atomic<bool> failed{false};
  std::exception_ptr failure;

  const auto work = [&](int thread) {
    while (!failed.load(std::memory_order_relaxed)) {
      const std::size_t item = next.fetch_add(1);
      if (item >= count) return;
      try {
        execution.check_cancelled();
        body(item, thread);
        const std::size_t finished = done.fetch_add(1) + 1;
        if (execution.progress) execution.progress(finished, count);
      } catch (...) {
        if (!failed.exchange(true)) failure = std::current_exception();
      }
    }
  };

  if (threads <= 1 || count == 1) {
    work(0);
  } else {
#pragma omp parallel num_threads(threads)
    work(omp_get_thread_num());
  }
  if (failure) std::rethrow_exception(failure);
}

/// Workspaces for `threads` threads, kept by the calling thread from one calculation to the next:
/// pages of memory that the system has to hand out take longer than a small calculation. Each use
/// has a type of its own, so that calculations within calculations do not share any.
template <typename Workspace>
Workspace* kept_workspaces(int threads) {
  thread_local std::vector<Workspace> kept;
  if (kept.size() < static_cast<std::size_t>(threads)) {
    kept.resize(static_cast<std::size_t>(threads));
  }
  return kept.data();
}

/// Calls body(first, count) for [0, size) in blocks of `block`, of which the last may be shorter.
template <typename Size, typename Body>
void parallel_blocks(Size size, Size block, const Execution& execution, const Body& body) {
  const auto items = static_cast<std::size_t>((size + block - 1) / block);
  parallel_for(items, resolve_threads(execution, items), execution, [&](std::size_t item, int) {
    const Size first = static_cast<Size>(item) * block;
    body(first, std::min(block, size - first));
  });
}

/// Lets items of a `parallel_for` do parts of their work in the order of the items: sums into
/// shared memory are then the same for any number of threads.
class Turns {
 public:
  /// `parts` of an item's work, each with an order of its own.
  explicit Turns(std::size_t parts) : finished_(parts) {}

  /// Calls work() when all items before this one have done this part. Returns false, and calls
  /// nothing, where one of them has failed.
  template <typename Work>
  bool take(std::size_t part, std::size_t item, const Execution& execution, const Work& work) {
    for (int spins = 0; finished_[part].load(std::memory_order_acquire) != item; ++spins) {
      if (failed_.load(std::memory_order_relaxed)) return false;
      execution.check_cancelled();
      if (spins > kSpins) std::this_thread::yield();
    }
    work();
    finished_[part].store(item + 1, std::memory_order_release);
    return true;
  }

  /// Calls work(), all that there is to an item, and ends the waiting of others if it fails.
  template <typename Work>
  void guard(const Work& work) {
    try {
      work();
    } catch (...) {
      failed_.store(true, std::memory_order_relaxed);
      throw;
    }
  }

 private:
  static constexpr int kSpins = 256;

  std::vector<std::atomic<std::size_t>> finished_;
  std::atomic<bool> failed_{false};
};

}  // namespace soapstone
