#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "common/execution.hpp"
#include "common/structures.hpp"
#include "neighbours/batch.hpp"
#include "neighbours/neighbour_list.hpp"

namespace soapstone {

/// Consecutive structures of a batch with their neighbour lists: what is worked on at a time, so
/// that memory does not grow with the batch.
struct Shard {
  std::size_t first_structure = 0;
  std::size_t structures = 0;
  std::size_t first_atom = 0;  ///< in the batch
  std::size_t atoms = 0;
  std::vector<NeighbourList> lists;    ///< one per structure
  std::vector<std::size_t> structure;  ///< atoms: which of the shard's structures an atom is in
  std::vector<std::size_t> offset;     ///< structures + 1: first atom of each, within the shard
};

/// Where the pairs of each structure of a shard begin, and their number at the end.
inline std::vector<std::size_t> first_pairs(const Shard& shard) {
  std::vector<std::size_t> first{0};
  for (std::size_t s = 0; s < shard.structures; ++s) {
    first.push_back(first.back() + shard.lists[s].pairs());
  }
  return first;
}

/// Visits the batch in shards of at most `most_atoms` atoms (or one structure, if that is larger).
/// Neighbours of many structures are found structure by structure, of few by all threads together.
/// Errors of the neighbours name the structure, `structures[s]`.
template <typename Visit>
void for_each_shard(const BatchView& batch, double cutoff, std::size_t most_atoms,
                    const Execution& execution, const Visit& visit) {
  const Execution quiet = execution.quiet();
  Shard shard;
  for (std::size_t s = 0; s < batch.structures; s += shard.structures) {
    shard.first_structure = s;
    shard.first_atom = static_cast<std::size_t>(batch.offsets[s]);
    shard.structures = 0;
    shard.structure.clear();
    shard.offset.assign(1, 0);
    while (s + shard.structures < batch.structures) {
      const std::size_t size = batch[s + shard.structures].size;
      if (shard.structures > 0 && shard.structure.size() + size > most_atoms) break;
      shard.structure.insert(shard.structure.end(), size, shard.structures);
      shard.offset.push_back(shard.structure.size());
      ++shard.structures;
    }
    shard.atoms = shard.structure.size();
    if (shard.lists.size() < shard.structures) shard.lists.resize(shard.structures);
    share_structures(s, shard.structures, shard.atoms, quiet,
                     [&](std::size_t k, const Execution& inner) {
                       find_neighbours(batch[k], cutoff, shard.lists[k - s], inner);
                     });
    visit(shard);
  }
}

/// Adds the derivatives ∂L/∂r_ij of a structure's pairs up to those with respect to its atoms,
/// positions[3·atom + axis], and, unless null, to strain, strain[3·a + b] += Σ r_a ∂L/∂r_b (r →
/// r(1+ε) for positions and cell).
inline void scatter_pair_gradients(const NeighbourList& list, const double* pair_gradient,
                                   double* positions, double* strain) {
  const std::size_t atoms = list.first.size() - 1;
  for (std::size_t i = 0; i < atoms; ++i) {
    double own[3] = {0.0, 0.0, 0.0};
    for (auto p = static_cast<std::size_t>(list.first[i]);
         p < static_cast<std::size_t>(list.first[i + 1]); ++p) {
      const double* g = pair_gradient + 3 * p;
      double* other = positions + 3 * static_cast<std::size_t>(list.neighbour[p]);
      for (int axis = 0; axis < 3; ++axis) {
        other[axis] += g[axis];
        own[axis] += g[axis];
      }
      if (strain == nullptr) continue;
      for (int a = 0; a < 3; ++a) {
        for (int b = 0; b < 3; ++b) strain[3 * a + b] += list.vector[3 * p + a] * g[b];
      }
    }
    for (int axis = 0; axis < 3; ++axis) positions[3 * i + axis] -= own[axis];
  }
}

}  // namespace soapstone
