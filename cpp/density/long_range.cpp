#include "density/long_range.hpp"

#include <algorithm>
#include <cmath>

#include "common/parallel.hpp"
#include "density/plane_waves.hpp"
#include "math/packed_gemm.hpp"

namespace soapstone {

namespace {

/// Rows of phases that go through one product, about.
constexpr std::size_t kRowsPerTile = 128;

const double kPi = std::acos(-1.0);

Execution quiet(const Execution& execution) {
  return {execution.threads, execution.cancelled, nullptr};
}

void grow(AlignedVector& vector, std::size_t size) {
  if (vector.size() < size) vector.resize(size);
}

}  // namespace

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
    parallel_for(waves.chunks(), resolve_threads(execution, waves.chunks()), quiet(execution),
                 [&](std::size_t chunk, int) { sum(chunk); });
  }

  std::size_t step() const { return waves.chunks() * PlaneWaves::kChunk; }
  std::size_t atoms_per_tile() const {
    return std::max<std::size_t>(1, kRowsPerTile / present.size());
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

LongRangeExpansion::LongRangeExpansion(const PowerLaw& density, const RadialBasis& radial,
                                       double radius, int max_angular, std::size_t channels)
    : density_(density),
      integral_(radial, max_angular, radius, density.k_cutoff),
      harmonics_(max_angular),
      radial_count_(radial.count()),
      channels_(channels),
      channel_size_(harmonics_.size() * integral_.radial_stride()),
      own_(integral_.radial_stride(), 0.0),
      background_(integral_.row(), 0.0) {
  for (std::size_t l = 0; l <= static_cast<std::size_t>(max_angular); ++l) {
    for (std::size_t lm = l * l; lm < (l + 1) * (l + 1); ++lm) {
      parity_[l % 2].lm.push_back(lm);
      parity_[l % 2].l.push_back(l);
    }
  }
  project_on_radial(
      radial, radius, [&](double r) { return density.value(r); }, own_.data());
  for (double& c : own_) c *= std::sqrt(4.0 * kPi) * (density.center_weight - 1.0);
  integral_.evaluate(0.0, background_.data(), nullptr);
  for (double& c : background_) c *= std::sqrt(4.0 * kPi) * density.mean();
}

void LongRangeExpansion::compute(const StructureView& structure,
                                 const std::vector<std::size_t>& channel,
                                 const Execution& execution, double* coefficients) const {
  const std::size_t stride = integral_.radial_stride();
  std::fill_n(coefficients, structure.size * size(), 0.0);
  if (structure.size == 0) return;
  const Field field(structure, channel, channels_, density_.k_cutoff, execution);
  const std::size_t present = field.present.size(), atoms = field.atoms_per_tile();
  struct Workspace {
    Field::Phases phases;
    AlignedVector product;
  };
  std::vector<Workspace> workspaces(
      static_cast<std::size_t>(resolve_threads(execution, field.tiles())));
  Waves waves;
  for (std::size_t chunk = 0; chunk < field.waves.chunks(); ++chunk) {
    waves.fill(*this, field.waves, chunk, false);
    PackedMatrix packed[2];
    for (std::size_t p = 0; p < 2; ++p) {
      const std::size_t width = columns(parity_[p]);
      packed[p] = PackedMatrix(waves.matrix[p].data(), width, 1, waves.size, width);
    }
    parallel_for(field.tiles(), static_cast<int>(workspaces.size()), quiet(execution),
                 [&](std::size_t tile, int thread) {
                   Workspace& w = workspaces[static_cast<std::size_t>(thread)];
                   const std::size_t from = tile * atoms,
                                     to = std::min(from + atoms, structure.size);
                   const std::size_t rows = (to - from) * present;
                   field.phases(chunk, from, to, w.phases);
                   for (std::size_t p = 0; p < 2; ++p) {
                     const std::size_t step = packed[p].padded_columns();
                     if (step == 0) continue;
                     grow(w.product, rows * step);
                     packed_product(w.phases.with[p].data(), waves.size, rows, packed[p], 0,
                                    packed[p].panels(), w.product.data(), step);
                     for (std::size_t row = 0; row < rows; ++row) {
                       double* c = coefficients + (from + row / present) * size() +
                                   field.present[row % present] * channel_size_;
                       const double* sums = &w.product[row * step];
                       for (const std::size_t lm : parity_[p].lm) {
                         for (std::size_t n = 0; n < radial_count_; ++n)
                           c[lm * stride + n] += *sums++;
                       }
                     }
                   }
                 });
  }
  for (std::size_t i = 0; i < structure.size; ++i) {
    double* of_atom = coefficients + i * size();
    for (std::size_t a = 0; a < present; ++a) {
      double* c = of_atom + field.present[a] * channel_size_;
      const double scale = field.population[a] / field.waves.volume();
      for (std::size_t n = 0; n < radial_count_; ++n) c[n] += scale * background_[n];
    }
    double* c = of_atom + channel[i] * channel_size_;
    for (std::size_t n = 0; n < radial_count_; ++n) c[n] += own_[n];
  }
}

// With u = Σ_nlm (even part) G − i Σ_nlm (odd part) G of a centre i and its channel α, its share of
// L is Re Σ_k u e^{ik·r_i} S_α(k). What r_i changes as a centre is seen at once; what r_j changes
// as a neighbour comes from Σ_i u e^{ik·r_i}. A strain leaves k·r as it is and turns and stretches
// k: ∂k_c/∂ε_ab = −δ_ac k_b.
void LongRangeExpansion::adjoint(const StructureView& structure,
                                 const std::vector<std::size_t>& channel,
                                 const double* coefficients, const double* coefficients_gradient,
                                 const Execution& execution, double* positions,
                                 double* strain) const {
  if (structure.size == 0) return;
  const Field field(structure, channel, channels_, density_.k_cutoff, execution);
  const std::size_t present = field.present.size(), atoms = field.atoms_per_tile();
  const std::size_t stride = integral_.radial_stride(), chunks = field.waves.chunks();

  // G without padding, by parity, and packed for the strain tile by tile.
  AlignedVector gradient[2];
  std::vector<PackedMatrix> packed_gradient[2];
  for (std::size_t p = 0; p < 2; ++p) {
    const std::size_t width = columns(parity_[p]);
    gradient[p].resize(structure.size * present * width);
    double* to = gradient[p].data();
    for (std::size_t row = 0; row < structure.size * present; ++row) {
      const double* from = coefficients_gradient + row / present * size() +
                           field.present[row % present] * channel_size_;
      for (const std::size_t lm : parity_[p].lm) {
        to = std::copy_n(from + lm * stride, radial_count_, to);
      }
    }
    if (strain == nullptr) continue;
    packed_gradient[p].resize(field.tiles());
    for (std::size_t tile = 0; tile < field.tiles(); ++tile) {
      const std::size_t from = tile * atoms, to_atom = std::min(from + atoms, structure.size);
      packed_gradient[p][tile] = PackedMatrix(gradient[p].data() + from * present * width, width, 1,
                                              (to_atom - from) * present, width);
    }
  }

  struct Workspace {
    Waves waves;
    Field::Phases phases;
    AlignedVector weights[2];  // of a tile: Σ_nlm G · matrix, [row][wave]
    AlignedVector transposed;  // phases of a tile, [wave][row]
    AlignedVector product;
    AlignedVector moments[2];  // Σ_i G · phase, [wave][column]
    AlignedVector back[2];     // Σ_i u e^{ik·r_i}, [present][wave]
  };
  std::vector<Workspace> workspaces(static_cast<std::size_t>(resolve_threads(execution, chunks)));
  std::vector<double> parts(chunks * (3 * structure.size + 9), 0.0);
  parallel_for(
      chunks, static_cast<int>(workspaces.size()), quiet(execution),
      [&](std::size_t chunk, int thread) {
        Workspace& w = workspaces[static_cast<std::size_t>(thread)];
        double* const part = parts.data() + chunk * (3 * structure.size + 9);
        w.waves.fill(*this, field.waves, chunk, strain != nullptr);
        const std::size_t size = w.waves.size;
        const double* k[3];
        for (std::size_t axis = 0; axis < 3; ++axis) k[axis] = field.waves.vectors(chunk, axis);
        PackedMatrix packed[2];
        for (std::size_t p = 0; p < 2; ++p) {
          const std::size_t width = columns(parity_[p]);
          packed[p] = PackedMatrix(w.waves.matrix[p].data(), 1, width, width, size);
          w.back[p].assign(present * size, 0.0);
          w.moments[p].assign(size * padded(width), 0.0);
        }
        const auto add_force = [&](std::size_t atom, const Lanes& amount, std::size_t at) {
          for (std::size_t axis = 0; axis < 3; ++axis) {
            part[3 * atom + axis] += sum(amount * load(k[axis] + at));
          }
        };

        for (std::size_t tile = 0; tile < field.tiles(); ++tile) {
          const std::size_t from = tile * atoms, to = std::min(from + atoms, structure.size);
          const std::size_t rows = (to - from) * present, step = packed[0].padded_columns();
          field.phases(chunk, from, to, w.phases);
          for (std::size_t p = 0; p < 2; ++p) {
            const std::size_t width = columns(parity_[p]);
            w.weights[p].assign(rows * step, 0.0);
            if (width == 0) continue;
            packed_product(gradient[p].data() + from * present * width, width, rows, packed[p], 0,
                           packed[p].panels(), w.weights[p].data(), step);
            if (strain == nullptr) continue;
            w.transposed.resize(size * rows);
            for (std::size_t row = 0; row < rows; ++row) {
              for (std::size_t q = 0; q < size; ++q) {
                w.transposed[q * rows + row] = w.phases.with[p][row * size + q];
              }
            }
            const PackedMatrix& right = packed_gradient[p][tile];
            grow(w.product, size * right.padded_columns());
            packed_product(w.transposed.data(), rows, size, right, 0, right.panels(),
                           w.product.data(), right.padded_columns());
            for (std::size_t q = 0; q < size; ++q) {
              const double* product = &w.product[q * right.padded_columns()];
              double* moments = &w.moments[p][q * padded(width)];
              for (std::size_t c = 0; c < width; ++c) moments[c] += product[c];
            }
          }
          for (std::size_t i = from; i < to; ++i) {
            for (std::size_t q = 0; q < size; q += kLanes) {
              const Lanes c = load(&w.phases.own[0][(i - from) * size + q]);
              const Lanes s = load(&w.phases.own[1][(i - from) * size + q]);
              Lanes turned{};
              for (std::size_t a = 0; a < present; ++a) {
                const std::size_t row = (i - from) * present + a;
                const Lanes even = load(&w.weights[0][row * step + q]);
                const Lanes odd = load(&w.weights[1][row * step + q]);
                turned += odd * load(&w.phases.with[0][row * size + q]) -
                          even * load(&w.phases.with[1][row * size + q]);
                double* re = &w.back[0][a * size + q];
                double* im = &w.back[1][a * size + q];
                store(re, load(re) + even * c + odd * s);
                store(im, load(im) + even * s - odd * c);
              }
              add_force(i, turned, q);
            }
          }
        }

        alignas(kAlignment) double c[PlaneWaves::kChunk], s[PlaneWaves::kChunk];
        for (std::size_t j = 0; j < structure.size; ++j) {
          field.waves.evaluate(chunk, j, c, s);
          for (std::size_t q = 0; q < size; q += kLanes) {
            const std::size_t at = field.row[j] * size + q;
            add_force(j, load(c + q) * load(&w.back[1][at]) - load(s + q) * load(&w.back[0][at]),
                      q);
          }
        }

        if (strain == nullptr) return;
        double* const tensor = part + 3 * structure.size;
        for (std::size_t q = 0; q < field.waves.size(chunk); ++q) {
          double along = 0.0, across[3] = {};
          for (std::size_t p = 0; p < 2; ++p) {
            const Parity& parity = parity_[p];
            const double* moments = &w.moments[p][q * padded(columns(parity))];
            for (std::size_t i = 0; i < parity.lm.size(); ++i, moments += radial_count_) {
              const std::size_t at = q * integral_.row() + parity.l[i] * stride;
              double value = 0.0, slope = 0.0;
              for (std::size_t n = 0; n < radial_count_; ++n) {
                value += moments[n] * w.waves.radial[at + n];
                slope += moments[n] * w.waves.radial_slope[at + n];
              }
              const double sign = Waves::sign(parity.l[i]);
              along += sign * slope * w.waves.harmonics[parity.lm[i] * size + q];
              for (std::size_t axis = 0; axis < 3; ++axis) {
                across[axis] +=
                    sign * value / w.waves.length[q] *
                    w.waves.gradient[(axis * harmonics_.size() + parity.lm[i]) * size + q];
              }
            }
          }
          for (std::size_t a = 0; a < 3; ++a) {
            const double slope = along * w.waves.direction[a * size + q] + across[a];
            for (std::size_t b = 0; b < 3; ++b) tensor[3 * a + b] -= slope * k[b][q];
          }
        }
      });

  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
    const double* part = parts.data() + chunk * (3 * structure.size + 9);
    for (std::size_t x = 0; x < 3 * structure.size; ++x) positions[x] += part[x];
    for (std::size_t x = 0; x < 9 && strain != nullptr; ++x) {
      strain[x] += part[3 * structure.size + x];
    }
  }
  if (strain == nullptr) return;
  // The volume divides everything but the centre's own share.
  double whole = 0.0;
  for (std::size_t i = 0; i < structure.size; ++i) {
    const double* g = coefficients_gradient + i * size();
    const double* c = coefficients + i * size();
    for (std::size_t x = 0; x < size(); ++x) whole += g[x] * c[x];
    for (std::size_t n = 0; n < radial_count_; ++n) {
      whole -= g[channel[i] * channel_size_ + n] * own_[n];
    }
  }
  for (std::size_t a = 0; a < 3; ++a) strain[4 * a] -= whole;
}

