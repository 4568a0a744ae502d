#include "neighbours/neighbour_list.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "common/error.hpp"
#include "neighbours/cell_grid.hpp"

// How: the centres of one bin share their candidates, the atoms of the surrounding bins that are
// within the cutoff of the box around them. Sorted once by atom, the candidates give every centre
// its neighbours in order. Distances are first screened between wrapped atoms in loops that
// vectorise; whatever lies within rounding of the cutoff is decided by the vector that is returned.
// That vector changes sign exactly when its ends are exchanged, so i sees j whenever j sees i.
// Two passes, one to count and one to fill, so that rows land at their place at once.

namespace soapstone {
namespace {

/// Atoms that may be neighbours of the centres in one bin, as parallel arrays.
struct Candidates {
  std::size_t size = 0;
  std::vector<double> x, y, z;      ///< wrapped coordinates, moved to the image; Å
  std::vector<std::int32_t> slot;   ///< place in the grid
  std::vector<std::int32_t> image;  ///< index of the image's translation

  /// Makes room for `more` candidates; size itself is advanced by those who write them.
  void reserve(std::size_t more) {
    const std::size_t wanted = size + more;
    if (wanted <= x.size()) return;
    const std::size_t room = std::max(wanted, 2 * x.size());
    x.resize(room);
    y.resize(room);
    z.resize(room);
    slot.resize(room);
    image.resize(room);
  }
};

struct Translation {
  std::int32_t shift[3];
};

class PairFinder {
 public:
  void run(const StructureView& structure, double cutoff, NeighbourList& list);

 private:
  void gather(std::int32_t bin, const std::int32_t* place);
  void gather_bin(const Box& centres, std::int32_t bin, const std::int32_t* image);
  void sort_by_atom();
  void count_rows(std::int32_t bin, NeighbourList& list);
  void fill_rows(std::int32_t bin, NeighbourList& list);
  void squared_distances(std::int32_t centre, const Candidates& candidates);
  void displacement(std::int32_t centre, std::int32_t slot, const Translation& image,
                    std::int32_t* shift, double* vector) const;
  bool is_neighbour(std::int32_t centre, std::int32_t slot, const Translation& image) const;

  template <typename Body>
  void for_each_occupied_bin(const Body& body);

