#pragma once

#include "common/structures.hpp"
#include "neighbours/neighbour_list.hpp"

namespace soapstone {

/// Whether a structure is a molecule so small that a grid would only slow the search down.
bool is_few_atoms(const StructureView& structure);

/// find_neighbours for such a structure, by trying all pairs.
void find_among_few(const StructureView& structure, double cutoff, NeighbourList& list);

}  // namespace soapstone
