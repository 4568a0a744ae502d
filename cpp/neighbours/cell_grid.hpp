#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/bulk_vector.hpp"
#include "common/structures.hpp"
#include "neighbours/lattice.hpp"

namespace soapstone {

/// Throws InvalidInput where the three coordinates (Å) of atom `i` are not finite lengths.
/// Returns the sum of their magnitudes.
double check_position(const double* r, std::size_t i);

/// A box along the axes, tight around the atoms of a bin.
struct Box {
  double centre[3];  ///< Å
  float half[3];     ///< half of its edges, in units of the grid
};

/// The atoms of a structure, wrapped into the cell and sorted into a grid of bins along its lattice
/// vectors. Only bins with atoms exist: however empty a cell is, and however its atoms crowd
/// together, memory goes with their number. "Slot" means a place in the sorted order; within a bin
/// atoms keep their order.
///
/// Beside the exact positions, the grid has each atom in single precision, relative to the centre
/// of its bin's box and in units of the cutoff. Their error is known: they settle which pairs are
/// neighbours, but for the few within `margin` of the cutoff.
struct CellGrid {
  Lattice lattice;
  std::int32_t bins[3];   ///< number of bins along each lattice vector
  std::int32_t reach[3];  ///< how many bins away an atom within the cutoff can be
  double unit;            ///< 1/Å; lengths times this are in units of the grid
  double margin;          ///< bounds the error of a squared distance near 1, in those units

  std::vector<std::int64_t> keys;   ///< occupied bins, ascending: (a · bins[1] + b) · bins[2] + c
  std::vector<std::int32_t> start;  ///< bin n holds the slots start[n] … start[n+1]-1
  BulkVector<Box> boxes;            ///< one for each bin

  BulkVector<std::int32_t> atom;  ///< slots; index of the atom in the structure
  BulkVector<double> given;       ///< slots × 4; coordinates as given, Å, and a zero
  BulkVector<float> x, y, z;      ///< slots, and some more; relative to the box, in units
  BulkVector<std::int32_t> wrap;  ///< slots × 3; lattice translations taken off to wrap the atom
  bool wrapped;                   ///< whether any is not zero; else `wrap` is empty

  /// Rebuilds the grid for `structure` on so many threads, reusing the storage.
  /// Throws as find_neighbours does.
  void build(const StructureView& structure, double cutoff, int threads);

  /// The first bin whose key is not below `key`.
  std::size_t first_from(std::int64_t key) const;

 private:
  struct Survey;

  Survey survey(const StructureView& structure, int threads);
  void choose_bins(std::size_t atoms, double cutoff, double slack, const double* extent);
  void sort_dense(std::size_t atoms, int threads);
  void sort_sparse(std::size_t atoms);
  std::int64_t key_of(std::size_t i) const;
  void place_atoms(const StructureView& structure, double cutoff, double slack, int threads);

  BulkVector<double> fractional_;      // atoms × 3; wrapped
  BulkVector<std::int32_t> wrap_;      // atoms × 3
  BulkVector<std::int32_t> bin_;       // atoms; where each one goes
  std::vector<std::int32_t> cursors_;  // threads × all bins
  std::vector<std::int32_t> table_;    // first_from for every key, where the grid is dense
  double origin_[3];                   // fractional coordinates at which bins begin
  double per_unit_[3];                 // bins for each unit of a fractional coordinate
};

}  // namespace soapstone
