#pragma once

#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/structures.hpp"

namespace soapstone::bench {

/// One periodic structure that owns its arrays.
struct OwnedStructure {
  std::vector<double> positions, cell;
  std::vector<std::int32_t> species, offsets;
  std::vector<std::uint8_t> pbc;

  BatchView batch() const {
    return {1, positions.data(), species.data(), offsets.data(), cell.data(), pbc.data()};
  }
  StructureView view() const { return batch()[0]; }
};

/// Reads what bench/roofline.mjs writes, numbers between blanks: N, nine of the cell, then atomic
/// number and position of each atom.
inline OwnedStructure read_structure(const std::string& path) {
  std::ifstream file(path);
  std::size_t atoms = 0;
  file >> atoms;
  OwnedStructure structure{std::vector<double>(3 * atoms),
                           std::vector<double>(9),
                           std::vector<std::int32_t>(atoms),
                           {0, static_cast<std::int32_t>(atoms)},
                           {1, 1, 1}};
  for (double& x : structure.cell) file >> x;
  for (std::size_t i = 0; i < atoms; ++i) {
    file >> structure.species[i];
    for (int axis = 0; axis < 3; ++axis) file >> structure.positions[3 * i + axis];
  }
  if (!file || atoms == 0) throw std::runtime_error(path + " is no structure");
  return structure;
}

}  // namespace soapstone::bench
