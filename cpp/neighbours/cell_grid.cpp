#include "neighbours/cell_grid.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "common/error.hpp"

namespace soapstone {
namespace {

// Bins wider than the cutoff: more centres share one gathering of candidates, of which fewer are
// out of reach of all of them. 1.5 is the measured optimum, a flat one, at 25 to 100 neighbours.
constexpr double kBinWidth = 1.5;
// Up to this many atoms, testing all against all is faster than any sorting.
constexpr std::size_t kOneBin = 64;
// Longest coordinate, in Å, taken for a length: its square and cube must not overflow.
constexpr double kFarthest = 1e100;
// Farthest cell an atom may be in: leaves sums of shifts room in 32 bits.
constexpr double kFarthestCell = 1 << 28;
// Most copies of atoms that may lie within reach of one structure.
constexpr double kMostImages = 1u << 31;

[[noreturn]] void fail_position(std::size_t atom, const char* why) {
  throw Error(ErrorCode::kInvalidInput, "positions: atom " + std::to_string(atom) + " " + why);
}

}  // namespace

void CellGrid::choose_bins(std::size_t atoms, double cutoff, const double* extent) {
  const double width = kBinWidth * cutoff;
  // Bounds the memory of a large and nearly empty cell; a crystal or liquid stays far below it.
  const double most = atoms <= kOneBin ? 1.0 : 2.0 * static_cast<double>(atoms);
  double count[3];
  for (int k = 0; k < 3; ++k) count[k] = std::clamp(std::floor(extent[k] / width), 1.0, most);
  for (double total; (total = count[0] * count[1] * count[2]) > most;) {
    const double scale = std::cbrt(most / total);
    for (double& c : count) c = std::max(1.0, std::floor(c * scale));
  }
  for (int k = 0; k < 3; ++k) {
    bins[k] = static_cast<std::int32_t>(count[k]);
    if (lattice.periodic[k]) {
      reach[k] = static_cast<std::int32_t>(std::ceil((cutoff + slack) * count[k] / extent[k]));
    } else {
      // The same, for an extent that may be 0, and never beyond the last bin.
      const double far = std::ceil((cutoff + slack) * count[k] / std::max(extent[k], slack));
      reach[k] = static_cast<std::int32_t>(std::min(far, count[k] - 1));
    }
  }
}

void CellGrid::build(const StructureView& structure, double cutoff) {
  const std::size_t n = structure.size;
  lattice = complete_lattice(structure.cell, structure.pbc);
  bin_.resize(n);
  fractional_.resize(3 * n);
  wrap_.resize(3 * n);

  // Fractional coordinates, wrapped along periodic directions.
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double low[3] = {kInfinity, kInfinity, kInfinity};
  double high[3] = {-kInfinity, -kInfinity, -kInfinity};
  double farthest = 0;
  double most_wraps[3] = {};
  for (std::size_t i = 0; i < n; ++i) {
    const double* r = structure.positions + 3 * i;
    const double size = std::abs(r[0]) + std::abs(r[1]) + std::abs(r[2]);
    if (!(size < kFarthest)) fail_position(i, "has a coordinate that is not a finite length");
    farthest = std::max(farthest, size);
    for (int k = 0; k < 3; ++k) {
      const double* g = lattice.reciprocal[k];
      double f = g[0] * r[0] + g[1] * r[1] + g[2] * r[2];
      double cell = 0;
      if (lattice.periodic[k]) {
        cell = std::floor(f);
        if (!(std::abs(cell) < kFarthestCell)) fail_position(i, "is too many cells away to wrap");
        most_wraps[k] = std::max(most_wraps[k], std::abs(cell));
        f -= cell;
      }
      low[k] = std::min(low[k], f);
      high[k] = std::max(high[k], f);
      fractional_[3 * i + k] = f;
      wrap_[3 * i + k] = static_cast<std::int32_t>(cell);
    }
  }

  double extent[3];
  double images = static_cast<double>(n);
  double scale = farthest + cutoff;
  for (int k = 0; k < 3; ++k) {
    if (lattice.periodic[k]) {
      const double* h = lattice.vectors[k];
      const double cells = 2 * cutoff / lattice.heights[k] + 1;
      extent[k] = lattice.heights[k];
      images *= cells;
      scale += (most_wraps[k] + cells) * (std::abs(h[0]) + std::abs(h[1]) + std::abs(h[2]));
    } else {
      extent[k] = n == 0 ? 0 : high[k] - low[k];
    }
  }
  if (!(images < kMostImages)) {
    throw Error(ErrorCode::kMemoryLimit,
                "cutoff: " + std::to_string(cutoff) +
                    " Å reaches more than 2^31 periodic images of atoms; give a smaller one");
  }
  slack = 64 * std::numeric_limits<double>::epsilon() * scale;
  choose_bins(n, cutoff, extent);

  // A counting sort into bins, stable.
  const std::size_t count = static_cast<std::size_t>(bins[0]) * bins[1] * bins[2];
  double per_unit[3];
  double origin[3];
  for (int k = 0; k < 3; ++k) {
    origin[k] = lattice.periodic[k] ? 0 : low[k];
    const double length = lattice.periodic[k] ? 1 : extent[k];
    per_unit[k] = bins[k] == 1 ? 0 : bins[k] / length;
  }
  start.assign(count + 1, 0);
  for (std::size_t i = 0; i < n; ++i) {
    std::int32_t bin = 0;
    for (int k = 0; k < 3; ++k) {
      const auto b = static_cast<std::int32_t>((fractional_[3 * i + k] - origin[k]) * per_unit[k]);
      bin = bin * bins[k] + std::min(b, bins[k] - 1);
    }
    bin_[i] = bin;
    ++start[static_cast<std::size_t>(bin) + 1];
  }
  for (std::size_t b = 0; b < count; ++b) start[b + 1] += start[b];

  atom.resize(n);
  x.resize(n);
  y.resize(n);
  z.resize(n);
  wrap.resize(3 * n);
  given.resize(3 * n);
  boxes.assign(count, Box{{kInfinity, kInfinity, kInfinity}, {-kInfinity, -kInfinity, -kInfinity}});
  const auto& h = lattice.vectors;
  for (std::size_t i = 0; i < n; ++i) {
    const auto bin = static_cast<std::size_t>(bin_[i]);
    // start[b] serves as the cursor of bin b and ends at the start of b + 1.
    const auto slot = static_cast<std::size_t>(start[bin]++);
    const std::int32_t* w = &wrap_[3 * i];
    double r[3];
    for (int a = 0; a < 3; ++a) {
      r[a] = structure.positions[3 * i + a] - (w[0] * h[0][a] + w[1] * h[1][a] + w[2] * h[2][a]);
      boxes[bin].low[a] = std::min(boxes[bin].low[a], r[a]);
      boxes[bin].high[a] = std::max(boxes[bin].high[a], r[a]);
      wrap[3 * slot + a] = w[a];
      given[3 * slot + a] = structure.positions[3 * i + a];
    }
    atom[slot] = static_cast<std::int32_t>(i);
    x[slot] = r[0];
    y[slot] = r[1];
    z[slot] = r[2];
  }
  std::copy_backward(start.begin(), start.end() - 1, start.end());
  start[0] = 0;
}

}  // namespace soapstone
