#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace soapstone {

/// Determinant of the cell whose rows are the lattice vectors h: its volume, Å³, less than zero
/// where they are left-handed.
inline double cell_determinant(const double* h) {
  return h[0] * (h[4] * h[8] - h[5] * h[7]) - h[1] * (h[3] * h[8] - h[5] * h[6]) +
         h[2] * (h[3] * h[7] - h[4] * h[6]);
}

/// Volume of a cell, Å³; zero where there is none.
inline double cell_volume(const double* h) { return std::abs(cell_determinant(h)); }

/// One structure, borrowed: nothing here is owned.
struct StructureView {
  std::size_t size;             ///< number of atoms N
  const double* positions;      ///< N × 3, Å
  const std::int32_t* species;  ///< N atomic numbers
  const double* cell;  ///< 3 × 3, rows are the lattice vectors, Å; zero rows where there is none
  const std::uint8_t* pbc;  ///< 3 flags: periodic along each lattice vector
};

/// Many structures, their atoms concatenated: the only form in which structures enter the core.
struct BatchView {
  std::size_t structures;
  const double* positions;      ///< A × 3 for all A atoms, Å
  const std::int32_t* species;  ///< A atomic numbers
  const std::int32_t*
      offsets;          ///< structures + 1; atoms of structure s are offsets[s] … offsets[s+1]-1
  const double* cells;  ///< structures × 9
  const std::uint8_t* pbc;  ///< structures × 3

  std::size_t atoms() const { return static_cast<std::size_t>(offsets[structures]); }

  StructureView operator[](std::size_t s) const {
    const auto first = static_cast<std::size_t>(offsets[s]);
    const auto last = static_cast<std::size_t>(offsets[s + 1]);
    return {last - first, positions + 3 * first, species + first, cells + 9 * s, pbc + 3 * s};
  }
};

}  // namespace soapstone
