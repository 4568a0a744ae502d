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
  void run(const StructureView& structure, double cutoff, NeighbourList& list,
           const Execution& execution);

 private:
  /// What one thread works with.
  struct Workspace {
    Candidates candidates;
    std::vector<std::int32_t> hits;
  };

  void count_rows(std::int32_t bin, double cutoff, Candidates& candidates,
                  NeighbourList& list) const;
  void fill_rows(std::int32_t bin, double cutoff, Workspace& workspace, NeighbourList& list) const;

  CellGrid grid_;
  std::vector<std::int32_t> occupied_;  // bins that have atoms
  std::vector<Workspace> workspaces_;   // one per thread
};

/// Leaves in first[i + 1] the number of neighbours of each centre i of a bin.
void PairFinder::count_rows(std::int32_t bin, double cutoff, Candidates& candidates,
                            NeighbourList& list) const {
  candidates.gather(grid_, cutoff, bin);
  candidates.load(grid_);
  const double cutoff2 = cutoff * cutoff;
  for (auto slot = static_cast<std::size_t>(grid_.start[bin]);
       slot < static_cast<std::size_t>(grid_.start[bin + 1]); ++slot) {
    candidates.set_centre_wrap(grid_, &grid_.wrap[3 * slot]);
    std::int64_t count = -1;  // the centre finds itself
    for (const double distance2 : candidates.squared_distances(&grid_.given[3 * slot])) {
      count += distance2 < cutoff2;
    }
    list.first[static_cast<std::size_t>(grid_.atom[slot]) + 1] = count;
  }
}

/// Writes the neighbours of each centre i of a bin, from first[i] on.
void PairFinder::fill_rows(std::int32_t bin, double cutoff, Workspace& workspace,
                           NeighbourList& list) const {
  auto& [candidates, hits] = workspace;
  candidates.gather(grid_, cutoff, bin);
  candidates.sort(grid_);
  candidates.load(grid_);
  const double cutoff2 = cutoff * cutoff;
  for (auto slot = static_cast<std::size_t>(grid_.start[bin]);
       slot < static_cast<std::size_t>(grid_.start[bin + 1]); ++slot) {
    const double* centre = &grid_.given[3 * slot];
    const std::int32_t self = grid_.atom[slot];
    candidates.set_centre_wrap(grid_, &grid_.wrap[3 * slot]);
    const std::vector<double>& distance2 = candidates.squared_distances(centre);
    hits.resize(distance2.size());
    const std::size_t count =
        indices_below(distance2.data(), distance2.size(), cutoff2, hits.data());
    auto pair = static_cast<std::size_t>(list.first[static_cast<std::size_t>(self)]);
    for (std::size_t n = 0; n < count; ++n) {
      const auto c = static_cast<std::size_t>(hits[n]);
      std::int32_t shift[3];
      candidates.shift_to(c, shift);
      if (candidates.atom(c) == self && (shift[0] | shift[1] | shift[2]) == 0) continue;
      list.neighbour[pair] = candidates.atom(c);
      std::copy(shift, shift + 3, &list.shift[3 * pair]);
      candidates.vector_to(c, centre, &list.vector[3 * pair]);
      ++pair;
    }
  }
}

void PairFinder::run(const StructureView& structure, double cutoff, NeighbourList& list,
                     const Execution& execution) {
  grid_.build(structure, cutoff);
  occupied_.clear();
  for (std::size_t bin = 0; bin + 1 < grid_.start.size(); ++bin) {
    if (grid_.start[bin] < grid_.start[bin + 1]) {
      occupied_.push_back(static_cast<std::int32_t>(bin));
    }
  }
  const int threads = resolve_threads(execution, structure.size / kAtomsPerThread);
  const Execution quiet{threads, execution.cancelled, nullptr};
  if (workspaces_.size() < static_cast<std::size_t>(threads)) workspaces_.resize(threads);

  list.first.resize(structure.size + 1);
  list.first[0] = 0;
  parallel_for(occupied_.size(), threads, quiet, [&](std::size_t item, int thread) {
    count_rows(occupied_[item], cutoff, workspaces_[thread].candidates, list);
  });
  for (std::size_t i = 0; i < structure.size; ++i) list.first[i + 1] += list.first[i];
  const auto pairs = static_cast<std::size_t>(list.first.back());
  list.neighbour.resize(pairs);
  list.shift.resize(3 * pairs);
  list.vector.resize(3 * pairs);
  parallel_for(occupied_.size(), threads, quiet, [&](std::size_t item, int thread) {
    fill_rows(occupied_[item], cutoff, workspaces_[thread], list);
  });
}

}  // namespace

void find_neighbours(const StructureView& structure, double cutoff, NeighbourList& list,
                     const Execution& execution) {
  if (!(cutoff > 0) || !std::isfinite(cutoff)) {
    throw Error(ErrorCode::kInvalidInput,
                "cutoff: expected a finite number > 0 Å, got " + std::to_string(cutoff));
  }
  // Small structures come by the thousand, so what they need is kept; large ones give it back.
  constexpr std::size_t kKept = 1 << 15;
  if (structure.size <= kKept) {
    thread_local PairFinder finder;
    finder.run(structure, cutoff, list, execution);
  } else {
    PairFinder().run(structure, cutoff, list, execution);
  }
}

void find_neighbours(const BatchView& batch, double cutoff, std::vector<NeighbourList>& lists,
                     const Execution& execution) {
  // Many structures are shared out whole; of few, each is shared by all threads.
  const int threads = resolve_threads(execution, batch.atoms());
  const bool whole = batch.structures >= static_cast<std::size_t>(threads);
  const Execution inner{whole ? 1 : threads, execution.cancelled, nullptr};
  lists.resize(batch.structures);
  parallel_for(batch.structures, whole ? threads : 1, execution, [&](std::size_t s, int) {
    try {
      find_neighbours(batch[s], cutoff, lists[s], inner);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kAborted) throw;
      throw Error(error.code(), "structures[" + std::to_string(s) + "]: " + error.what());
    }
  });
}

}  // namespace soapstone
