#include <algorithm>

#include "common/parallel.hpp"
#include "density/long_range.hpp"
#include "density/long_range_field.hpp"
#include "math/packed_gemm.hpp"

namespace soapstone {

/// The steps of the adjoint on a chunk of waves.
///
/// With u = Σ_nlm (even part) G − i Σ_nlm (odd part) G of a centre i and its channel α, its share
/// of L is Re Σ_k u e^{ik·r_i} S_α(k). What r_i changes as a centre is seen at once; what r_j
/// changes as a neighbour comes from Σ_i u e^{ik·r_i}. A strain leaves k·r as it is and turns and
/// stretches k: ∂k_c/∂ε_ab = −δ_ac k_b.
class LongRangeExpansion::Adjoint {
 public:
  struct Workspace {
    Waves waves;
    PackedMatrix matrix[2];  // of the waves, by column
    Field::Phases phases;
    AlignedVector weights[2];  // of a tile: Σ_nlm G · matrix, [row][wave]
    AlignedVector transposed;  // phases of a tile, [wave][row]
    AlignedVector product;
    AlignedVector moments[2];  // Σ_i G · phase, [wave][column]
    AlignedVector back[2];     // Σ_i u e^{ik·r_i}, [present][wave]
  };

  /// `strain`: whether the derivative by it is wanted. All must outlive this.
  Adjoint(const LongRangeExpansion& expansion, const Field& field,
          const double* coefficients_gradient, bool strain)
      : expansion_(expansion), field_(field), strain_(strain) {
    for (std::size_t p = 0; p < 2; ++p) take_gradient(p, coefficients_gradient);
  }

  /// Adds what a chunk contributes to ∂L/∂r, of all atoms, and to that by strain, if it is wanted.
  void add(std::size_t chunk, Workspace& w, double* positions, double* tensor) const {
    w.waves.fill(expansion_, field_.waves, chunk, strain_);
    for (std::size_t p = 0; p < 2; ++p) {
      const std::size_t width = columns(p);
      w.matrix[p] = PackedMatrix(w.waves.matrix[p].data(), 1, width, width, w.waves.size);
      w.back[p].assign(present() * w.waves.size, 0.0);
      w.moments[p].assign(w.waves.size * padded(width), 0.0);
    }
    for (std::size_t tile = 0; tile < field_.tiles(); ++tile) {
      field_.phases(chunk, first_atom(tile), last_atom(tile), w.phases);
      for (std::size_t p = 0; p < 2; ++p) {
        weigh(tile, p, w);
        if (strain_ && columns(p) > 0) add_moments(tile, p, w);
      }
      move_centres(chunk, tile, w, positions);
    }
    move_neighbours(chunk, w, positions);
    if (strain_) add_strain(chunk, w, tensor);
  }

 private:
  std::size_t present() const { return field_.present.size(); }
  std::size_t columns(std::size_t parity) const {
    return expansion_.columns(expansion_.parity_[parity]);
  }
  std::size_t first_atom(std::size_t tile) const { return tile * field_.atoms_per_tile(); }
  std::size_t last_atom(std::size_t tile) const {
    return std::min(first_atom(tile + 1), field_.row.size());
  }
  std::size_t rows(std::size_t tile) const {
    return (last_atom(tile) - first_atom(tile)) * present();
  }
  /// G of a tile, [row][column].
  const double* gradient(std::size_t tile, std::size_t parity) const {
    return gradient_[parity].data() + first_atom(tile) * present() * columns(parity);
  }

