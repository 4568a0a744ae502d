#include "density/long_range.hpp"

#include <algorithm>
#include <cmath>

#include "common/parallel.hpp"
#include "density/long_range_field.hpp"
#include "math/constants.hpp"
#include "math/packed_gemm.hpp"

namespace soapstone {

using detail::kRowsPerTile;

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
    parallel_for(field.tiles(), static_cast<int>(workspaces.size()), execution.quiet(),
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