  StructureView structure_{};
  double cutoff2_ = 0;       // Å²
  double certain2_ = 0;      // screened distances² below are certainly within the cutoff
  double possible2_ = 0;     // those from here on are certainly beyond
  CellGrid grid_;
  Candidates found_;
  Candidates sorted_;
  std::vector<Translation> images_;
  std::vector<std::int32_t> keys_;           // atom of each candidate
  std::vector<std::int32_t> order_, spare_;  // candidates sorted by atom
  std::vector<double> distance2_;            // of every candidate from one centre
  std::vector<std::int32_t> hits_;           // candidates that may be neighbours of one centre
};

template <typename Body>
void PairFinder::for_each_occupied_bin(const Body& body) {
  std::int32_t bin = 0;
  std::int32_t place[3];
  for (place[0] = 0; place[0] < grid_.bins[0]; ++place[0]) {
    for (place[1] = 0; place[1] < grid_.bins[1]; ++place[1]) {
      for (place[2] = 0; place[2] < grid_.bins[2]; ++place[2], ++bin) {
        if (grid_.start[bin] == grid_.start[bin + 1]) continue;
        gather(bin, place);
        body(bin);
      }
    }
  }
}

/// Collects the candidates of a bin. Images come in ascending order, which the stable sort keeps.
void PairFinder::gather(std::int32_t bin, const std::int32_t* place) {
  found_.size = 0;
  images_.clear();
  const Box centres = grid_.boxes[bin];
  std::int32_t low[3];
  std::int32_t high[3];
  for (int k = 0; k < 3; ++k) {
    low[k] = place[k] - grid_.reach[k];
    high[k] = place[k] + grid_.reach[k];
    if (grid_.lattice.periodic[k]) continue;
    low[k] = std::max(low[k], 0);
    high[k] = std::min(high[k], grid_.bins[k] - 1);
  }
  const std::int32_t* bins = grid_.bins;
  const auto image_of = [](std::int32_t u, std::int32_t n) {
    return u >= 0 ? u / n : -((n - 1 - u) / n);
  };
  std::int32_t image[3];
  for (std::int32_t a = low[0]; a <= high[0]; ++a) {
    image[0] = image_of(a, bins[0]);
    const std::int32_t row = (a - image[0] * bins[0]) * bins[1];
    for (std::int32_t b = low[1]; b <= high[1]; ++b) {
      image[1] = image_of(b, bins[1]);
      const std::int32_t column = (row + b - image[1] * bins[1]) * bins[2];
      for (std::int32_t c = low[2]; c <= high[2]; ++c) {
        image[2] = image_of(c, bins[2]);
        gather_bin(centres, column + c - image[2] * bins[2], image);
      }
    }
  }
}

/// Adds the atoms of one bin's image that are within the cutoff of the box around the centres.
void PairFinder::gather_bin(const Box& centres, std::int32_t bin, const std::int32_t* image) {
  const auto& h = grid_.lattice.vectors;
  const Box& box = grid_.boxes[bin];
  double t[3];
  double apart2 = 0;
  for (int x = 0; x < 3; ++x) {
    t[x] = image[0] * h[0][x] + image[1] * h[1][x] + image[2] * h[2][x];
    const double gap = std::max({0.0, box.low[x] + t[x] - centres.high[x],
                                 centres.low[x] - (box.high[x] + t[x])});
    apart2 += gap * gap;
  }
  if (!(apart2 < possible2_)) return;

  const std::int32_t first = grid_.start[bin];
  const std::int32_t last = grid_.start[bin + 1];
  found_.reserve(static_cast<std::size_t>(last - first));
  const auto index = static_cast<std::int32_t>(images_.size());
  images_.push_back({{image[0], image[1], image[2]}});
  std::size_t size = found_.size;
  for (std::int32_t s = first; s < last; ++s) {
    const double r[3] = {grid_.x[s] + t[0], grid_.y[s] + t[1], grid_.z[s] + t[2]};
    double gap2 = 0;
    for (int x = 0; x < 3; ++x) {
      const double gap = std::max(0.0, std::max(r[x] - centres.high[x], centres.low[x] - r[x]));
      gap2 += gap * gap;
    }
    // Written in any case and kept by advancing: no branch to mispredict.
    found_.x[size] = r[0];
    found_.y[size] = r[1];
    found_.z[size] = r[2];
    found_.slot[size] = s;
    found_.image[size] = index;
    size += gap2 < possible2_;
  }
  found_.size = size;
}

/// Puts found_ into ascending order of atoms, stable, by a radix sort of its bytes.
void PairFinder::sort_by_atom() {
  const std::size_t n = found_.size;
  order_.resize(n);
  spare_.resize(n);
  keys_.resize(n);
  std::int32_t low = std::numeric_limits<std::int32_t>::max();
  std::int32_t high = 0;
  for (std::size_t c = 0; c < n; ++c) {
    const std::int32_t atom = grid_.atom[found_.slot[c]];
    keys_[c] = atom;
    low = std::min(low, atom);
    high = std::max(high, atom);
    order_[c] = static_cast<std::int32_t>(c);
  }
  if (!std::is_sorted(keys_.begin(), keys_.end())) {
    for (int bits = 0; bits < 32 && (high - low) >> bits != 0; bits += 8) {
      std::int32_t cursor[256] = {};
      for (std::size_t c = 0; c < n; ++c) ++cursor[((keys_[c] - low) >> bits) & 255];
      std::int32_t before = 0;
      for (std::int32_t& count : cursor) before += std::exchange(count, before);
      for (std::size_t c = 0; c < n; ++c) {
        const std::int32_t candidate = order_[c];
        spare_[cursor[((keys_[candidate] - low) >> bits) & 255]++] = candidate;
      }
      order_.swap(spare_);
    }
  }
  sorted_.size = 0;
  sorted_.reserve(n);
  sorted_.size = n;
  for (std::size_t c = 0; c < n; ++c) {
    const std::int32_t from = order_[c];
    sorted_.x[c] = found_.x[from];
    sorted_.y[c] = found_.y[from];
    sorted_.z[c] = found_.z[from];
    sorted_.slot[c] = found_.slot[from];
    sorted_.image[c] = found_.image[from];
  }
}

/// r_ij and S from a centre (a slot) to a candidate, from the positions as they were given.
inline void PairFinder::displacement(std::int32_t centre, std::int32_t slot,
                                     const Translation& image, std::int32_t* shift,
                                     double* vector) const {
  const auto& h = grid_.lattice.vectors;
  const double* ri = structure_.positions + 3 * static_cast<std::size_t>(grid_.atom[centre]);
  const double* rj = structure_.positions + 3 * static_cast<std::size_t>(grid_.atom[slot]);
  const std::int32_t* wi = &grid_.wrap[3 * static_cast<std::size_t>(centre)];
  const std::int32_t* wj = &grid_.wrap[3 * static_cast<std::size_t>(slot)];
  for (int k = 0; k < 3; ++k) shift[k] = image.shift[k] - wj[k] + wi[k];
  for (int x = 0; x < 3; ++x) {
    const double translation = shift[0] * h[0][x] + shift[1] * h[1][x] + shift[2] * h[2][x];
    vector[x] = (rj[x] - ri[x]) + translation;
  }
}

inline double squared_norm(const double* v) { return v[0] * v[0] + v[1] * v[1] + v[2] * v[2]; }

/// Squared distances (screened: between wrapped atoms) from one centre to all candidates.
void PairFinder::squared_distances(std::int32_t centre, const Candidates& candidates) {
  const double x = grid_.x[centre];
  const double y = grid_.y[centre];
  const double z = grid_.z[centre];
  const double* cx = candidates.x.data();
  const double* cy = candidates.y.data();
  const double* cz = candidates.z.data();
  distance2_.resize(candidates.size);
  double* out = distance2_.data();
  for (std::size_t c = 0; c < candidates.size; ++c) {
    const double dx = cx[c] - x;
    const double dy = cy[c] - y;
    const double dz = cz[c] - z;
    out[c] = dx * dx + dy * dy + dz * dz;
  }
}

bool PairFinder::is_neighbour(std::int32_t centre, std::int32_t slot,
                              const Translation& image) const {
  std::int32_t shift[3];
  double vector[3];
  displacement(centre, slot, image, shift, vector);
  return squared_norm(vector) < cutoff2_;
}

/// Leaves in first[i + 1] the number of neighbours of each centre i of a bin.
void PairFinder::count_rows(std::int32_t bin, NeighbourList& list) {
  for (std::int32_t centre = grid_.start[bin]; centre < grid_.start[bin + 1]; ++centre) {
    squared_distances(centre, found_);
    std::int64_t certain = 0;
    std::int64_t possible = 0;
    for (std::size_t c = 0; c < found_.size; ++c) {
      certain += distance2_[c] < certain2_;
      possible += distance2_[c] < possible2_;
    }
    if (possible != certain) {
      for (std::size_t c = 0; c < found_.size; ++c) {
        if (distance2_[c] < certain2_ || !(distance2_[c] < possible2_)) continue;
        certain += is_neighbour(centre, found_.slot[c], images_[found_.image[c]]);
      }
    }
    list.first[static_cast<std::size_t>(grid_.atom[centre]) + 1] = certain - 1;  // not itself
  }
}

void PairFinder::fill_rows(std::int32_t bin, NeighbourList& list) {
  sort_by_atom();
  hits_.resize(sorted_.size);
  for (std::int32_t centre = grid_.start[bin]; centre < grid_.start[bin + 1]; ++centre) {
    squared_distances(centre, sorted_);
    std::size_t hits = 0;
    for (std::size_t c = 0; c < sorted_.size; ++c) {
      hits_[hits] = static_cast<std::int32_t>(c);
      hits += distance2_[c] < possible2_;
    }
    auto pair = static_cast<std::size_t>(list.first[static_cast<std::size_t>(grid_.atom[centre])]);
    for (std::size_t n = 0; n < hits; ++n) {
      const std::int32_t c = hits_[n];
      const std::int32_t slot = sorted_.slot[c];
      std::int32_t shift[3];
      double vector[3];
      displacement(centre, slot, images_[sorted_.image[c]], shift, vector);
      if (!(squared_norm(vector) < cutoff2_)) continue;
      if (slot == centre && (shift[0] | shift[1] | shift[2]) == 0) continue;
      list.neighbour[pair] = grid_.atom[slot];
      for (int k = 0; k < 3; ++k) list.shift[3 * pair + k] = shift[k];
      for (int x = 0; x < 3; ++x) list.vector[3 * pair + x] = vector[x];
      ++pair;
    }
  }
}

void PairFinder::run(const StructureView& structure, double cutoff, NeighbourList& list) {
  structure_ = structure;
  grid_.build(structure, cutoff);
  cutoff2_ = cutoff * cutoff;
  const double certain = std::max(0.0, cutoff - grid_.slack);
  certain2_ = certain * certain;
  possible2_ = (cutoff + grid_.slack) * (cutoff + grid_.slack);

  list.first.resize(structure.size + 1);
  list.first[0] = 0;
  for_each_occupied_bin([&](std::int32_t bin) { count_rows(bin, list); });
  for (std::size_t i = 0; i < structure.size; ++i) list.first[i + 1] += list.first[i];
  const auto pairs = static_cast<std::size_t>(list.first.back());
  list.neighbour.resize(pairs);
  list.shift.resize(3 * pairs);
  list.vector.resize(3 * pairs);
  for_each_occupied_bin([&](std::int32_t bin) { fill_rows(bin, list); });
}

}  // namespace

void find_neighbours(const StructureView& structure, double cutoff, NeighbourList& list) {
  if (!(cutoff > 0) || !std::isfinite(cutoff)) {
    throw Error(ErrorCode::kInvalidInput,
                "cutoff: expected a finite number > 0 Å, got " + std::to_string(cutoff));
  }
  // Small structures come by the thousand: what they need is kept. Large ones come alone, and their
  // memory is given back.
  constexpr std::size_t kKept = 1 << 15;
  if (structure.size <= kKept) {
    thread_local PairFinder finder;
    finder.run(structure, cutoff, list);
  } else {
    PairFinder().run(structure, cutoff, list);
  }
}

}  // namespace soapstone
