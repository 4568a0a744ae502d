#include "neighbours/cell_grid.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "common/error.hpp"
#include "common/parallel.hpp"
#include "neighbours/near.hpp"

namespace soapstone {
namespace {

// Bins wider than the cutoff: more centres share one gathering of candidates, of which fewer are
// out of reach of all of them. Measured: so many atoms are best, as far as the width, in cutoffs,
// stays in these bounds; the optimum is a flat one.
constexpr double kAtomsPerBin = 48;
constexpr double kNarrowest = 1.5;
constexpr double kWidestBin = 2;
// Up to this many atoms, testing all against all is faster than any sorting.
constexpr std::size_t kOneBin = 64;
// Most bins along an axis: a key, of three of them, fits into 64 bits.
constexpr double kMostBins = 1 << 20;
// Most bins for each atom of a grid with a table of all bins.
constexpr double kDense = 2;
// Longest coordinate, in Å, taken for a length: its square and cube must not overflow.
constexpr double kFarthest = 1e100;
// Farthest cell an atom may be in: leaves sums of shifts room in 32 bits.
constexpr double kFarthestCell = 1 << 28;
// Most copies of atoms that may lie within reach of one structure.
constexpr double kMostImages = 1u << 31;
// Widest box, in cutoffs, in which single precision tells anything.
constexpr double kWidest = 1e5;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Calls body(part, from, to) for each of `parts` equal parts of [0, count).
template <typename Body>
void for_each_part(std::size_t count, int parts, const Body& body) {
  const auto n = static_cast<std::size_t>(parts);
  parallel_for(n, parts, {parts, nullptr, nullptr}, [&](std::size_t part, int) {
    body(part, part * count / n, (part + 1) * count / n);
  });
}

[[noreturn]] void refuse(std::size_t i, const char* why) {
  throw Error(ErrorCode::kInvalidInput, "positions: atom " + std::to_string(i) + " " + why);
}

constexpr const char* kNotFinite = "has a coordinate that is not a finite length";

}  // namespace

double check_position(const double* r, std::size_t i) {
  const double size = std::abs(r[0]) + std::abs(r[1]) + std::abs(r[2]);
  if (!(size < kFarthest)) refuse(i, kNotFinite);
  return size;
}

/// What is known after one look at all atoms.
struct CellGrid::Survey {
  double low[3] = {kInfinity, kInfinity, kInfinity};  // of wrapped fractional coordinates
  double high[3] = {-kInfinity, -kInfinity, -kInfinity};
  double most_wraps[3] = {};
  double farthest = 0;  // |x| + |y| + |z|, Å
  std::size_t refused = std::numeric_limits<std::size_t>::max();
  const char* why = nullptr;