  /// Copies G of a parity without padding, and packs it for the strain tile by tile.
  void take_gradient(std::size_t p, const double* coefficients_gradient) {
    const std::size_t width = columns(p), stride = expansion_.integral_.radial_stride();
    gradient_[p].resize(field_.row.size() * present() * width);
    double* to = gradient_[p].data();
    for (std::size_t row = 0; row < field_.row.size() * present(); ++row) {
      const double* from = coefficients_gradient + row / present() * expansion_.size() +
                           field_.present[row % present()] * expansion_.channel_size_;
      for (const std::size_t lm : expansion_.parity_[p].lm) {
        to = std::copy_n(from + lm * stride, expansion_.radial_count_, to);
      }
    }
    if (!strain_) return;
    for (std::size_t tile = 0; tile < field_.tiles(); ++tile) {
      packed_gradient_[p].emplace_back(gradient(tile, p), width, 1, rows(tile), width);
    }
  }

  void weigh(std::size_t tile, std::size_t p, Workspace& w) const {
    const std::size_t step = w.matrix[0].padded_columns();
    w.weights[p].assign(rows(tile) * step, 0.0);
    if (columns(p) == 0) return;
    packed_product(gradient(tile, p), columns(p), rows(tile), w.matrix[p], 0, w.matrix[p].panels(),
                   w.weights[p].data(), step);
  }

  void add_moments(std::size_t tile, std::size_t p, Workspace& w) const {
    const std::size_t size = w.waves.size, count = rows(tile), width = columns(p);
    w.transposed.resize(size * count);
    for (std::size_t row = 0; row < count; ++row) {
      for (std::size_t q = 0; q < size; ++q) {
        w.transposed[q * count + row] = w.phases.with[p][row * size + q];
      }
    }
    const PackedMatrix& right = packed_gradient_[p][tile];
    grow(w.product, size * right.padded_columns());
    packed_product(w.transposed.data(), count, size, right, 0, right.panels(), w.product.data(),
                   right.padded_columns());
    for (std::size_t q = 0; q < size; ++q) {
      const double* product = &w.product[q * right.padded_columns()];
      double* moments = &w.moments[p][q * padded(width)];
      for (std::size_t c = 0; c < width; ++c) moments[c] += product[c];
    }
  }

  /// Adds `amount` · k, k from wave `at` of a chunk on, to the gradient of an atom.
  void add_force(std::size_t chunk, std::size_t at, const Lanes& amount, double* gradient) const {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      gradient[axis] += sum(amount * load(field_.waves.vectors(chunk, axis) + at));
    }
  }

  void move_centres(std::size_t chunk, std::size_t tile, Workspace& w, double* positions) const {
    const std::size_t size = w.waves.size, step = w.matrix[0].padded_columns();
    const std::size_t from = first_atom(tile), to = last_atom(tile);
    for (std::size_t i = from; i < to; ++i) {
      for (std::size_t q = 0; q < size; q += kLanes) {
        const Lanes c = load(&w.phases.own[0][(i - from) * size + q]);
        const Lanes s = load(&w.phases.own[1][(i - from) * size + q]);
        Lanes turned{};
        for (std::size_t a = 0; a < present(); ++a) {
          const std::size_t row = (i - from) * present() + a;
          const Lanes even = load(&w.weights[0][row * step + q]);
          const Lanes odd = load(&w.weights[1][row * step + q]);
          turned += odd * load(&w.phases.with[0][row * size + q]) -
                    even * load(&w.phases.with[1][row * size + q]);
          double* re = &w.back[0][a * size + q];
          double* im = &w.back[1][a * size + q];
          store(re, load(re) + even * c + odd * s);
          store(im, load(im) + even * s - odd * c);
        }
        add_force(chunk, q, turned, positions + 3 * i);
      }
    }
  }

  void move_neighbours(std::size_t chunk, const Workspace& w, double* positions) const {
    const std::size_t size = w.waves.size;
    alignas(kAlignment) double c[PlaneWaves::kChunk], s[PlaneWaves::kChunk];
    for (std::size_t j = 0; j < field_.row.size(); ++j) {
      field_.waves.evaluate(chunk, j, c, s);
      for (std::size_t q = 0; q < size; q += kLanes) {
        const std::size_t at = field_.row[j] * size + q;
        const Lanes amount =
            load(c + q) * load(&w.back[1][at]) - load(s + q) * load(&w.back[0][at]);
        add_force(chunk, q, amount, positions + 3 * j);
      }
    }
  }

