#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/bulk_vector.hpp"
#include "neighbours/candidates.hpp"
#include "neighbours/cell_grid.hpp"
#include "neighbours/neighbour_list.hpp"

namespace soapstone {

/// Writes the rows of a list from the bits that a search has left.
class RowWriter {
 public:
  /// Writes the neighbours of each centre i in the bin from pair first[i] on.
  void write(const CellGrid& grid, std::size_t bin, const BinPairs& pairs,
             const std::int64_t* first, const NeighbourArrays& arrays);

 private:
  void move_shifts(const CellGrid& grid, const BinPairs& pairs, const std::int32_t* wrap);

  // For the centre at hand, of each of the bin's shifts, padded to four numbers.
  BulkVector<std::int32_t> shift_;
  BulkVector<double> translation_;  // S · H, Å
};

}  // namespace soapstone
