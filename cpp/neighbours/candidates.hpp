#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/bulk_vector.hpp"
#include "neighbours/arena.hpp"
#include "neighbours/cell_grid.hpp"

namespace soapstone {

/// An atom, in one of its images, that may be a neighbour of the centres in one bin of a grid.
struct Candidate {
  std::int32_t slot;
  std::int32_t shift;  ///< index in BinPairs::shifts
};

/// Lattice translations S of a candidate for a centre that was not wrapped.
struct Shift {
  std::int32_t s[3];
};

/// The pairs of all centres in one bin: bits over its candidates, which are in ascending order of
/// (atom, lattice shift) and so give every centre its neighbours in order.
struct BinPairs {
  const Candidate* candidates;
  const Shift* shifts;
  const std::uint64_t* near;  ///< centres × words
  std::size_t size;           ///< number of candidates
  std::size_t shift_count;
  std::size_t words;  ///< of the bits of one centre
};

/// r_ij = (r_j − r_i) + S · H of a pair, from positions as given. It changes sign exactly, to the
/// last bit, when the pair is seen from its other end.
void translation(const Lattice& lattice, const std::int32_t* shift, double* out);

/// Finds the pairs of the centres in a bin, one bin after another. The candidates, atoms within the
/// cutoff of the box around the centres, are found once for all of them.
class BinSearch {
 public:
  /// What is found is stored in `arena`.
  BinPairs find(const CellGrid& grid, double cutoff, std::size_t bin, Arena& arena);

 private:
  void gather(const CellGrid& grid, std::size_t bin);
  void gather_bin(const CellGrid& grid, const Box& centres, std::size_t bin, const Shift& image,
                  const double* translation);
  void sort(const CellGrid& grid);

  // What was found, in the order in which it was; the first size_ elements count.
  std::size_t size_ = 0;
  BulkVector<Candidate> found_;
  BulkVector<float> x_, y_, z_;  // relative to the box around the centres, in units of the grid
  std::vector<Shift> shifts_;
  std::size_t own_ = 0;  // where the centres are among them

  BulkVector<std::uint64_t> order_, spare_;  // atom · 2^32 + index in found_, to be sorted
  BulkVector<float> sorted_x_, sorted_y_, sorted_z_;
  std::vector<std::size_t> self_;  // centres; which candidate each of them is
};

}  // namespace soapstone
