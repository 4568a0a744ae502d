#include "neighbours/neighbour_list.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "neighbours/candidates.hpp"
#include "neighbours/cell_grid.hpp"

// How: the centres of one bin share their candidates, the atoms of the surrounding bins that are
// within the cutoff of the box around them. Sorted once, the candidates give every centre its
// neighbours in order. Two passes, one to count and one to fill, write each row straight to its
// place. A pair is accepted by the length of the very vector that is returned for it, and that
// vector only changes sign when its ends are exchanged: so i sees j whenever j sees i, whatever the
// rounding.

namespace soapstone {
namespace {

class PairFinder {
 public:
  void run(const StructureView& structure, double cutoff, NeighbourList& list);

 private:
  /// Calls body(bin, place) for every bin that has atoms.
  template <typename Body>
  void for_each_bin(const Body& body) const;
  void count_rows(std::int32_t bin, double cutoff, NeighbourList& list);
  void fill_rows(std::int32_t bin, double cutoff, NeighbourList& list);

  CellGrid grid_;
  Candidates candidates_;
  std::vector<std::int32_t> hits_;
};

template <typename Body>
void PairFinder::for_each_bin(const Body& body) const {
  std::int32_t bin = 0;
  std::int32_t place[3];
  for (place[0] = 0; place[0] < grid_.bins[0]; ++place[0]) {
    for (place[1] = 0; place[1] < grid_.bins[1]; ++place[1]) {
      for (place[2] = 0; place[2] < grid_.bins[2]; ++place[2], ++bin) {
        if (grid_.start[bin] < grid_.start[bin + 1]) body(bin, place);
      }
    }
  }
}

/// Leaves in first[i + 1] the number of neighbours of each centre i of a bin.
void PairFinder::count_rows(std::int32_t bin, double cutoff, NeighbourList& list) {
  const double cutoff2 = cutoff * cutoff;
  for (auto slot = static_cast<std::size_t>(grid_.start[bin]);
       slot < static_cast<std::size_t>(grid_.start[bin + 1]); ++slot) {
    candidates_.set_centre_wrap(grid_, &grid_.wrap[3 * slot]);
    std::int64_t count = -1;  // the centre finds itself
    for (const double distance2 : candidates_.squared_distances(&grid_.given[3 * slot])) {
      count += distance2 < cutoff2;
    }
    list.first[static_cast<std::size_t>(grid_.atom[slot]) + 1] = count;
  }
}

/// Writes the neighbours of each centre of a bin, at first[i].
void PairFinder::fill_rows(std::int32_t bin, double cutoff, NeighbourList& list) {
  const double cutoff2 = cutoff * cutoff;
  for (auto slot = static_cast<std::size_t>(grid_.start[bin]);
       slot < static_cast<std::size_t>(grid_.start[bin + 1]); ++slot) {
    const double* centre = &grid_.given[3 * slot];
    const std::int32_t self = grid_.atom[slot];
    candidates_.set_centre_wrap(grid_, &grid_.wrap[3 * slot]);
    const std::vector<double>& distance2 = candidates_.squared_distances(centre);
    hits_.resize(distance2.size());
    const std::size_t hits =
        indices_below(distance2.data(), distance2.size(), cutoff2, hits_.data());
    auto pair = static_cast<std::size_t>(list.first[static_cast<std::size_t>(self)]);
    for (std::size_t n = 0; n < hits; ++n) {
      const auto c = static_cast<std::size_t>(hits_[n]);
      std::int32_t shift[3];
      candidates_.shift_to(c, shift);
      if (candidates_.atom(c) == self && (shift[0] | shift[1] | shift[2]) == 0) continue;
      list.neighbour[pair] = candidates_.atom(c);
      std::copy(shift, shift + 3, &list.shift[3 * pair]);
      candidates_.vector_to(c, centre, &list.vector[3 * pair]);
      ++pair;
    }
  }
}

void PairFinder::run(const StructureView& structure, double cutoff, NeighbourList& list) {
  grid_.build(structure, cutoff);
  list.first.resize(structure.size + 1);
  list.first[0] = 0;
  for_each_bin([&](std::int32_t bin, const std::int32_t* place) {
    candidates_.gather(grid_, cutoff, bin, place);
    candidates_.load(grid_);
    count_rows(bin, cutoff, list);
  });
  for (std::size_t i = 0; i < structure.size; ++i) list.first[i + 1] += list.first[i];
  const auto pairs = static_cast<std::size_t>(list.first.back());
  list.neighbour.resize(pairs);
  list.shift.resize(3 * pairs);
  list.vector.resize(3 * pairs);
  for_each_bin([&](std::int32_t bin, const std::int32_t* place) {
    candidates_.gather(grid_, cutoff, bin, place);
    candidates_.sort(grid_);
    candidates_.load(grid_);
    fill_rows(bin, cutoff, list);
  });
}

}  // namespace

void find_neighbours(const StructureView& structure, double cutoff, NeighbourList& list) {
  if (!(cutoff > 0) || !std::isfinite(cutoff)) {
    throw Error(ErrorCode::kInvalidInput,
                "cutoff: expected a finite number > 0 Å, got " + std::to_string(cutoff));
  }
  // Small structures come by the thousand, so what they need is kept; large ones give it back.
  constexpr std::size_t kKept = 1 << 15;
  if (structure.size <= kKept) {
    thread_local PairFinder finder;
    finder.run(structure, cutoff, list);
  } else {
    PairFinder().run(structure, cutoff, list);
  }
}

}  // namespace soapstone
