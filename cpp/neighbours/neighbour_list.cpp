#include "neighbours/neighbour_list.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "common/parallel.hpp"
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

/// Below this many atoms for each of them, threads cost more than they save.
constexpr std::size_t kAtomsPerThread = 2000;

class PairFinder {
 public:
  /// Comes before the others; the structure's arrays are not needed afterwards.
  void prepare(const StructureView& structure, double cutoff, const Execution& execution);
  void count(std::int64_t* first, const Execution& execution);
  void fill(const NeighbourArrays& arrays, const Execution& execution);

 private:
  /// What one thread works with.
  struct Workspace {
    Candidates candidates;
    std::vector<std::int32_t> hits;
  };

  void count_rows(std::int32_t bin, Candidates& candidates, std::int64_t* first) const;
  void fill_rows(std::int32_t bin, Workspace& workspace, const NeighbourArrays& arrays) const;

  double cutoff_ = 0;
  CellGrid grid_;
  std::vector<std::int32_t> occupied_;  // bins that have atoms
  std::vector<Workspace> workspaces_;   // one per thread
};

/// Leaves in first[i + 1] the number of neighbours of each centre i of a bin.
void PairFinder::count_rows(std::int32_t bin, Candidates& candidates, std::int64_t* first) const {
  candidates.gather(grid_, cutoff_, bin);
  candidates.load(grid_);
  const double cutoff2 = cutoff_ * cutoff_;
  for (auto slot = static_cast<std::size_t>(grid_.start[bin]);
       slot < static_cast<std::size_t>(grid_.start[bin + 1]); ++slot) {
    candidates.set_centre_wrap(grid_, &grid_.wrap[3 * slot]);
    std::int64_t count = -1;  // the centre finds itself
    for (const double distance2 : candidates.squared_distances(&grid_.given[3 * slot])) {
      count += distance2 < cutoff2;
    }
    first[grid_.atom[slot] + 1] = count;
  }
}

/// Writes the neighbours of each centre i of a bin, from first[i] on.
void PairFinder::fill_rows(std::int32_t bin, Workspace& workspace,
                           const NeighbourArrays& arrays) const {
  auto& [candidates, hits] = workspace;
  candidates.gather(grid_, cutoff_, bin);
  candidates.sort(grid_);
  candidates.load(grid_);
  const double cutoff2 = cutoff_ * cutoff_;
  for (auto slot = static_cast<std::size_t>(grid_.start[bin]);
       slot < static_cast<std::size_t>(grid_.start[bin + 1]); ++slot) {
    const double* centre = &grid_.given[3 * slot];
    const std::int32_t self = grid_.atom[slot];
    candidates.set_centre_wrap(grid_, &grid_.wrap[3 * slot]);
    const std::vector<double>& distance2 = candidates.squared_distances(centre);
    hits.resize(distance2.size());
    const std::size_t count =
        indices_below(distance2.data(), distance2.size(), cutoff2, hits.data());
    std::int64_t pair = arrays.first[self];
    if (arrays.first[self + 1] - pair != static_cast<std::int64_t>(count) - 1) {
      throw Error(ErrorCode::kInvalidInput, "the neighbours were counted for another structure");
    }
    for (std::size_t n = 0; n < count; ++n) {
      const auto c = static_cast<std::size_t>(hits[n]);
      std::int32_t shift[3];
      candidates.shift_to(c, shift);
      if (candidates.atom(c) == self && (shift[0] | shift[1] | shift[2]) == 0) continue;
      arrays.neighbour[pair] = candidates.atom(c);
      std::copy(shift, shift + 3, arrays.shift + 3 * pair);
      candidates.vector_to(c, centre, arrays.vector + 3 * pair);
      ++pair;
    }
  }
}

void PairFinder::prepare(const StructureView& structure, double cutoff,
                         const Execution& execution) {
  if (!(cutoff > 0) || !std::isfinite(cutoff)) {
    throw Error(ErrorCode::kInvalidInput,
                "cutoff: expected a finite number > 0 Å, got " + std::to_string(cutoff));
  }
  cutoff_ = cutoff;
  grid_.build(structure, cutoff);
  occupied_.clear();
  for (std::size_t bin = 0; bin + 1 < grid_.start.size(); ++bin) {
    if (grid_.start[bin] < grid_.start[bin + 1]) {
      occupied_.push_back(static_cast<std::int32_t>(bin));
    }
  }
  workspaces_.resize(
      static_cast<std::size_t>(resolve_threads(execution, structure.size / kAtomsPerThread)));
}

void PairFinder::count(std::int64_t* first, const Execution& execution) {
  const int threads = static_cast<int>(workspaces_.size());
  parallel_for(occupied_.size(), threads, {threads, execution.cancelled, nullptr},
               [&](std::size_t item, int thread) {
                 count_rows(occupied_[item], workspaces_[thread].candidates, first);
               });
  first[0] = 0;
  for (std::size_t i = 0; i < grid_.atom.size(); ++i) first[i + 1] += first[i];
}

void PairFinder::fill(const NeighbourArrays& arrays, const Execution& execution) {
  const int threads = static_cast<int>(workspaces_.size());
  parallel_for(occupied_.size(), threads, {threads, execution.cancelled, nullptr},
               [&](std::size_t item, int thread) {
                 fill_rows(occupied_[item], workspaces_[thread], arrays);
               });
}

/// Calls body(finder) with a finder prepared for the structure.
template <typename Body>
void with_finder(const StructureView& structure, double cutoff, const Execution& execution,
                 const Body& body) {
  const auto use = [&](PairFinder& finder) {
    finder.prepare(structure, cutoff, execution);
    body(finder);
  };
  // Small structures come by the thousand, so what they need is kept; large ones give it back.
  constexpr std::size_t kKept = 1 << 15;
  if (structure.size <= kKept) {
    thread_local PairFinder kept;
    use(kept);
  } else {
    PairFinder finder;
    use(finder);
  }
}

}  // namespace

void find_neighbours(const StructureView& structure, double cutoff, NeighbourList& list,
                     const Execution& execution) {
  with_finder(structure, cutoff, execution, [&](PairFinder& finder) {
    list.first.resize(structure.size + 1);
    finder.count(list.first.data(), execution);
    const auto pairs = static_cast<std::size_t>(list.first.back());
    list.neighbour.resize(pairs);
    list.shift.resize(3 * pairs);
    list.vector.resize(3 * pairs);
    finder.fill({list.first.data(), list.neighbour.data(), list.shift.data(), list.vector.data()},
                execution);
  });
}

void count_neighbours(const StructureView& structure, double cutoff, std::int64_t* first,
                      const Execution& execution) {
  with_finder(structure, cutoff, execution,
              [&](PairFinder& finder) { finder.count(first, execution); });
}

void fill_neighbours(const StructureView& structure, double cutoff, const NeighbourArrays& arrays,
                     const Execution& execution) {
  with_finder(structure, cutoff, execution,
              [&](PairFinder& finder) { finder.fill(arrays, execution); });
}

}  // namespace soapstone
