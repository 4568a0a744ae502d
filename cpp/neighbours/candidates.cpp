#include "neighbours/candidates.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "neighbours/near.hpp"

namespace soapstone {
namespace {

/// Which image of the cell the unwrapped place `u` among `n` bins is in: u / n, rounded down.
std::int32_t image_of(std::int32_t u, std::int32_t n) {
  return u >= 0 ? u / n : -((n - 1 - u) / n);
}

/// Clears the bits of candidates that are not neighbours by the length of the very vector that is
/// returned for them: i sees j whenever j sees i, whatever the rounding.
void settle(const CellGrid& grid, double cutoff, const BinPairs& pairs, std::size_t centre,
            std::uint64_t* near) {
  const double* ri = &grid.given[4 * centre];
  for_each_bit(near, pairs.words, [&](std::size_t c) {
    const auto [slot, index] = pairs.candidates[c];
    const double* rj = &grid.given[4 * static_cast<std::size_t>(slot)];
    Shift shift = pairs.shifts[index];
    for (int k = 0; grid.wrapped && k < 3; ++k) shift.s[k] += grid.wrap[3 * centre + k];
    double t[3];
    translation(grid.lattice, shift.s, t);
    double distance2 = 0;
    for (int x = 0; x < 3; ++x) {
      const double d = (rj[x] - ri[x]) + t[x];
      distance2 += d * d;
    }
    if (!(distance2 < cutoff * cutoff)) {
      near[c / kPointsPerWord] &= ~(std::uint64_t{1} << c % kPointsPerWord);
    }
  });
}

}  // namespace

void translation(const Lattice& lattice, const std::int32_t* s, double* out) {
  const auto& h = lattice.vectors;
  for (int x = 0; x < 3; ++x) out[x] = s[0] * h[0][x] + s[1] * h[1][x] + s[2] * h[2][x];
}

void BinSearch::gather(const CellGrid& grid, std::size_t bin) {
  const std::int32_t* bins = grid.bins;
  const std::int64_t key = grid.keys[bin];
  const std::int64_t plane = key / bins[2];
  const std::int32_t place[3] = {static_cast<std::int32_t>(plane / bins[1]),
                                 static_cast<std::int32_t>(plane % bins[1]),
                                 static_cast<std::int32_t>(key % bins[2])};
  size_ = 0;
  shifts_.clear();
  std::int32_t low[3];
  std::int32_t high[3];
  for (int k = 0; k < 3; ++k) {
    low[k] = place[k] - grid.reach[k];
    high[k] = place[k] + grid.reach[k];
    if (grid.lattice.periodic[k]) continue;
    low[k] = std::max(low[k], 0);
    high[k] = std::min(high[k], bins[k] - 1);
  }
  // Images of the same atom are met in ascending order, which the stable sort keeps.
  Shift image;
  for (std::int32_t a = low[0]; a <= high[0]; ++a) {
    image.s[0] = image_of(a, bins[0]);
    const std::int64_t row_a = (a - image.s[0] * bins[0]) * static_cast<std::int64_t>(bins[1]);
    for (std::int32_t b = low[1]; b <= high[1]; ++b) {
      image.s[1] = image_of(b, bins[1]);
      const std::int64_t row = (row_a + b - image.s[1] * bins[1]) * bins[2];
      // Bins along the last axis follow one another, as far as they are in the same cell.
      for (std::int32_t c = low[2]; c <= high[2];) {
        image.s[2] = image_of(c, bins[2]);
        const std::int32_t cell = image.s[2] * bins[2];
        const std::int32_t last = std::min(high[2], cell + bins[2] - 1);
        double t[3];
        translation(grid.lattice, image.s, t);
        for (std::size_t n = grid.first_from(row + c - cell);
             n < grid.keys.size() && grid.keys[n] <= row + last - cell; ++n) {
          if (n == bin && (image.s[0] | image.s[1] | image.s[2]) == 0) own_ = size_;
          gather_bin(grid, grid.boxes[bin], n, image, t);
        }
        c = last + 1;
      }
    }
  }
}

/// Adds the atoms of one bin, moved by `image`, that are near enough to the box around the centres.
void BinSearch::gather_bin(const CellGrid& grid, const Box& centres, std::size_t bin,
                           const Shift& image, const double* translation) {
  const double reach2 = (1 + grid.margin) * (1 + grid.margin);
  const Box& box = grid.boxes[bin];
  float offset[3];
  double apart2 = 0;
  for (int x = 0; x < 3; ++x) {
    const double d = ((box.centre[x] + translation[x]) - centres.centre[x]) * grid.unit;
    const double gap = std::max(0.0, std::abs(d) - box.half[x] - centres.half[x]);
    offset[x] = static_cast<float>(d);
    apart2 += gap * gap;
  }
  if (!(apart2 < reach2)) return;

  const auto first = static_cast<std::size_t>(grid.start[bin]);
  const auto end = static_cast<std::size_t>(grid.start[bin + 1]);
  if (found_.size() < size_ + (end - first)) {
    const std::size_t room = 2 * (size_ + (end - first));
    found_.resize(room);
    for (auto* coordinate : {&x_, &y_, &z_}) coordinate->resize(room);
  }
  if (!grid.wrapped) shifts_.push_back(image);
  for (std::size_t from = first; from < end; from += kPointsPerWord) {
    std::uint64_t near = near_box({&grid.x[from], &grid.y[from], &grid.z[from]}, offset,
                                  centres.half, static_cast<float>(reach2));
    if (end - from < kPointsPerWord) near &= (std::uint64_t{1} << (end - from)) - 1;
    for_each_bit(&near, 1, [&](std::size_t n) {
      const std::size_t slot = from + n;
      if (grid.wrapped) {
        const std::int32_t* w = &grid.wrap[3 * slot];
        shifts_.push_back({{image.s[0] - w[0], image.s[1] - w[1], image.s[2] - w[2]}});
      }
      found_[size_] = {static_cast<std::int32_t>(slot),
                       static_cast<std::int32_t>(shifts_.size() - 1)};
      x_[size_] = grid.x[slot] + offset[0];
      y_[size_] = grid.y[slot] + offset[1];
      z_[size_] = grid.z[slot] + offset[2];
      ++size_;
    });
  }
}

/// Leaves in order_ what was found by ascending atom: a stable radix sort, a byte at a time.
void BinSearch::sort(const CellGrid& grid) {
  if (order_.size() < size_) {
    order_.resize(2 * size_);
    spare_.resize(2 * size_);
  }
  std::int32_t low = std::numeric_limits<std::int32_t>::max();
  std::int32_t high = 0;
  for (std::size_t n = 0; n < size_; ++n) {
    const std::int32_t a = grid.atom[static_cast<std::size_t>(found_[n].slot)];
    low = std::min(low, a);
    high = std::max(high, a);
    order_[n] = static_cast<std::uint64_t>(a) << 32 | n;
  }
  const std::uint64_t least = static_cast<std::uint64_t>(low) << 32;
  for (int bits = 0; bits < 32 && (high - low) >> bits != 0; bits += 8) {
    const auto digit = [&](std::uint64_t key) { return ((key - least) >> (32 + bits)) & 255; };
    std::uint32_t cursor[256] = {};
    for (std::size_t n = 0; n < size_; ++n) ++cursor[digit(order_[n])];
    std::uint32_t before = 0;
    for (std::uint32_t& count : cursor) before += std::exchange(count, before);
    for (std::size_t n = 0; n < size_; ++n) spare_[cursor[digit(order_[n])]++] = order_[n];
    order_.swap(spare_);
  }
}

BinPairs BinSearch::find(const CellGrid& grid, double cutoff, std::size_t bin, Arena& arena) {
  gather(grid, bin);
  sort(grid);

  const auto first = static_cast<std::size_t>(grid.start[bin]);
  const auto centres = static_cast<std::size_t>(grid.start[bin + 1]) - first;
  const std::size_t words = words_of(size_);
  auto* candidates = arena.array<Candidate>(size_);
  for (auto* coordinate : {&sorted_x_, &sorted_y_, &sorted_z_}) {
    if (coordinate->size() < words * kPointsPerWord) {
      coordinate->resize(2 * words * kPointsPerWord);
    }
    std::fill(coordinate->begin() + static_cast<std::ptrdiff_t>(size_),
              coordinate->begin() + static_cast<std::ptrdiff_t>(words * kPointsPerWord),
              std::numeric_limits<float>::infinity());
  }
  self_.resize(centres);
  for (std::size_t c = 0; c < size_; ++c) {
    const auto n = static_cast<std::size_t>(order_[c] & 0xffffffff);
    candidates[c] = found_[n];
    sorted_x_[c] = x_[n];
    sorted_y_[c] = y_[n];
    sorted_z_[c] = z_[n];
    if (n - own_ < centres) self_[n - own_] = c;
  }
  auto* shifts = arena.array<Shift>(shifts_.size());
  std::copy(shifts_.begin(), shifts_.end(), shifts);

  auto* near = arena.array<std::uint64_t>(centres * words);
  const BinPairs pairs{candidates, shifts, near, size_, shifts_.size(), words};
  const auto sure2 = static_cast<float>(1 - grid.margin);
  const auto limit2 = static_cast<float>(1 + grid.margin);
  const Points points{sorted_x_.data(), sorted_y_.data(), sorted_z_.data()};
  for (std::size_t k = 0; k < centres; ++k, near += words) {
    const std::size_t slot = first + k;
    const float centre[3] = {grid.x[slot], grid.y[slot], grid.z[slot]};
    const bool doubtful = near_centre(points, words, centre, sure2, limit2, near);
    near[self_[k] / kPointsPerWord] &= ~(std::uint64_t{1} << self_[k] % kPointsPerWord);
    if (doubtful) settle(grid, cutoff, pairs, slot, near);
  }
  return pairs;
}

}  // namespace soapstone