  void add_strain(std::size_t chunk, const Workspace& w, double* tensor) const {
    const std::size_t size = w.waves.size, count = expansion_.radial_count_;
    for (std::size_t q = 0; q < field_.waves.size(chunk); ++q) {
      double along = 0.0, across[3] = {};
      for (std::size_t p = 0; p < 2; ++p) {
        const Parity& parity = expansion_.parity_[p];
        const double* moments = &w.moments[p][q * padded(columns(p))];
        for (std::size_t i = 0; i < parity.lm.size(); ++i, moments += count) {
          const std::size_t at =
              q * expansion_.integral_.row() + parity.l[i] * expansion_.integral_.radial_stride();
          double value = 0.0, slope = 0.0;
          for (std::size_t n = 0; n < count; ++n) {
            value += moments[n] * w.waves.radial[at + n];
            slope += moments[n] * w.waves.radial_slope[at + n];
          }
          const double sign = Waves::sign(parity.l[i]);
          along += sign * slope * w.waves.harmonics[parity.lm[i] * size + q];
          for (std::size_t axis = 0; axis < 3; ++axis) {
            const std::size_t lm = axis * expansion_.harmonics_.size() + parity.lm[i];
            across[axis] += sign * value / w.waves.length[q] * w.waves.gradient[lm * size + q];
          }
        }
      }
      for (std::size_t a = 0; a < 3; ++a) {
        const double slope = along * w.waves.direction[a * size + q] + across[a];
        for (std::size_t b = 0; b < 3; ++b) {
          tensor[3 * a + b] -= slope * field_.waves.vectors(chunk, b)[q];
        }
      }
    }
  }

  const LongRangeExpansion& expansion_;
  const Field& field_;
  bool strain_;
  AlignedVector gradient_[2];                     // G without padding, by parity
  std::vector<PackedMatrix> packed_gradient_[2];  // of each tile
};

void LongRangeExpansion::adjoint(const StructureView& structure,
                                 const std::vector<std::size_t>& channel,
                                 const double* coefficients, const double* coefficients_gradient,
                                 const Execution& execution, double* positions,
                                 double* strain) const {
  if (structure.size == 0) return;
  const Field field(structure, channel, channels_, density_.k_cutoff, execution);
  const Adjoint adjoint(*this, field, coefficients_gradient, strain != nullptr);

  // Each chunk has sums of its own, which are added up in their order: some chunks at a time, so
  // that memory does not grow with atoms times waves.
  constexpr std::size_t kChunksAtOnce = 64;
  const std::size_t coordinates = 3 * structure.size, part_size = coordinates + 9;
  const std::size_t chunks = field.waves.chunks(), most = std::min(kChunksAtOnce, chunks);
  std::vector<Adjoint::Workspace> workspaces(
      static_cast<std::size_t>(resolve_threads(execution, most)));
  std::vector<double> parts(most * part_size);
  for (std::size_t first = 0; first < chunks; first += most) {
    const std::size_t count = std::min(most, chunks - first);
    std::fill(parts.begin(), parts.end(), 0.0);
    parallel_for(count, static_cast<int>(workspaces.size()), execution.quiet(),
                 [&](std::size_t k, int thread) {
                   double* const part = parts.data() + k * part_size;
                   adjoint.add(first + k, workspaces[static_cast<std::size_t>(thread)], part,
                               part + coordinates);
                 });
    for (std::size_t k = 0; k < count; ++k) {
      const double* part = parts.data() + k * part_size;
      for (std::size_t x = 0; x < coordinates; ++x) positions[x] += part[x];
      for (std::size_t x = 0; x < 9 && strain != nullptr; ++x) strain[x] += part[coordinates + x];
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
