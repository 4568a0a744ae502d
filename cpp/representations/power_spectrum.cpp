#include "representations/power_spectrum.hpp"

#include <algorithm>
#include <cmath>

#include "math/small_gemm.hpp"
#include "math/transpose.hpp"

namespace soapstone {

namespace {

/// Visits the (channel a ≤ channel b, l) blocks in feature order with the index of each block's
/// first feature.
template <typename Visit>
void for_each_block(std::size_t channels, int max_angular, std::size_t radial, const Visit& visit) {
  std::size_t feature = 0;
  for (std::size_t a = 0; a < channels; ++a) {
    for (std::size_t b = a; b < channels; ++b) {
      for (int l = 0; l <= max_angular; ++l) {
        visit(a, b, l, feature);
        feature += a == b ? radial * (radial + 1) / 2 : radial * radial;
      }
    }
  }
}

}  // namespace

PowerSpectrum::PowerSpectrum(const DensityParameters& density, const BasisParameters& basis,
                             std::vector<std::int32_t> species)
    : expansion_(density, basis, std::move(species)) {
  const std::size_t channels = expansion_.channels();
  const std::size_t pairs = channels * (channels - 1) / 2;
  features_ = (basis.max_angular + 1) * (channels * block_size(true) + pairs * block_size(false));
  const std::size_t n = expansion_.radial_count();
  triangle_weights_.assign(n * expansion_.radial_stride(), 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    double* row = &triangle_weights_[i * expansion_.radial_stride()];
    row[i] = std::sqrt(0.5);
    std::fill(row + i + 1, row + n, 1.0);
  }
  for (int l = 0; l <= basis.max_angular; ++l) scales_.push_back(std::sqrt(2.0 / (2.0 * l + 1.0)));
  touched_.resize(channels);
  for_each_block(channels, basis.max_angular, expansion_.radial_count(),
                 [&](std::size_t a, std::size_t b, int, std::size_t feature) {
                   for (std::size_t k = 0; k < block_size(a == b); ++k) {
                     touched_[a].push_back(feature + k);
                     if (a != b) touched_[b].push_back(feature + k);
                   }
                 });
}

std::size_t PowerSpectrum::block_size(bool same_channel) const {
  const std::size_t n = expansion_.radial_count();
  return same_channel ? n * (n + 1) / 2 : n * n;
}

void PowerSpectrum::values(const Environment& e, double* features) const {
  const std::size_t n = expansion_.radial_count();
  const std::size_t step = expansion_.radial_stride();
  for_each_block(
      expansion_.channels(), expansion_.max_angular(), n,
      [&](std::size_t a, std::size_t b, int l, std::size_t feature) {
        const std::size_t lm = static_cast<std::size_t>(l * l);
        const double* left = e.coefficients.data() + a * expansion_.channel_size() + lm * step;
        const double* right = e.coefficients.data() + b * expansion_.channel_size() + lm * step;
        const double scale = scales_[static_cast<std::size_t>(l)];
        double* out = features + feature;
        if (a != b) {
          small_product({left, 1, step}, n, right, step, 2 * l + 1, step, false,
                        [&](std::size_t i, std::size_t k, const Lanes& sum) {
                          store_first(out + i * n + k, scale * sum, n - k);
                        });
        } else {
          // Rows of the triangle follow each other without gaps. Lanes left of the diagonal fall on
          // rows before, which are stored later.
          small_product({left, 1, step}, n, right, step, 2 * l + 1, step, true,
                        [&](std::size_t i, std::size_t k, const Lanes& sum) {
                          const Lanes weight = load(triangle_weights_.data() + i * step + k);
                          store_first(out + i * n - i * (i + 1) / 2 + k, scale * weight * sum,
                                      n - k);
                        });
        }
      });
}

// A block of weights W_nn' adds Σ_n W_nn' c^α_nlm to ∂L/∂c^α'_n'lm and Σ_n' W_nn' c^α'_n'lm to
// ∂L/∂c^α_nlm. Where α = α', the two sums are one with W + Wᵀ.
void PowerSpectrum::adjoint(const Environment& e, const double* features_gradient,
                            double* coefficients_gradient) const {
  const std::size_t n = expansion_.radial_count();
  const std::size_t step = expansion_.radial_stride();
  thread_local AlignedVector scratch;
  scratch.resize(2 * step * step);
  // Looked up once: a thread_local name is a call each time.
  double* const weights = scratch.data();
  double* const transposed = weights + step * step;
  std::fill_n(coefficients_gradient, expansion_.coefficients_size(), 0.0);
  for_each_block(expansion_.channels(), expansion_.max_angular(), n,
                 [&](std::size_t a, std::size_t b, int l, std::size_t feature) {
                   const double* g = features_gradient + feature;
                   const double scale = scales_[static_cast<std::size_t>(l)];
                   for (std::size_t i = 0; i < step; ++i) {
                     // Of a triangle, lanes left of the diagonal are of rows before; their weight
                     // is zero.
                     const double* from = a == b ? g + i * n - i * (i + 1) / 2 : g + i * n;
                     const double* factor = triangle_weights_.data() + i * step;
                     for (std::size_t k = 0; k < step; k += kLanes) {
                       Lanes w = i < n ? scale * load_first(from + k, n - k) : Lanes{};
                       if (a == b && i < n)
                         w = load(factor + k) > 0.0 ? w * load(factor + k) : Lanes{};
                       store(&weights[i * step + k], w);
                     }
                   }
                   transpose_tiles(weights, step, step, transposed);
                   if (a == b) {
                     for (std::size_t k = 0; k < step * step; ++k) weights[k] += transposed[k];
                   }
                   const std::size_t offset = static_cast<std::size_t>(l * l) * step;
                   const std::size_t at_a = a * expansion_.channel_size() + offset;
                   const std::size_t at_b = b * expansion_.channel_size() + offset;
                   const auto add = [&](std::size_t target, std::size_t source, const double* w) {
                     small_gemm<true>({e.coefficients.data() + source, step, 1}, 2 * l + 1, w, step,
                                      n, step, coefficients_gradient + target, step);
                   };
                   add(at_b, at_a, weights);
                   if (a != b) add(at_a, at_b, transposed);
                 });
}

void PowerSpectrum::jacobian(const Environment& e, std::size_t channel,
                             const double* coefficients_derivative, double* rows,
                             std::size_t rows_step) const {
  const std::size_t n = expansion_.radial_count();
  const std::size_t step = expansion_.radial_stride();
  thread_local AlignedVector scratch;
  scratch.resize(padded(n) * step);
  std::size_t filled = 0;  // touched features written so far
  for_each_block(
      expansion_.channels(), expansion_.max_angular(), n,
      [&](std::size_t a, std::size_t b, int l, std::size_t) {
        if (channel != a && channel != b) return;
        const std::size_t lm = static_cast<std::size_t>(l * l);
        const double diagonal = 2.0 / std::sqrt(2.0 * l + 1.0);
        const double twice = diagonal / std::sqrt(2.0);
        for (int axis = 0; axis < 3; ++axis) {
          double* out = rows + axis * rows_step + filled;
          const double* derivative =
              coefficients_derivative + axis * expansion_.channel_size() + lm * step;
          const std::size_t other = channel == a ? b : a;
          const double* fixed =
              e.coefficients.data() + other * expansion_.channel_size() + lm * step;
          const double* left = channel == a ? derivative : fixed;
          const double* right = channel == a ? fixed : derivative;
          small_gemm<false>({left, 1, step}, n, right, step, 2 * l + 1, step, scratch.data(), step);
          for (std::size_t i = 0; i < n; ++i) {
            const double* row = scratch.data() + i * step;
            if (a == b) {
              *out++ = diagonal * row[i];
              for (std::size_t k = i + 1; k < n; ++k) {
                *out++ = twice * (row[k] + scratch[k * step + i]);
              }
            } else {
              for (std::size_t k = 0; k < n; ++k) *out++ = twice * row[k];
            }
          }
        }
        filled += block_size(a == b);
      });
}

// ∂c_nlm/∂r = R'_n Y_m r̂ + R_n ∇Y_m is of rank two per component of r: with A_n' = Σ_m Y_m c_n'lm
// and B_n' = Σ_m ∇Y_m c_n'lm, Σ_m ∂c_nlm/∂r c_n'lm = R'_n A_n' r̂ + R_n B_n'.
void PowerSpectrum::neighbour_jacobian(const Environment& e, std::size_t channel, std::size_t j,
                                       double* rows, std::size_t rows_step) const {
  const std::size_t n = expansion_.radial_count();
  const std::size_t step = expansion_.radial_stride();
  const NeighbourFactors f = expansion_.neighbour_factors(e, j);
  thread_local AlignedVector scratch;
  scratch.resize(4 * step);
  double* const projections = scratch.data();  // A r̂ and B: [A, B_x, B_y, B_z][n]
  std::size_t filled = 0;                      // touched features written so far
  for_each_block(
      expansion_.channels(), expansion_.max_angular(), n,
      [&](std::size_t a, std::size_t b, int l, std::size_t) {
        if (channel != a && channel != b) return;
        const auto lm = static_cast<std::size_t>(l * l);
        const double scale = scales_[static_cast<std::size_t>(l)];
        const double* fixed =
            e.coefficients.data() + lm * step + (channel == a ? b : a) * expansion_.channel_size();
        const double* radial = f.radial + static_cast<std::size_t>(l) * step;
        const double* slope = f.radial_slope + static_cast<std::size_t>(l) * step;
        for (std::size_t k = 0; k < step; k += kLanes) {
          Lanes sums[4] = {};
          for (std::size_t m = 0; m < static_cast<std::size_t>(2 * l + 1); ++m) {
            const Lanes c = load(fixed + m * step + k);
            const std::size_t at = (lm + m) * kLanes;
            sums[0] += c * f.harmonics[at];
            unrolled<3>([&](auto x) { sums[x + 1] += c * f.gradient[x * f.axis_step + at]; });
          }
          store(projections + k, scale * sums[0]);
          unrolled<3>([&](auto x) {
            store(projections + (x + 1) * step + k, scale * f.inverse_distance * sums[x + 1]);
          });
        }
        for (std::size_t i = n; i-- > 0;) {
          for (std::size_t k = a == b ? i / kLanes * kLanes : 0; k < n; k += kLanes) {
            const Lanes r = load(radial + k), dr = load(slope + k), p = load(projections + k);
            const Lanes weight = a == b ? load(&triangle_weights_[i * step + k]) : Lanes{} + 1.0;
            // The part along r̂ is the same for the three components but for r̂.
            const bool moved_left = channel == a, moved_right = channel == b;
            Lanes along{};
            if (moved_left) along += slope[i] * p;
            if (moved_right) along += projections[i] * dr;
            unrolled<3>([&](auto x) {
              const double* q = projections + (x + 1) * step;
              Lanes d = along * f.direction[x];
              if (moved_left) d += radial[i] * load(q + k);
              if (moved_right) d += q[i] * r;
              const std::size_t row = a == b ? i * n - i * (i + 1) / 2 : i * n;
              store_first(rows + x * rows_step + filled + row + k, weight * d, n - k);
            });
          }
        }
        filled += block_size(a == b);
      });
}

}  // namespace soapstone
