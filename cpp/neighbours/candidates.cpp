#include "neighbours/candidates.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#ifdef __AVX512F__
#include <immintrin.h>
#endif

namespace soapstone {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// No centre is wrapped by this many cells.
constexpr std::int32_t kUnset = std::numeric_limits<std::int32_t>::max();

std::size_t padded(std::size_t size) {
  return (size + Candidates::kLanes - 1) / Candidates::kLanes * Candidates::kLanes;
}

/// Which image of the cell the unwrapped place `u` among `n` bins is in: u / n, rounded down.
std::int32_t image_of(std::int32_t u, std::int32_t n) {
  return u >= 0 ? u / n : -((n - 1 - u) / n);
}

}  // namespace

std::size_t indices_below(const double* values, std::size_t size, double limit, std::int32_t* out) {
  std::size_t count = 0;
#ifdef __AVX512F__
  static_assert(Candidates::kLanes == 16);
  const __m512d bound = _mm512_set1_pd(limit);
  __m512i index = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  for (std::size_t c = 0; c < size; c += 16) {
    const unsigned low = _mm512_cmp_pd_mask(_mm512_loadu_pd(values + c), bound, _CMP_LT_OQ);
    const unsigned high = _mm512_cmp_pd_mask(_mm512_loadu_pd(values + c + 8), bound, _CMP_LT_OQ);
    const auto mask = static_cast<__mmask16>(low | high << 8);
    // Stores whole vectors: compressing straight into memory is microcode on some processors.
    _mm512_storeu_si512(out + count, _mm512_maskz_compress_epi32(mask, index));
    count += static_cast<unsigned>(__builtin_popcount(mask));
    index = _mm512_add_epi32(index, _mm512_set1_epi32(16));
  }
#else
  for (std::size_t c = 0; c < size; ++c) {
    // Written in any case and kept by advancing: no branch to mispredict.
    out[count] = static_cast<std::int32_t>(c);
    count += values[c] < limit;
  }
#endif
  return count;
}

void Candidates::gather(const CellGrid& grid, double cutoff, std::int32_t bin) {
  const double reach2 = (cutoff + grid.slack) * (cutoff + grid.slack);
  const Box& centres = grid.boxes[bin];
  const std::int32_t* bins = grid.bins;
  const std::int32_t place[3] = {bin / bins[2] / bins[1], bin / bins[2] % bins[1], bin % bins[2]};
  found_.clear();
  images_.clear();
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
  Image image;
  for (std::int32_t a = low[0]; a <= high[0]; ++a) {
    image.shift[0] = image_of(a, bins[0]);
    const std::int32_t plane = (a - image.shift[0] * bins[0]) * bins[1];
    for (std::int32_t b = low[1]; b <= high[1]; ++b) {
      image.shift[1] = image_of(b, bins[1]);
      const std::int32_t row = (plane + b - image.shift[1] * bins[1]) * bins[2];
      for (std::int32_t c = low[2]; c <= high[2]; ++c) {
        image.shift[2] = image_of(c, bins[2]);
        gather_bin(grid, centres, reach2, row + c - image.shift[2] * bins[2], image);
      }
    }
  }
}

/// Adds the atoms of one bin, moved by `image`, that are near enough to the box around the centres.
void Candidates::gather_bin(const CellGrid& grid, const Box& centres, double reach2,
                            std::int32_t bin, const Image& image) {
  const auto& h = grid.lattice.vectors;
  const Box& box = grid.boxes[bin];
  double low[3];  // the centres' box as the unmoved atoms of the bin see it
  double high[3];
  double apart2 = 0;
  for (int x = 0; x < 3; ++x) {
    const double t = image.shift[0] * h[0][x] + image.shift[1] * h[1][x] + image.shift[2] * h[2][x];
    low[x] = centres.low[x] - t;
    high[x] = centres.high[x] - t;
    const double gap = std::max(0.0, std::max(box.low[x] - high[x], low[x] - box.high[x]));
    apart2 += gap * gap;
  }
  if (!(apart2 < reach2)) return;

  const std::int32_t first = grid.start[bin];
  const auto size = static_cast<std::size_t>(grid.start[bin + 1] - first);
  const double* x = grid.x.data() + first;
  const double* y = grid.y.data() + first;
  const double* z = grid.z.data() + first;
  if (gap2_.size() < padded(size)) {
    gap2_.resize(padded(size));
    selected_.resize(padded(size));
  }
  for (std::size_t s = 0; s < size; ++s) {
    const double gx = std::max(0.0, std::max(x[s] - high[0], low[0] - x[s]));
    const double gy = std::max(0.0, std::max(y[s] - high[1], low[1] - y[s]));
    const double gz = std::max(0.0, std::max(z[s] - high[2], low[2] - z[s]));
    gap2_[s] = gx * gx + gy * gy + gz * gz;
  }
  std::fill(gap2_.begin() + static_cast<std::ptrdiff_t>(size),
            gap2_.begin() + static_cast<std::ptrdiff_t>(padded(size)), kInfinity);
  const std::size_t count = indices_below(gap2_.data(), padded(size), reach2, selected_.data());
  const auto index = static_cast<std::int32_t>(images_.size());
  images_.push_back(image);
  const std::size_t before = found_.size();
  found_.resize(before + count);
  for (std::size_t n = 0; n < count; ++n) found_[before + n] = {first + selected_[n], index};
}

