#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/structures.hpp"
#include "neighbours/lattice.hpp"

namespace soapstone {

/// An axis-aligned box around some atoms, Å.
struct Box {
  double low[3];
  double high[3];
};

/// The atoms of a structure, wrapped into the cell and sorted into a grid of bins along its lattice
/// vectors. "Slot" means a place in that sorted order; within a bin atoms keep their order.
struct CellGrid {
  Lattice lattice;
  std::int32_t bins[3];   ///< number of bins along each lattice vector
  std::int32_t reach[3];  ///< how many bins away an atom within the cutoff can be
  double slack;  ///< Å; bounds the rounding error of any distance between wrapped atoms and images

  std::vector<std::int32_t> start;  ///< bins + 1; bin b holds the slots start[b] … start[b+1]-1
  std::vector<Box> boxes;           ///< bins; tight around the atoms of each (undefined if empty)
  std::vector<std::int32_t> atom;   ///< slots; index of the atom in the structure
  std::vector<double> x, y, z;      ///< slots; wrapped coordinates r − wrap · H, Å
  std::vector<double> given;        ///< slots × 3; coordinates r as given, Å
  std::vector<std::int32_t> wrap;   ///< slots × 3; lattice translations taken off to wrap the atom

  /// Rebuilds the grid for `structure`, reusing the storage. The number of bins is at most of the
  /// order of the number of atoms, however empty the cell is.
  /// Throws as find_neighbours does.
  void build(const StructureView& structure, double cutoff);

 private:
  void choose_bins(std::size_t atoms, double cutoff, const double* extent);

  std::vector<std::int32_t> bin_;   // atoms; where each one goes
  std::vector<double> fractional_;  // atoms × 3; wrapped
  std::vector<std::int32_t> wrap_;  // atoms × 3
};

}  // namespace soapstone
