#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <utility>
#include <vector>

#include "common/structures.hpp"
#include "neighbours/neighbour_list.hpp"

namespace soapstone::testing {

/// A structure that owns its arrays.
struct System {
  std::vector<double> positions;
  std::vector<std::int32_t> species;
  std::array<double, 9> cell{};
  std::array<std::uint8_t, 3> pbc{};

  std::size_t size() const { return species.size(); }

  StructureView view() const {
    return {size(), positions.data(), species.data(), cell.data(), pbc.data()};
  }

  System moved(std::size_t coordinate, double by) const {
    System result = *this;
    result.positions[coordinate] += by;
    return result;
  }

  /// r → r (1 + ε) with ε_ab the one component that is not zero, for positions and cell.
  System strained(std::size_t a, std::size_t b, double epsilon) const {
    System result = *this;
    for (std::size_t i = 0; i < size(); ++i) {
      result.positions[3 * i + b] += epsilon * positions[3 * i + a];
    }
    for (std::size_t k = 0; k < 3; ++k) result.cell[3 * k + b] += epsilon * cell[3 * k + a];
    return result;
  }
};

/// Structures laid end to end, as they enter the core.
class Systems {
 public:
  explicit Systems(std::vector<System> systems) : systems_(std::move(systems)) {
    for (const System& system : systems_) {
      positions_.insert(positions_.end(), system.positions.begin(), system.positions.end());
      species_.insert(species_.end(), system.species.begin(), system.species.end());
      cells_.insert(cells_.end(), system.cell.begin(), system.cell.end());
      pbc_.insert(pbc_.end(), system.pbc.begin(), system.pbc.end());
      offsets_.push_back(static_cast<std::int32_t>(species_.size()));
    }
  }

  std::size_t size() const { return systems_.size(); }
  std::size_t atoms() const { return species_.size(); }
  const System& operator[](std::size_t s) const { return systems_[s]; }
  auto begin() const { return systems_.begin(); }
  auto end() const { return systems_.end(); }

  BatchView view() const {
    return {size(),          positions_.data(), species_.data(),
            offsets_.data(), cells_.data(),     pbc_.data()};
  }

 private:
  std::vector<System> systems_;
  std::vector<double> positions_;
  std::vector<std::int32_t> species_;
  std::vector<std::int32_t> offsets_{0};
  std::vector<double> cells_;
  std::vector<std::uint8_t> pbc_;
};

/// `count` atoms of the given species in turn, near the points of a grid 1.5 Å wide, in open space.
inline System cluster(unsigned seed, std::size_t count, std::vector<std::int32_t> species) {
  std::mt19937 random(seed);
  std::normal_distribution<double> shake(0.0, 0.15);
  System system;
  for (std::size_t i = 0; i < count; ++i) {
    for (const std::size_t cell : {i % 3, i / 3 % 3, i / 9}) {
      system.positions.push_back(1.5 * static_cast<double>(cell) + shake(random));
    }
    system.species.push_back(species[(i + i / 3) % species.size()]);
  }
  return system;
}

/// `count` atoms in a periodic triclinic cell of about 3 Å a side: with a usual cutoff every atom
/// sees images of itself and of the others, many times.
inline System crystal(unsigned seed, std::size_t count, std::vector<std::int32_t> species) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  System system;
  system.cell = {3.1, 0.2, -0.3, 0.9, 2.8, 0.1, -0.5, 0.7, 3.4};
  system.pbc = {1, 1, 1};
  for (std::size_t i = 0; i < count; ++i) {
    // Along a body diagonal, so that atoms keep apart, and a little off it.
    const double along = static_cast<double>(i) / static_cast<double>(count);
    std::array<double, 3> r{};
    for (std::size_t k = 0; k < 3; ++k) {
      const double f = along + 0.1 * unit(random);
      for (std::size_t x = 0; x < 3; ++x) r[x] += f * system.cell[3 * k + x];
    }
    system.positions.insert(system.positions.end(), r.begin(), r.end());
    system.species.push_back(species[i % species.size()]);
  }
  return system;
}

/// make(seed) for the first seed from `seed` on of which no pair is within 0.001 Å of any of the
/// radii: those where a cutoff begins or ends, for its second derivative jumps there and misleads
/// finite differences.
template <typename Make>
System clear_of(std::initializer_list<double> radii, unsigned seed, const Make& make) {
  const auto is_clear = [&](const System& system) {
    NeighbourList list;
    find_neighbours(system.view(), std::max(radii) + 0.01, list);
    for (std::size_t p = 0; p < list.pairs(); ++p) {
      const double* r = &list.vector[3 * p];
      const double distance = std::sqrt(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]);
      for (const double radius : radii) {
        if (std::abs(distance - radius) < 1e-3) return false;
      }
    }
    return true;
  };
  System system = make(seed);
  while (!is_clear(system)) system = make(++seed);
  return system;
}

}  // namespace soapstone::testing
