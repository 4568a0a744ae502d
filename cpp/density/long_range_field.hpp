#pragma once

// What the expansion of a long-range density and its adjoint are made of.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "common/parallel.hpp"
#include "density/long_range.hpp"
#include "density/plane_waves.hpp"
#include "math/constants.hpp"

namespace soapstone {

namespace detail {

/// Rows of phases that go through one product, about.
constexpr std::size_t kRowsPerTile = 128;

}  // namespace detail

/// A structure's plane waves and their sums over its atoms. Channels without atoms are left out.
struct LongRangeExpansion::Field {
  Field(const StructureView& structure, const std::vector<std::size_t>& channel,
        std::size_t channels, double k_cutoff, const Execution& execution)
      : waves(structure, k_cutoff), row(structure.size) {
    std::vector<std::size_t> row_of(channels, channels);
    for (std::size_t a = 0; a < channels; ++a) {
      const auto atoms = std::count(channel.begin(), channel.end(), a);
      if (atoms == 0) continue;
      row_of[a] = present.size();
      present.push_back(a);
      population.push_back(static_cast<double>(atoms));
    }
    for (std::size_t i = 0; i < structure.size; ++i) row[i] = row_of[channel[i]];
    cosines.assign(present.size() * step(), 0.0);
    sines.assign(present.size() * step(), 0.0);
    parallel_for(waves.chunks(), resolve_threads(execution, waves.chunks()), execution.quiet(),
                 [&](std::size_t chunk, int) { sum(chunk); });
  }

  std::size_t step() const { return waves.chunks() * PlaneWaves::kChunk; }
  std::size_t atoms_per_tile() const {
    return std::max<std::size_t>(1, detail::kRowsPerTile / present.size());
  }
  std::size_t tiles() const { return (row.size() + atoms_per_tile() - 1) / atoms_per_tile(); }

  void sum(std::size_t chunk) {
    alignas(kAlignment) double c[PlaneWaves::kChunk], s[PlaneWaves::kChunk];
    for (std::size_t i = 0; i < row.size(); ++i) {
      waves.evaluate(chunk, i, c, s);
      const std::size_t at = row[i] * step() + chunk * PlaneWaves::kChunk;
      for (std::size_t k = 0; k < waves.stride(chunk); k += kLanes) {
        store(&cosines[at + k], load(&cosines[at + k]) + load(c + k));
        store(&sines[at + k], load(&sines[at + k]) + load(s + k));
      }
    }
  }

  /// Real and imaginary part of Σ_{j∈α} e^{ik·(r_i − r_j)} for the atoms i of a tile and all α, as
  /// [atom][α][wave], and the phases of the atoms themselves, [atom][wave].
  struct Phases {
    AlignedVector own[2], with[2];
  };
  void phases(std::size_t chunk, std::size_t from, std::size_t to, Phases& phases) const {
    const std::size_t stride = waves.stride(chunk);
    for (std::size_t part = 0; part < 2; ++part) {
      grow(phases.own[part], (to - from) * stride);
      grow(phases.with[part], (to - from) * present.size() * stride);
    }
    for (std::size_t i = from; i < to; ++i) {
      double* c = &phases.own[0][(i - from) * stride];
      double* s = &phases.own[1][(i - from) * stride];
      waves.evaluate(chunk, i, c, s);
      for (std::size_t a = 0; a < present.size(); ++a) {
        const double* sum_c = &cosines[a * step() + chunk * PlaneWaves::kChunk];
        const double* sum_s = &sines[a * step() + chunk * PlaneWaves::kChunk];
        const std::size_t at = ((i - from) * present.size() + a) * stride;
        for (std::size_t k = 0; k < stride; k += kLanes) {
          const Lanes re = load(c + k), im = load(s + k);
          const Lanes sum_re = load(sum_c + k), sum_im = load(sum_s + k);
          store(&phases.with[0][at + k], re * sum_re + im * sum_im);
          store(&phases.with[1][at + k], im * sum_re - re * sum_im);
        }
      }
    }
  }

  PlaneWaves waves;
  std::vector<std::size_t> present;  // channels that have atoms
  std::vector<double> population;    // of each
  std::vector<std::size_t> row;      // of each atom: its channel's place in `present`
  AlignedVector cosines, sines;      // [present][wave]: Σ_j cos k·r_j and Σ_j sin k·r_j
};

/// What a chunk of waves is expanded into: 8π/V ĝ(k) (±1) I_nl(k) Y_lm(k̂) as [wave][lm, n] for
/// even and odd l, and its factors.
struct LongRangeExpansion::Waves {
  std::size_t size = 0;  // padded
  AlignedVector matrix[2];
  AlignedVector length;                // |k|
  AlignedVector direction;             // [axis][wave]
  AlignedVector radial, radial_slope;  // [wave][l][n], all factors but Y
  AlignedVector harmonics, gradient;   // [lm][wave], [axis][lm][wave]

  void fill(const LongRangeExpansion& of, const PlaneWaves& waves, std::size_t chunk,
            bool derivatives) {
    size = waves.stride(chunk);
    const std::size_t row = of.integral_.row(), angles = of.harmonics_.size();
    length.assign(size, 0.0);
    direction.resize(3 * size);
    radial.assign(size * row, 0.0);
    radial_slope.assign(derivatives ? size * row : row, 0.0);
    harmonics.resize(angles * size);
    if (derivatives) gradient.resize(3 * angles * size);
    for (std::size_t k = 0; k < size; ++k) {
      const double v[3] = {waves.vectors(chunk, 0)[k], waves.vectors(chunk, 1)[k],
                           waves.vectors(chunk, 2)[k]};
      length[k] = std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
      for (std::size_t axis = 0; axis < 3; ++axis) direction[axis * size + k] = v[axis] / length[k];
      if (k >= waves.size(chunk)) continue;  // which leaves zeros
      double* r = &radial[k * row];
      double* slope = derivatives ? &radial_slope[k * row] : nullptr;
      of.integral_.evaluate(length[k], r, slope);
      const Jet g = (8.0 * kPi / waves.volume()) * of.density_.transform(length[k]);
      for (std::size_t i = 0; i < row; i += kLanes) {
        const Lanes value = load(r + i);
        store(r + i, g.value * value);
        if (derivatives) store(slope + i, g.first * value + g.value * load(slope + i));
      }
    }
    of.harmonics_.compute(direction.data(), size, size, harmonics.data(),
                          derivatives ? gradient.data() : nullptr);

    const std::size_t count = of.radial_count_, stride = of.integral_.radial_stride();
    for (std::size_t p = 0; p < 2; ++p) {
      const Parity& parity = of.parity_[p];
      matrix[p].resize(size * of.columns(parity));
      double* to = matrix[p].data();
      for (std::size_t k = 0; k < size; ++k) {
        for (std::size_t i = 0; i < parity.lm.size(); ++i, to += count) {
          const double y = sign(parity.l[i]) * harmonics[parity.lm[i] * size + k];
          const double* r = &radial[k * row + parity.l[i] * stride];
          for (std::size_t n = 0; n < count; ++n) to[n] = y * r[n];
        }
      }
    }
  }

  /// i^l e^{ikr} and its conjugate are 2 · sign · cos k·r for even l, · sin k·r for odd l.
  static double sign(std::size_t l) { return (l + 1) / 2 % 2 == 0 ? 1.0 : -1.0; }
};

}  // namespace soapstone
