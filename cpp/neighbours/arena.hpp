#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

namespace soapstone {

/// Memory for many small arrays that are all given back together. They stay where they are, and
/// cost no allocation of their own.
class Arena {
 public:
  /// An array of `count` elements, not initialised, valid until the next clear().
  template <typename T>
  T* array(std::size_t count) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignof(Word));
    return reinterpret_cast<T*>(words((count * sizeof(T) + sizeof(Word) - 1) / sizeof(Word)));
  }

  /// Takes all arrays back; keeps the memory.
  void clear() {
    chunk_ = 0;
    used_ = 0;
  }

 private:
  using Word = std::uint64_t;
  // Words. Chunks double from the smallest, enough for a small structure, to the largest.
  static constexpr std::size_t kSmallest = 1 << 9;
  static constexpr std::size_t kLargest = 1 << 16;

  struct Chunk {
    std::unique_ptr<Word[]> words;
    std::size_t size;
  };

  Word* words(std::size_t count) {
    while (chunk_ < chunks_.size() && chunks_[chunk_].size - used_ < count) {
      ++chunk_;
      used_ = 0;
    }
    if (chunk_ == chunks_.size()) {
      const std::size_t next = chunks_.empty() ? kSmallest : 2 * chunks_.back().size;
      const std::size_t size = std::max(count, std::min(next, kLargest));
      chunks_.push_back({std::unique_ptr<Word[]>(new Word[size]), size});
    }
    Word* const begin = chunks_[chunk_].words.get() + used_;
    used_ += count;
    return begin;
  }

  std::vector<Chunk> chunks_;
  std::size_t chunk_ = 0;  // the one in use
  std::size_t used_ = 0;   // words of it
};

}  // namespace soapstone
