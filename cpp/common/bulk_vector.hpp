#pragma once

#include <cstddef>
#include <new>
#include <utility>
#include <vector>

#include "common/huge_pages.hpp"

namespace soapstone {

/// Gives memory that is not zeroed, of huge pages where it is large.
template <typename T>
struct BulkAllocator {
  using value_type = T;

  BulkAllocator() = default;
  template <typename U>
  BulkAllocator(const BulkAllocator<U>&) {}

  T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    void* const memory = ::operator new(bytes, alignment(bytes));
    if (bytes >= kLarge) prefer_huge_pages(memory, bytes);
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t count) {
    ::operator delete(memory, alignment(count * sizeof(T)));
  }

  /// Elements without a value are left as they are.
  template <typename U>
  void construct(U* element) {
    ::new (static_cast<void*>(element)) U;
  }
  template <typename U, typename... Arguments>
  void construct(U* element, Arguments&&... arguments) {
    ::new (static_cast<void*>(element)) U(std::forward<Arguments>(arguments)...);
  }

  friend bool operator==(const BulkAllocator&, const BulkAllocator&) { return true; }
  friend bool operator!=(const BulkAllocator&, const BulkAllocator&) { return false; }

 private:
  static constexpr std::size_t kLarge = 4u << 20;

  static std::align_val_t alignment(std::size_t bytes) {
    return std::align_val_t(bytes >= kLarge ? 2u << 20 : 64);
  }
};

/// A vector for arrays that are filled right after they are sized, perhaps by many threads: resize
/// neither writes nor touches the new elements.
template <typename T>
using BulkVector = std::vector<T, BulkAllocator<T>>;

}  // namespace soapstone
