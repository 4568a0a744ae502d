#include "neighbours/neighbour_list.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "common/parallel.hpp"
#include "neighbours/arena.hpp"
#include "neighbours/candidates.hpp"
#include "neighbours/cell_grid.hpp"
#include "neighbours/few_atoms.hpp"
#include "neighbours/rows.hpp"

// How: the centres of one bin share their candidates, the atoms of the surrounding bins that are
// within the cutoff of the box around them, sorted once for all of them. Every centre tests them
// all in single precision, and the few that are too close to the cutoff for that, exactly. The bits
// that this leaves are counted, and then, once it is known where each row goes, turned into rows.

namespace soapstone {
namespace {

/// Below this many atoms for each of them, threads cost more than they save.
constexpr std::size_t kAtomsPerThread = 1000;
/// Bins that a thread takes at a time: neighbouring ones have candidates in common.
constexpr std::size_t kBinsPerItem = 4;

void check_cutoff(double cutoff) {
  if (cutoff > 0 && std::isfinite(cutoff)) return;
  throw Error(ErrorCode::kInvalidInput,
              "cutoff: expected a finite number > 0 Å, got " + std::to_string(cutoff));
}

}  // namespace

class NeighbourSearch::Finder {
 public:
  void count(const StructureView& structure, double cutoff, const Execution& execution);
  const BulkVector<std::int64_t>& first() const { return first_; }
  void fill(const NeighbourArrays& arrays, const Execution& execution);

 private:
  /// What one thread works with.
  struct Workspace {
    BinSearch search;
    Arena arena;
    RowWriter writer;
  };

  template <typename Body>
  void for_each_bin(const Execution& execution, const Body& body) {
    const int threads = std::min(resolve_threads(execution, grid_.atom.size() / kAtomsPerThread),
                                 static_cast<int>(workspaces_.size()));
    const std::size_t bins = grid_.keys.size();
    parallel_for((bins + kBinsPerItem - 1) / kBinsPerItem, threads,
                 {threads, execution.cancelled, nullptr}, [&](std::size_t item, int thread) {
                   const std::size_t to = std::min((item + 1) * kBinsPerItem, bins);
                   for (std::size_t bin = item * kBinsPerItem; bin < to; ++bin) {
                     body(bin, workspaces_[static_cast<std::size_t>(thread)]);
                   }
                 });
  }

  CellGrid grid_;
  BulkVector<BinPairs> pairs_;         // of each bin
  BulkVector<std::int64_t> first_;     // N + 1
  std::vector<Workspace> workspaces_;  // one per thread
};

void NeighbourSearch::Finder::count(const StructureView& structure, double cutoff,
                                    const Execution& execution) {
  const int threads = resolve_threads(execution, structure.size / kAtomsPerThread);
  grid_.build(structure, cutoff, threads);
  workspaces_.resize(static_cast<std::size_t>(threads));
  for (Workspace& workspace : workspaces_) workspace.arena.clear();
  pairs_.resize(grid_.keys.size());
  first_.resize(structure.size + 1);
  first_[0] = 0;
  for_each_bin(execution, [&](std::size_t bin, Workspace& workspace) {
    const BinPairs pairs = workspace.search.find(grid_, cutoff, bin, workspace.arena);
    pairs_[bin] = pairs;
    const std::uint64_t* near = pairs.near;
    for (std::int32_t slot = grid_.start[bin]; slot < grid_.start[bin + 1]; ++slot) {
      std::int64_t count = 0;
      for (std::size_t w = 0; w < pairs.words; ++w) count += __builtin_popcountll(*near++);
      first_[static_cast<std::size_t>(grid_.atom[static_cast<std::size_t>(slot)]) + 1] = count;
    }
  });
  for (std::size_t i = 0; i < structure.size; ++i) first_[i + 1] += first_[i];
}

void NeighbourSearch::Finder::fill(const NeighbourArrays& arrays, const Execution& execution) {
  for_each_bin(execution, [&](std::size_t bin, Workspace& workspace) {
    workspace.writer.write(grid_, bin, pairs_[bin], first_.data(), arrays);
  });
}

void find_neighbours(const StructureView& structure, double cutoff, NeighbourList& list,
                     const Execution& execution) {
  check_cutoff(cutoff);
  if (is_few_atoms(structure)) {
    execution.check_cancelled();
    return find_among_few(structure, cutoff, list);
  }
  const auto find = [&](NeighbourSearch::Finder& finder) {
    finder.count(structure, cutoff, execution);
    list.first = finder.first();
    const auto pairs = static_cast<std::size_t>(list.first.back());
    list.neighbour.resize(pairs);
    list.shift.resize(3 * pairs);
    list.vector.resize(3 * pairs);
    finder.fill({list.neighbour.data(), list.shift.data(), list.vector.data()}, execution);
  };
  // Small structures come by the thousand, so what they need is kept; large ones give it back.
  constexpr std::size_t kKept = 1 << 13;
  if (structure.size <= kKept) {
    thread_local NeighbourSearch::Finder kept;
    find(kept);
  } else {
    NeighbourSearch::Finder finder;
    find(finder);
  }
}

NeighbourSearch::NeighbourSearch() = default;
NeighbourSearch::~NeighbourSearch() = default;
NeighbourSearch::NeighbourSearch(NeighbourSearch&&) noexcept = default;
NeighbourSearch& NeighbourSearch::operator=(NeighbourSearch&&) noexcept = default;

void NeighbourSearch::count(const StructureView& structure, double cutoff, std::int64_t* first,
                            const Execution& execution) {
  structure_ = structure;
  cutoff_ = cutoff;
  pairs_ = 0;
  check_cutoff(cutoff);
  if (is_few_atoms(structure)) {
    thread_local NeighbourList list;
    find_neighbours(structure, cutoff, list, execution);
    std::copy(list.first.begin(), list.first.end(), first);
    finder_ = nullptr;
  } else {
    if (finder_ == nullptr) finder_ = std::make_unique<Finder>();
    finder_->count(structure, cutoff, execution);
    std::copy(finder_->first().begin(), finder_->first().end(), first);
  }
  pairs_ = static_cast<std::size_t>(first[structure.size]);
}

void NeighbourSearch::fill(const NeighbourArrays& arrays, const Execution& execution) {
  if (pairs_ == 0) return;
  if (finder_ == nullptr) {
    thread_local NeighbourList list;
    find_neighbours(structure_, cutoff_, list, execution);
    std::copy(list.neighbour.begin(), list.neighbour.end(), arrays.neighbour);
    std::copy(list.shift.begin(), list.shift.end(), arrays.shift);
    std::copy(list.vector.begin(), list.vector.end(), arrays.vector);
    return;
  }
  finder_->fill(arrays, execution);
}

}  // namespace soapstone