void LongRangeExpansion::derivatives(const StructureView& structure, std::size_t centre,
                                     double* derivatives) const {
  const std::size_t stride = integral_.radial_stride();
  std::fill_n(derivatives, structure.size * 3 * channel_size_, 0.0);
  const PlaneWaves plane_waves(structure, density_.k_cutoff);
  Waves waves;
  AlignedVector rows[2], product;
  alignas(kAlignment) double own[2][PlaneWaves::kChunk], other[2][PlaneWaves::kChunk];
  constexpr std::size_t kAtoms = kRowsPerTile / 3;
  for (std::size_t chunk = 0; chunk < plane_waves.chunks(); ++chunk) {
    waves.fill(*this, plane_waves, chunk, false);
    const std::size_t size = waves.size;
    PackedMatrix packed[2];
    for (std::size_t p = 0; p < 2; ++p) {
      const std::size_t width = columns(parity_[p]);
      packed[p] = PackedMatrix(waves.matrix[p].data(), width, 1, size, width);
      rows[p].assign(3 * kAtoms * size, 0.0);
    }
    plane_waves.evaluate(chunk, centre, own[0], own[1]);
    for (std::size_t from = 0; from < structure.size; from += kAtoms) {
      const std::size_t to = std::min(from + kAtoms, structure.size);
      for (std::size_t j = from; j < to; ++j) {
        plane_waves.evaluate(chunk, j, other[0], other[1]);
        // ∂ cos k·(r_i − r_j) / ∂r_j = k sin, ∂ sin / ∂r_j = −k cos
        for (std::size_t q = 0; q < size; q += kLanes) {
          const Lanes ci = load(own[0] + q), si = load(own[1] + q);
          const Lanes cj = load(other[0] + q), sj = load(other[1] + q);
          const Lanes moves = Lanes{} + (j == centre ? 0.0 : 1.0);  // its images move with it
          const Lanes cosine = moves * (ci * cj + si * sj), sine = moves * (si * cj - ci * sj);
          for (std::size_t axis = 0; axis < 3; ++axis) {
            const Lanes k = load(plane_waves.vectors(chunk, axis) + q);
            store(&rows[0][(3 * (j - from) + axis) * size + q], k * sine);
            store(&rows[1][(3 * (j - from) + axis) * size + q], -k * cosine);
          }
        }
      }
      for (std::size_t p = 0; p < 2; ++p) {
        const std::size_t step = packed[p].padded_columns(), count = 3 * (to - from);
        if (step == 0) continue;
        grow(product, count * step);
        packed_product(rows[p].data(), size, count, packed[p], 0, packed[p].panels(),
                       product.data(), step);
        for (std::size_t row = 0; row < count; ++row) {
          double* d = derivatives + (3 * from + row) * channel_size_;
          const double* sums = &product[row * step];
          for (const std::size_t lm : parity_[p].lm) {
            for (std::size_t n = 0; n < radial_count_; ++n) d[lm * stride + n] += *sums++;
          }
        }
      }
    }
  }
}

}  // namespace soapstone