/// A stable radix sort by atom, a byte at a time.
void Candidates::sort(const CellGrid& grid) {
  const auto atom = [&](const Found& f) { return grid.atom[static_cast<std::size_t>(f.slot)]; };
  std::int32_t low = std::numeric_limits<std::int32_t>::max();
  std::int32_t high = 0;
  bool sorted = true;
  std::int32_t previous = 0;
  for (const Found& f : found_) {
    const std::int32_t a = atom(f);
    low = std::min(low, a);
    high = std::max(high, a);
    sorted &= previous <= a;
    previous = a;
  }
  if (sorted) return;
  spare_.resize(found_.size());
  for (int bits = 0; bits < 32 && (high - low) >> bits != 0; bits += 8) {
    const auto digit = [&](const Found& f) { return ((atom(f) - low) >> bits) & 255; };
    std::int32_t cursor[256] = {};
    for (const Found& f : found_) ++cursor[digit(f)];
    std::int32_t before = 0;
    for (std::int32_t& count : cursor) before += std::exchange(count, before);
    for (const Found& f : found_) spare_[static_cast<std::size_t>(cursor[digit(f)]++)] = f;
    found_.swap(spare_);
  }
}

void Candidates::load(const CellGrid& grid) {
  const std::size_t size = found_.size();
  const std::size_t room = padded(size);
  atom_.resize(room);
  distance2_.resize(room);
  for (int k = 0; k < 3; ++k) {
    position_[k].resize(room);
    image_[k].resize(room);
    translation_[k].resize(room);
  }
  for (std::size_t c = 0; c < size; ++c) {
    const auto slot = static_cast<std::size_t>(found_[c].slot);
    const Image& image = images_[static_cast<std::size_t>(found_[c].image)];
    atom_[c] = grid.atom[slot];
    for (int k = 0; k < 3; ++k) {
      position_[k][c] = grid.given[3 * slot + k];
      image_[k][c] = image.shift[k] - grid.wrap[3 * slot + k];
    }
  }
  for (std::size_t c = size; c < room; ++c) {
    for (int k = 0; k < 3; ++k) {
      position_[k][c] = kInfinity;
      image_[k][c] = 0;
    }
  }
  wrap_[0] = kUnset;
}

void Candidates::set_centre_wrap(const CellGrid& grid, const std::int32_t* wrap) {
  if (std::equal(wrap, wrap + 3, wrap_)) return;
  std::copy(wrap, wrap + 3, wrap_);
  const std::int32_t* a = image_[0].data();
  const std::int32_t* b = image_[1].data();
  const std::int32_t* c = image_[2].data();
  const std::size_t size = atom_.size();
  for (int x = 0; x < 3; ++x) {
    const double ha = grid.lattice.vectors[0][x];
    const double hb = grid.lattice.vectors[1][x];
    const double hc = grid.lattice.vectors[2][x];
    double* out = translation_[x].data();
    for (std::size_t n = 0; n < size; ++n) {
      out[n] = (a[n] + wrap[0]) * ha + (b[n] + wrap[1]) * hb + (c[n] + wrap[2]) * hc;
    }
  }
}

const std::vector<double>& Candidates::squared_distances(const double* centre) {
  const double ox = centre[0], oy = centre[1], oz = centre[2];
  const double *px = position_[0].data(), *py = position_[1].data(), *pz = position_[2].data();
  const double *tx = translation_[0].data(), *ty = translation_[1].data(),
               *tz = translation_[2].data();
  double* out = distance2_.data();
  const std::size_t size = distance2_.size();
  for (std::size_t c = 0; c < size; ++c) {
    const double dx = (px[c] - ox) + tx[c];
    const double dy = (py[c] - oy) + ty[c];
    const double dz = (pz[c] - oz) + tz[c];
    out[c] = dx * dx + dy * dy + dz * dz;
  }
  return distance2_;
}

}  // namespace soapstone
