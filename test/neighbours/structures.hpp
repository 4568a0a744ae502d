#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <vector>

#include "common/structures.hpp"

namespace soapstone::testing {

/// A structure that owns its arrays.
struct Atoms {
  std::vector<double> positions;
  std::array<double, 9> cell{};
  std::array<std::uint8_t, 3> pbc{};

  std::size_t size() const { return positions.size() / 3; }

  /// The neighbour search does not look at species.
  StructureView view() const {
    return {size(), positions.data(), nullptr, cell.data(), pbc.data()};
  }

  /// Moves atom i by the lattice translation n · H.
  void translate(std::size_t i, std::initializer_list<int> n) {
    std::size_t k = 0;
    for (const int count : n) {
      for (std::size_t x = 0; x < 3; ++x) positions[3 * i + x] += count * cell[3 * k + x];
      ++k;
    }
  }
};

/// `count` atoms anywhere in the cell spanned by the rows of `cell`.
inline Atoms random_atoms(std::mt19937& random, std::size_t count,
                          const std::array<double, 9>& cell, std::array<std::uint8_t, 3> pbc) {
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  Atoms atoms;
  atoms.cell = cell;
  atoms.pbc = pbc;
  atoms.positions.resize(3 * count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < 3; ++k) {
      const double f = unit(random);
      for (std::size_t x = 0; x < 3; ++x) atoms.positions[3 * i + x] += f * cell[3 * k + x];
    }
  }
  return atoms;
}

/// The structure repeated n times along each lattice vector, images in the order of their atoms.
inline Atoms repeat(const Atoms& atoms, int n) {
  Atoms result;
  result.pbc = atoms.pbc;
  for (std::size_t e = 0; e < 9; ++e) result.cell[e] = n * atoms.cell[e];
  for (int a = 0; a < n; ++a) {
    for (int b = 0; b < n; ++b) {
      for (int c = 0; c < n; ++c) {
        Atoms image = atoms;
        for (std::size_t i = 0; i < image.size(); ++i) image.translate(i, {a, b, c});
        result.positions.insert(result.positions.end(), image.positions.begin(),
                                image.positions.end());
      }
    }
  }
  return result;
}

}  // namespace soapstone::testing
