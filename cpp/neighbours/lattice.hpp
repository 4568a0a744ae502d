#pragma once

#include <cstdint>

namespace soapstone {

/// A cell whose open directions have been given lattice vectors, so that it can be inverted.
///
/// Periodic rows are the structure's own. An open row is a unit vector perpendicular to all other
/// rows, whatever the structure says there, so that its fractional coordinate is a length in Å.
struct Lattice {
  bool periodic[3];
  double vectors[3][3];     ///< rows are the lattice vectors, Å
  double reciprocal[3][3];  ///< rows g_k: the fractional coordinate k of r is g_k · r
  double heights[3];        ///< distance between the two faces that vector k connects, Å
};

/// Completes `cell` (3 × 3, rows) where `pbc` is 0.
/// Throws InvalidInput where the periodic rows are not finite or linearly dependent.
Lattice complete_lattice(const double* cell, const std::uint8_t* pbc);

}  // namespace soapstone
