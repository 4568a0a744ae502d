#include "common/parallel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <stdexcept>
#include <vector>

namespace soapstone {
namespace {

TEST(ParallelFor, VisitsEveryItemOnceWithAThreadInRange) {
  for (int threads : {1, 2, 3, 8}) {
    for (std::size_t count : {0, 1, 2, 1000}) {
      std::vector<std::atomic<int>> visits(count);
      parallel_for(count, threads, {}, [&](std::size_t item, int thread) {
        EXPECT_GE(thread, 0);
        EXPECT_LT(thread, threads);
        ++visits[item];
      });
      for (const std::atomic<int>& visit : visits) ASSERT_EQ(visit, 1);
    }
  }
}

TEST(ParallelFor, AnExceptionLeavesTheLoopNotTheProgram) {
  for (int threads : {1, 3}) {
    std::atomic<int> started{0};
    try {
      parallel_for(100000, threads, {}, [&](std::size_t item, int) {
        ++started;
        if (item == 5) throw std::out_of_range("item 5");
      });
      FAIL() << "swallowed";
    } catch (const std::out_of_range& error) {
      EXPECT_STREQ(error.what(), "item 5");
    }
    EXPECT_LT(started, 100000) << "the loop went on";
  }
}

TEST(ParallelFor, ReportsEveryItemAndStopsWhenCancelled) {
  std::atomic<bool> cancelled{false};
  std::atomic<std::size_t> most{0};
  Execution execution{2, &cancelled, nullptr};
  execution.progress = [&](std::size_t done, std::size_t total) {
    EXPECT_EQ(total, 50u);
    for (std::size_t seen = most; done > seen && !most.compare_exchange_weak(seen, done);) {
    }
  };
  parallel_for(50, 2, execution, [](std::size_t, int) {});
  EXPECT_EQ(most, 50u);

  std::atomic<int> visits{0};
  try {
    parallel_for(50, 2, execution, [&](std::size_t, int) {
      if (++visits == 10) cancelled = true;
    });
    FAIL() << "went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kAborted);
  }
  EXPECT_LT(visits, 50);
}

TEST(ParallelFor, AnExceptionOfTheReportEndsTheLoopToo) {
  Execution execution{3, nullptr, nullptr};
  execution.progress = [](std::size_t, std::size_t) { throw std::runtime_error("no more"); };
  EXPECT_THROW(parallel_for(100, 3, execution, [](std::size_t, int) {}), std::runtime_error);
}

TEST(ParallelBlocks, CoverEverythingOnceInWholeBlocksButTheLast) {
  for (std::size_t size : {0u, 1u, 7u, 8u, 9u, 100u}) {
    for (int threads : {1, 3}) {
      std::vector<int> visits(size, 0);
      parallel_blocks(size, std::size_t{8}, Execution{threads, nullptr, nullptr},
                      [&](std::size_t first, std::size_t count) {
                        EXPECT_EQ(first % 8, 0u);
                        EXPECT_EQ(count, std::min<std::size_t>(8, size - first));
                        for (std::size_t i = first; i < first + count; ++i) ++visits[i];
                      });
      EXPECT_EQ(visits, std::vector<int>(size, 1));
    }
  }
}

TEST(Turns, KeepTheOrderOfItemsInEachPart) {
  for (int threads : {1, 2, 5}) {
    Turns turns(2);
    std::vector<std::size_t> first, second;
    parallel_for(300, threads, {}, [&](std::size_t item, int) {
      turns.guard([&] {
        EXPECT_TRUE(turns.take(0, item, {}, [&] { first.push_back(item); }));
        EXPECT_TRUE(turns.take(1, item, {}, [&] { second.push_back(item); }));
      });
    });
    ASSERT_EQ(first.size(), 300u);
    EXPECT_TRUE(std::is_sorted(first.begin(), first.end()));
    EXPECT_EQ(second, first);
  }
}

TEST(Turns, EndWhereAnItemFails) {
  for (int threads : {1, 2, 5}) {
    Turns turns(1);
    std::size_t most = 0;
    EXPECT_THROW(parallel_for(300, threads, {},
                              [&](std::size_t item, int) {
                                turns.guard([&] {
                                  if (item == 7) throw std::out_of_range("item 7");
                                  turns.take(0, item, {}, [&] { most = item; });
                                });
                              }),
                 std::out_of_range);
    EXPECT_LT(most, 7u);
  }
}

TEST(Turns, EndWhenCancelled) {
  std::atomic<bool> cancelled{false};
  const Execution execution{3, &cancelled, nullptr};
  Turns turns(1);
  try {
    parallel_for(300, 3, execution, [&](std::size_t item, int) {
      turns.guard([&] {
        if (item == 20) cancelled = true;
        turns.take(0, item, execution, [] {});
      });
    });
    FAIL() << "went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kAborted);
  }
}

TEST(ResolveThreads, TakesNoMoreThanThereIsWork) {
  EXPECT_EQ(resolve_threads({5, nullptr, nullptr}, 3), 3);
  EXPECT_EQ(resolve_threads({5, nullptr, nullptr}, 30), 5);
  EXPECT_EQ(resolve_threads({5, nullptr, nullptr}, 0), 1);
  EXPECT_GE(resolve_threads({}, 1000), 1);
}

}  // namespace
}  // namespace soapstone
