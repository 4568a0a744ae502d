#include "neighbours/rows.hpp"

#include <algorithm>
#include <cstring>

#include "neighbours/near.hpp"

namespace soapstone {
namespace {

// Three numbers and one that does not matter, moved as one.
using Four = double __attribute__((vector_size(4 * sizeof(double))));

template <typename T>
Four load_four(const T* from) {
  Four value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

}  // namespace

/// Shifts for a centre that was wrapped by `wrap` lattice translations.
void RowWriter::move_shifts(const CellGrid& grid, const BinPairs& pairs, const std::int32_t* wrap) {
  for (std::size_t n = 0; n < pairs.shift_count; ++n) {
    std::int32_t* s = &shift_[4 * n];
    for (int k = 0; k < 3; ++k) s[k] = pairs.shifts[n].s[k] + wrap[k];
    s[3] = 0;
    translation(grid.lattice, s, &translation_[4 * n]);
    translation_[4 * n + 3] = 0;
  }
}

void RowWriter::write(const CellGrid& grid, std::size_t bin, const BinPairs& pairs,
                      const std::int64_t* first, const NeighbourArrays& arrays) {
  if (shift_.size() < 4 * pairs.shift_count) {
    shift_.resize(8 * pairs.shift_count);
    translation_.resize(8 * pairs.shift_count);
  }
  const std::int32_t inside[3] = {};
  const std::int32_t* wrap = nullptr;
  const std::uint64_t* near = pairs.near;
  for (auto slot = static_cast<std::size_t>(grid.start[bin]);
       slot < static_cast<std::size_t>(grid.start[bin + 1]); ++slot, near += pairs.words) {
    const std::int32_t* own = grid.wrapped ? &grid.wrap[3 * slot] : inside;
    if (wrap == nullptr || !std::equal(own, own + 3, wrap)) move_shifts(grid, pairs, own);
    wrap = own;
    std::size_t last = pairs.words;
    while (last > 0 && near[last - 1] == 0) --last;
    if (last == 0) continue;
    --last;

    const Four centre = load_four(&grid.given[4 * slot]);
    auto pair = static_cast<std::size_t>(first[grid.atom[slot]]);
    // The fourth numbers that are stored are overwritten by the next pair.
    const auto write_pair = [&](std::size_t c, std::size_t numbers) {
      const auto [j, index] = pairs.candidates[c];
      const auto s = 4 * static_cast<std::size_t>(index);
      const Four vector = (load_four(&grid.given[4 * static_cast<std::size_t>(j)]) - centre) +
                          load_four(&translation_[s]);
      arrays.neighbour[pair] = grid.atom[static_cast<std::size_t>(j)];
      std::memcpy(arrays.shift + 3 * pair, &shift_[s], numbers * sizeof(std::int32_t));
      std::memcpy(arrays.vector + 3 * pair, &vector, numbers * sizeof(double));
      ++pair;
    };
    const auto write_wide = [&](std::size_t c) { write_pair(c, 4); };
    for_each_bit(near, last, write_wide);
    // The last pair of the row: what is behind it belongs to another.
    const auto top = static_cast<std::size_t>(63 - __builtin_clzll(near[last]));
    const std::uint64_t rest = near[last] ^ std::uint64_t{1} << top;
    for_each_bit(&rest, 1, [&](std::size_t n) { write_wide(last * kPointsPerWord + n); });
    write_pair(last * kPointsPerWord + top, 3);
  }
}

}  // namespace soapstone
