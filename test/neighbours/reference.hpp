#pragma once

// The definition of the neighbour list, written down as loops.

#include <cmath>

#include "neighbours/lattice.hpp"
#include "neighbours/neighbour_list.hpp"

namespace soapstone::reference {

/// What find_neighbours must return, by trying every pair of atoms in every image that the cutoff
/// can reach: O(N²) and slow.
inline NeighbourList find_neighbours(const StructureView& structure, double cutoff) {
  const Lattice lattice = complete_lattice(structure.cell, structure.pbc);
  const double* h = structure.cell;
  NeighbourList list;
  list.first.push_back(0);
  for (std::size_t i = 0; i < structure.size; ++i) {
    for (std::size_t j = 0; j < structure.size; ++j) {
      const double* ri = structure.positions + 3 * i;
      const double* rj = structure.positions + 3 * j;
      int low[3] = {};
      int high[3] = {};
      for (int k = 0; k < 3; ++k) {
        if (!lattice.periodic[k]) continue;
        // |f_j − f_i + S_k| · height_k is at most the distance; one more image for rounding.
        const double* g = lattice.reciprocal[k];
        const double f = g[0] * (rj[0] - ri[0]) + g[1] * (rj[1] - ri[1]) + g[2] * (rj[2] - ri[2]);
        low[k] = static_cast<int>(std::floor(-cutoff / lattice.heights[k] - f)) - 1;
        high[k] = static_cast<int>(std::ceil(cutoff / lattice.heights[k] - f)) + 1;
      }
      for (int s0 = low[0]; s0 <= high[0]; ++s0) {
        for (int s1 = low[1]; s1 <= high[1]; ++s1) {
          for (int s2 = low[2]; s2 <= high[2]; ++s2) {
            if (i == j && s0 == 0 && s1 == 0 && s2 == 0) continue;
            double d[3];
            for (int x = 0; x < 3; ++x) {
              d[x] = (rj[x] - ri[x]) + (lattice.periodic[0] ? s0 * h[x] : 0) +
                     (lattice.periodic[1] ? s1 * h[3 + x] : 0) +
                     (lattice.periodic[2] ? s2 * h[6 + x] : 0);
            }
            if (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] >= cutoff * cutoff) continue;
            list.neighbour.push_back(static_cast<std::int32_t>(j));
            list.shift.insert(list.shift.end(), {s0, s1, s2});
            list.vector.insert(list.vector.end(), {d[0], d[1], d[2]});
          }
        }
      }
    }
    list.first.push_back(static_cast<std::int64_t>(list.neighbour.size()));
  }
  return list;
}

}  // namespace soapstone::reference
