#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "common/bulk_vector.hpp"
#include "common/execution.hpp"
#include "common/structures.hpp"

namespace soapstone {

/// Full neighbour list in compressed rows: every pair appears from both of its ends.
///
/// Pair p with first[i] ≤ p < first[i+1] says that atom j = neighbour[p], moved by the lattice
/// translation S = shift[p], lies strictly within the cutoff of atom i:
///
///     vector[p] = r_ij = r_j − r_i + S · H,   0 < |r_ij| < cutoff   (or i ≠ j at distance 0),
///
/// with H the cell, its rows the lattice vectors. An atom is a neighbour of its own images (S ≠ 0)
/// and never of itself (j = i, S = 0). Within a centre pairs are ordered by (j, S).
struct NeighbourList {
  BulkVector<std::int64_t> first;      ///< N + 1
  BulkVector<std::int32_t> neighbour;  ///< pairs
  BulkVector<std::int32_t> shift;      ///< pairs × 3
  BulkVector<double> vector;           ///< pairs × 3, Å

  std::size_t pairs() const { return neighbour.size(); }
};

/// Finds all pairs closer than `cutoff` (Å, > 0, finite) in time linear in the number of atoms.
/// Takes any triclinic cell (left-handed, rotated, smaller than the cutoff), any mixture of
/// periodic and open directions, and atoms anywhere. Lattice vectors of open directions are
/// ignored. `list` is overwritten; its storage is reused. A large structure is shared among the
/// threads of `execution`; it reports no progress.
/// Throws InvalidInput where periodic lattice vectors are linearly dependent or a position is not
/// finite, MemoryLimit where the cutoff reaches more than 2^31 images.
void find_neighbours(const StructureView& structure, double cutoff, NeighbourList& list,
                     const Execution& execution = {1, nullptr, nullptr});

/// Where the list of N atoms with P pairs goes; the members are those of NeighbourList.
struct NeighbourArrays {
  std::int32_t* neighbour;  ///< P
  std::int32_t* shift;      ///< P × 3
  double* vector;           ///< P × 3, Å
};

/// The same in two steps, for callers who own the arrays and must know their size first. Between
/// the steps it holds a tenth of what the list will take.
class NeighbourSearch {
 public:
  NeighbourSearch();
  ~NeighbourSearch();
  NeighbourSearch(NeighbourSearch&&) noexcept;
  NeighbourSearch& operator=(NeighbourSearch&&) noexcept;

  /// Finds the pairs and writes where those of each atom begin and end, first[0 … N] with
  /// first[N] = P. The structure's arrays must outlive this. Memory of an earlier search is reused.
  void count(const StructureView& structure, double cutoff, std::int64_t* first,
             const Execution& execution);

  /// P; 0 before count.
  std::size_t pairs() const { return pairs_; }

  /// Writes everything else.
  void fill(const NeighbourArrays& arrays, const Execution& execution);

 private:
  class Finder;
  friend void find_neighbours(const StructureView&, double, NeighbourList&, const Execution&);

  StructureView structure_{};
  double cutoff_ = 0;
  std::size_t pairs_ = 0;
  std::unique_ptr<Finder> finder_;  // none for a few atoms, of which the list is found again
};

}  // namespace soapstone