  void merge(const Survey& other) {
    for (int k = 0; k < 3; ++k) {
      low[k] = std::min(low[k], other.low[k]);
      high[k] = std::max(high[k], other.high[k]);
      most_wraps[k] = std::max(most_wraps[k], other.most_wraps[k]);
    }
    farthest = std::max(farthest, other.farthest);
    if (other.refused < refused) {
      refused = other.refused;
      why = other.why;
    }
  }
};

/// Computes wrapped fractional coordinates of all atoms.
CellGrid::Survey CellGrid::survey(const StructureView& structure, int threads) {
  std::vector<Survey> parts(static_cast<std::size_t>(threads));
  for_each_part(structure.size, threads, [&](std::size_t part, std::size_t from, std::size_t to) {
    Survey s;
    for (std::size_t i = from; i < to; ++i) {
      const double* r = structure.positions + 3 * i;
      const double size = std::abs(r[0]) + std::abs(r[1]) + std::abs(r[2]);
      if (!(size < kFarthest)) {
        s.refused = i;
        s.why = kNotFinite;
        break;
      }
      s.farthest = std::max(s.farthest, size);
      for (int k = 0; k < 3; ++k) {
        const double* g = lattice.reciprocal[k];
        double f = g[0] * r[0] + g[1] * r[1] + g[2] * r[2];
        double cell = 0;
        if (lattice.periodic[k]) {
          cell = std::floor(f);
          if (!(std::abs(cell) < kFarthestCell) && s.why == nullptr) {
            s.refused = i;
            s.why = "is too many cells away to wrap";
            cell = 0;
          }
          s.most_wraps[k] = std::max(s.most_wraps[k], std::abs(cell));
          f -= cell;
        }
        s.low[k] = std::min(s.low[k], f);
        s.high[k] = std::max(s.high[k], f);
        fractional_[3 * i + k] = f;
        wrap_[3 * i + k] = static_cast<std::int32_t>(cell);
      }
      if (s.why != nullptr) break;
    }
    parts[part] = s;
  });
  Survey all;
  for (const Survey& part : parts) all.merge(part);
  return all;
}

void CellGrid::choose_bins(std::size_t atoms, double cutoff, double slack, const double* extent) {
  const double most = atoms <= kOneBin ? 1.0 : kMostBins;
  const double volume = extent[0] * extent[1] * extent[2];  // but for the skew of the cell
  const double wanted = std::cbrt(kAtomsPerBin * volume / static_cast<double>(atoms));
  const double width = atoms <= kOneBin
                           ? kNarrowest * cutoff
                           : std::clamp(wanted, kNarrowest * cutoff, kWidestBin * cutoff);
  for (int k = 0; k < 3; ++k) {
    const double count = std::clamp(std::round(extent[k] / width), 1.0, most);
    bins[k] = static_cast<std::int32_t>(count);
    const double length = lattice.periodic[k] ? 1 : extent[k];
    per_unit_[k] = bins[k] == 1 ? 0 : count / length;
    if (lattice.periodic[k]) {
      reach[k] = static_cast<std::int32_t>(std::ceil((cutoff + slack) * count / extent[k]));
    } else {
      // The same, for an extent that may be 0, and never beyond the last bin.
      const double far = std::ceil((cutoff + slack) * count / std::max(extent[k], slack));
      reach[k] = static_cast<std::int32_t>(std::min(far, count - 1));
    }
  }
}

std::int64_t CellGrid::key_of(std::size_t i) const {
  std::int64_t key = 0;
  for (int k = 0; k < 3; ++k) {
    const auto b = static_cast<std::int32_t>((fractional_[3 * i + k] - origin_[k]) * per_unit_[k]);
    key = key * bins[k] + std::min(b, bins[k] - 1);
  }
  return key;
}

/// A stable counting sort into bins. Every thread counts, and later places, a part of the atoms.
void CellGrid::sort_dense(std::size_t atoms, int threads) {
  const std::size_t all = static_cast<std::size_t>(bins[0]) * bins[1] * bins[2];
  cursors_.assign(all * static_cast<std::size_t>(threads), 0);
  bin_.resize(atoms);
  for_each_part(atoms, threads, [&](std::size_t part, std::size_t from, std::size_t to) {
    std::int32_t* count = cursors_.data() + part * all;
    for (std::size_t i = from; i < to; ++i) {
      bin_[i] = static_cast<std::int32_t>(key_of(i));
      ++count[bin_[i]];
    }
  });
  table_.resize(all + 1);
  std::int32_t before = 0;
  for (std::size_t b = 0; b < all; ++b) {
    table_[b] = static_cast<std::int32_t>(keys.size());
    const std::int32_t first = before;
    for (std::size_t c = b; c < cursors_.size(); c += all) {
      before += std::exchange(cursors_[c], before);
    }
    if (before == first) continue;
    keys.push_back(static_cast<std::int64_t>(b));
    start.push_back(first);
  }
  table_[all] = static_cast<std::int32_t>(keys.size());
  for_each_part(atoms, threads, [&](std::size_t part, std::size_t from, std::size_t to) {
    std::int32_t* cursor = cursors_.data() + part * all;
    for (std::size_t i = from; i < to; ++i) {
      atom[static_cast<std::size_t>(cursor[bin_[i]]++)] = static_cast<std::int32_t>(i);
    }
  });
}

/// The same for more bins than can be counted.
void CellGrid::sort_sparse(std::size_t atoms) {
  table_.clear();
  std::vector<std::pair<std::int64_t, std::int32_t>> order(atoms);
  for (std::size_t i = 0; i < atoms; ++i) order[i] = {key_of(i), static_cast<std::int32_t>(i)};
  std::sort(order.begin(), order.end());
  for (std::size_t slot = 0; slot < atoms; ++slot) {
    const auto [key, i] = order[slot];
    atom[slot] = i;
    if (!keys.empty() && keys.back() == key) continue;
    keys.push_back(key);
    start.push_back(static_cast<std::int32_t>(slot));
  }
}

std::size_t CellGrid::first_from(std::int64_t key) const {
  if (!table_.empty()) return static_cast<std::size_t>(table_[static_cast<std::size_t>(key)]);
  return static_cast<std::size_t>(std::lower_bound(keys.begin(), keys.end(), key) - keys.begin());
}

/// Copies the atoms into their slots and draws the boxes around them.
void CellGrid::place_atoms(const StructureView& structure, double cutoff, double slack,
                           int threads) {
  const auto& h = lattice.vectors;
  const auto wrapped_position = [&](std::size_t slot, double* r) {
    std::copy_n(&given[4 * slot], 3, r);
    if (!wrapped) return;
    const std::int32_t* w = &wrap[3 * slot];
    for (int a = 0; a < 3; ++a) r[a] -= w[0] * h[0][a] + w[1] * h[1][a] + w[2] * h[2][a];
  };
  std::vector<double> widest(static_cast<std::size_t>(threads), 0.0);
  for_each_part(keys.size(), threads, [&](std::size_t part, std::size_t from, std::size_t to) {
    for (std::size_t bin = from; bin < to; ++bin) {
      double low[3] = {kInfinity, kInfinity, kInfinity};
      double high[3] = {-kInfinity, -kInfinity, -kInfinity};
      for (auto slot = static_cast<std::size_t>(start[bin]);
           slot < static_cast<std::size_t>(start[bin + 1]); ++slot) {
        const auto i = static_cast<std::size_t>(atom[slot]);
        std::copy_n(structure.positions + 3 * i, 3, &given[4 * slot]);
        given[4 * slot + 3] = 0;
        if (wrapped) std::copy_n(&wrap_[3 * i], 3, &wrap[3 * slot]);
        double r[3];
        wrapped_position(slot, r);
        for (int a = 0; a < 3; ++a) {
          low[a] = std::min(low[a], r[a]);
          high[a] = std::max(high[a], r[a]);
        }
      }
      for (int a = 0; a < 3; ++a) {
        boxes[bin].centre[a] = 0.5 * (low[a] + high[a]);
        const double half = 0.5 * (high[a] - low[a]) / cutoff;
        boxes[bin].half[a] = static_cast<float>(std::min(half, kWidest));
        widest[part] = std::max(widest[part], half);
      }
    }
  });
  const double half = *std::max_element(widest.begin(), widest.end());
  // Where single precision is of no use, every distance becomes 0 and within the margin.
  unit = half < kWidest ? 1 / cutoff : 0;
  // Coordinates of candidates are below half + 1; each of the few operations on them adds an error
  // of 2^-24 of that. The square of the total is for what is not small against 1.
  const double error = std::ldexp(std::min(half, kWidest) + 1, -19) + 8 * slack / cutoff;
  margin = error + error * error;
  for_each_part(keys.size(), threads, [&](std::size_t, std::size_t from, std::size_t to) {
    for (std::size_t bin = from; bin < to; ++bin) {
      const double* centre = boxes[bin].centre;
      for (auto slot = static_cast<std::size_t>(start[bin]);
           slot < static_cast<std::size_t>(start[bin + 1]); ++slot) {
        double r[3];
        wrapped_position(slot, r);
        x[slot] = static_cast<float>((r[0] - centre[0]) * unit);
        y[slot] = static_cast<float>((r[1] - centre[1]) * unit);
        z[slot] = static_cast<float>((r[2] - centre[2]) * unit);
      }
    }
  });
}

void CellGrid::build(const StructureView& structure, double cutoff, int threads) {
  const std::size_t n = structure.size;
  lattice = complete_lattice(structure.cell, structure.pbc);
  fractional_.resize(3 * n);
  wrap_.resize(3 * n);
  const Survey seen = survey(structure, threads);
  if (seen.why != nullptr) refuse(seen.refused, seen.why);

  double extent[3];
  double images = static_cast<double>(n);
  double scale = seen.farthest + cutoff;
  wrapped = false;
  for (int k = 0; k < 3; ++k) {
    origin_[k] = lattice.periodic[k] ? 0 : seen.low[k];
    if (lattice.periodic[k]) {
      const double* h = lattice.vectors[k];
      const double cells = 2 * cutoff / lattice.heights[k] + 1;
      extent[k] = lattice.heights[k];
      images *= cells;
      scale += (seen.most_wraps[k] + cells) * (std::abs(h[0]) + std::abs(h[1]) + std::abs(h[2]));
      wrapped = wrapped || seen.most_wraps[k] > 0;
    } else {
      extent[k] = n == 0 ? 0 : seen.high[k] - seen.low[k];
    }
  }
  if (!(images < kMostImages)) {
    throw Error(ErrorCode::kMemoryLimit,
                "cutoff: " + std::to_string(cutoff) +
                    " Å reaches more than 2^31 periodic images of atoms; give a smaller one");
  }
  // Bounds the rounding error of any distance between wrapped atoms and images.
  const double slack = 64 * std::numeric_limits<double>::epsilon() * scale;
  choose_bins(n, cutoff, slack, extent);

  keys.clear();
  start.clear();
  atom.resize(n);
  given.resize(4 * n);
  wrap.resize(wrapped ? 3 * n : 0);
  // Readable beyond the end by what is looked at together.
  for (auto* coordinate : {&x, &y, &z}) {
    coordinate->resize(n + kPointsPerWord);
    std::fill_n(coordinate->data() + n, kPointsPerWord, 0.0f);
  }
  const double all = static_cast<double>(bins[0]) * bins[1] * bins[2];
  if (all <= std::max(1.0, kDense * static_cast<double>(n))) {
    sort_dense(n, threads);
  } else {
    sort_sparse(n);
  }
  start.push_back(static_cast<std::int32_t>(n));
  boxes.resize(keys.size());
  place_atoms(structure, cutoff, slack, threads);
}

}  // namespace soapstone
