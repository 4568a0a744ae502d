#include <algorithm>

#include "common/parallel.hpp"
#include "density/long_range.hpp"
#include "density/long_range_field.hpp"
#include "math/packed_gemm.hpp"

namespace soapstone {

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
      chunks, static_cast<int>(workspaces.size()), execution.quiet(),
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

}  // namespace soapstone
