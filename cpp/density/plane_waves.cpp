#include "density/plane_waves.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "common/error.hpp"
#include "math/constants.hpp"

namespace soapstone {

namespace {

constexpr double kTwoPi = 2.0 * kPi;
/// Most reciprocal vectors that are looked at, half of which are waves: some gigabytes.
constexpr double kMostCandidates = 1 << 28;

void require_periodic(const StructureView& structure) {
  const bool periodic = structure.pbc[0] && structure.pbc[1] && structure.pbc[2];
  if (!periodic || !(cell_volume(structure.cell) > 0.0)) {
    throw Error(ErrorCode::kInvalidInput,
                "a long-range density needs a structure that is periodic along three vectors; give "
                "molecules and surfaces a cell with empty space around them");
  }
}

}  // namespace

PlaneWaves::PlaneWaves(const StructureView& structure, double k_cutoff) {
  require_periodic(structure);
  volume_ = cell_volume(structure.cell);

  // b_i · a_j = 2π δ_ij; |h_i| ≤ k |a_i| / 2π since h_i = k · a_i / 2π.
  const double* a = structure.cell;
  double b[3][3];
  const double determinant = cell_determinant(a);
  double candidates = 1.0;
  for (int i = 0; i < 3; ++i) {
    const double* u = a + 3 * ((i + 1) % 3);
    const double* v = a + 3 * ((i + 2) % 3);
    for (int x = 0; x < 3; ++x) {
      const int y = (x + 1) % 3, z = (x + 2) % 3;
      b[i][x] = kTwoPi / determinant * (u[y] * v[z] - u[z] * v[y]);
    }
    const double most =
        std::floor(k_cutoff * std::hypot(a[3 * i], a[3 * i + 1], a[3 * i + 2]) / kTwoPi);
    candidates *= 2.0 * most + 1.0;
    if (!(candidates < kMostCandidates)) {
      throw Error(ErrorCode::kMemoryLimit,
                  "kCutoff: " + std::to_string(k_cutoff) +
                      " 1/Å reaches more than 2^28 reciprocal vectors of a cell as large as this; "
                      "give a smaller one");
    }
    most_[i] = static_cast<int>(most);
  }

  // Vectors of one length are in or out together, however rounded.
  const double most_square = k_cutoff * k_cutoff * (1.0 - 1e-12);
  std::vector<Run> runs;
  for (int h1 = 0; h1 <= most_[0]; ++h1) {
    for (int h2 = h1 > 0 ? -most_[1] : 0; h2 <= most_[1]; ++h2) {
      Run run{{h1, h2}, 0, 0};
      for (int h3 = h1 > 0 || h2 > 0 ? -most_[2] : 1; h3 <= most_[2]; ++h3) {
        double square = 0.0;
        for (int x = 0; x < 3; ++x) {
          const double k = h1 * b[0][x] + h2 * b[1][x] + h3 * b[2][x];
          square += k * k;
        }
        if (square >= most_square) continue;
        if (run.count == 0) run.from = h3;
        ++run.count;
      }
      if (run.count > 0) runs.push_back(run);
      count_ += run.count;
    }
  }
  vectors_.resize(3 * chunks() * kChunk);
  count_ = 0;
  const std::size_t step = vectors_.size() / 3;
  for (const Run& run : runs) {
    for (std::size_t done = 0; done < run.count;) {  // cut where chunks end
      if (count_ % kChunk == 0) runs_.emplace_back();
      const std::size_t part = std::min(run.count - done, kChunk - count_ % kChunk);
      const int from = run.from + static_cast<int>(done);
      runs_.back().push_back({{run.h[0], run.h[1]}, from, part});
      for (std::size_t n = 0; n < part; ++n, ++count_) {
        for (std::size_t x = 0; x < 3; ++x) {
          vectors_[x * step + count_] =
              run.h[0] * b[0][x] + run.h[1] * b[1][x] + (from + static_cast<int>(n)) * b[2][x];
        }
      }
      done += part;
    }
  }
  for (std::size_t x = 0; x < 3 && count_ > 0; ++x) {
    double* axis = vectors_.data() + x * step;
    std::fill(axis + count_, axis + step, axis[count_ - 1]);
  }

  // Tables of e^{2πi h f} for the fractional coordinates f.
  for (const int most : most_) entries_ += 2 * static_cast<std::size_t>(most) + 1;
  cosines_.reserve(structure.size * entries_);
  sines_.reserve(structure.size * entries_);
  for (std::size_t atom = 0; atom < structure.size; ++atom) {
    const double* r = structure.positions + 3 * atom;
    for (int i = 0; i < 3; ++i) {
      double f = (r[0] * b[i][0] + r[1] * b[i][1] + r[2] * b[i][2]) / kTwoPi;
      f -= std::floor(f);
      for (int h = -most_[i]; h <= most_[i]; ++h) {
        cosines_.push_back(std::cos(kTwoPi * h * f));
        sines_.push_back(std::sin(kTwoPi * h * f));
      }
    }
  }
}

void PlaneWaves::evaluate(std::size_t chunk, std::size_t atom, double* cosines,
                          double* sines) const {
  const double* const c = cosines_.data() + atom * entries_;
  const double* const s = sines_.data() + atom * entries_;
  const int second = 2 * most_[0] + 1 + most_[1];
  const int third = 2 * most_[0] + 1 + 2 * most_[1] + 1 + most_[2];
  std::size_t at = 0;
  for (const Run& run : runs_[chunk]) {
    const int i = most_[0] + run.h[0], j = second + run.h[1];
    const double re = c[i] * c[j] - s[i] * s[j];
    const double im = s[i] * c[j] + c[i] * s[j];
    const double* const c3 = c + third + run.from;
    const double* const s3 = s + third + run.from;
    double* const __restrict to_cosines = cosines + at;
    double* const __restrict to_sines = sines + at;
    for (std::size_t n = 0; n < run.count; ++n) {
      to_cosines[n] = re * c3[n] - im * s3[n];
      to_sines[n] = re * s3[n] + im * c3[n];
    }
    at += run.count;
  }
  for (; at < stride(chunk); ++at) cosines[at] = sines[at] = 0.0;
}

}  // namespace soapstone
