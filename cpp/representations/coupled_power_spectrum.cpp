#include "representations/coupled_power_spectrum.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <utility>

#include "common/error.hpp"
#include "math/small_gemm.hpp"
#include "math/transpose.hpp"

namespace soapstone {

namespace {

/// What a thread works with, looked up once per call.
struct Workspace {
  AlignedVector densities[2], gradients[2], tangents[2];
  AlignedVector matrix, transposed;
  std::vector<const double*> tangent_of[2];  // of each group, null where it does not change
  // Of which object and coefficients the densities are; 0: of none.
  std::uint64_t number = 0;
  AlignedVector coefficients;
};

Workspace& workspace() {
  thread_local Workspace w;
  return w;
}

/// 1 above the diagonal, √½ on it, which undoes the √2 there, and 0 below, for column k + lane.
Lanes triangle_weight(std::size_t row, std::size_t k) {
  constexpr Lanes kNumbers{0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0};
  const Lanes ahead = kNumbers + (double(k) - double(row));
  const Lanes diagonal = ahead == 0.0 ? Lanes{} + std::sqrt(0.5) : Lanes{};
  return ahead > 0.0 ? Lanes{} + 1.0 : diagonal;
}

/// Where column 0 of a row of a triangle would be, whose rows follow each other without gaps.
std::size_t triangle_row(std::size_t count, std::size_t row) {
  return row * count - row * (row + 1) / 2;
}

}  // namespace

CoupledPowerSpectrum::CoupledPowerSpectrum(const DensityParameters& density,
                                           const BasisParameters& basis,
                                           std::vector<std::int32_t> species,
                                           const DensityCoupling& coupling)
    : expansion_(density, basis, std::move(species)),
      elementwise_(coupling.pairing == DensityCoupling::Pairing::kElementwise) {
  static std::atomic<std::uint64_t> made{0};
  number_ = ++made;
  maps_.emplace_back(coupling.first, expansion_);
  if (!coupling.second.counts.empty()) maps_.emplace_back(coupling.second, expansion_);
  const bool pairs_groups = coupling.pairing != DensityCoupling::Pairing::kAll;
  if (pairs_groups && !symmetric() && coupling.first.counts != coupling.second.counts) {
    throw Error(ErrorCode::kInvalidInput, "coupling: expected groups of the same sizes");
  }
  touched_.resize(expansion_.channels());
  for (std::size_t a = 0; a < first().groups(); ++a) {
    const std::size_t from = symmetric() || pairs_groups ? a : 0;
    const std::size_t to = pairs_groups ? a + 1 : second().groups();
    for (std::size_t b = from; b < to; ++b) {
      const std::size_t rows = first().count(a), columns = second().count(b);
      const bool triangle = symmetric() && a == b && !elementwise_;
      const std::size_t size = elementwise_ ? rows
                               : triangle   ? rows * (rows + 1) / 2
                                            : rows * columns;
      for (int l = 0; l <= expansion_.max_angular(); ++l) {
        const bool twice = symmetric() && !elementwise_;
        const double scale = std::sqrt((twice ? 2.0 : 1.0) / (2.0 * l + 1.0));
        blocks_.push_back({a, b, l, features_, size, triangle, scale});
        for (std::size_t channel = 0; channel < touched_.size(); ++channel) {
          if (!first().touches(a, channel) && !second().touches(b, channel)) continue;
          for (std::size_t k = 0; k < size; ++k) touched_[channel].push_back(features_ + k);
        }
        features_ += size;
      }
    }
  }
}

CoupledPowerSpectrum::Densities CoupledPowerSpectrum::densities(const Environment& e) const {
  Workspace& w = workspace();
  w.number = 0;
  for (std::size_t k = 0; k < maps_.size(); ++k) {
    grow(w.densities[k], maps_[k].size());
    maps_[k].apply(e.coefficients.data(), w.densities[k].data());
  }
  return {w.densities[0].data(), w.densities[maps_.size() - 1].data()};
}

/// The same; does nothing if the last call on this thread was for the same coefficients, as when
/// derivatives are asked for one neighbour after the other.
CoupledPowerSpectrum::Densities CoupledPowerSpectrum::known_densities(const Environment& e) const {
  Workspace& w = workspace();
  if (first().size() == 0 && second().size() == 0) return {nullptr, nullptr};
  const std::size_t size = expansion_.coefficients_size();
  const bool known =
      w.number == number_ &&
      std::memcmp(w.coefficients.data(), e.coefficients.data(), size * sizeof(double)) == 0;
  if (!known) {
    densities(e);
    w.coefficients.assign(e.coefficients.begin(),
                          e.coefficients.begin() + static_cast<std::ptrdiff_t>(size));
    w.number = number_;
  }
  return {w.densities[0].data(), w.densities[maps_.size() - 1].data()};
}

std::size_t CoupledPowerSpectrum::offset(const DensityMap& map, std::size_t group, int l) const {
  return static_cast<std::size_t>(l * l) * map.stride(group);
}

void CoupledPowerSpectrum::values(const Environment& e, double* features) const {
  const Densities d = densities(e);
  for (const Block& block : blocks_) {
    const std::size_t rows = first().count(block.a), columns = second().count(block.b);
    const std::size_t a_step = first().stride(block.a), b_step = second().stride(block.b);
    const double* a =
        first().group(block.a, e.coefficients.data(), d.first) + offset(first(), block.a, block.l);
    const double* b = second().group(block.b, e.coefficients.data(), d.second) +
                      offset(second(), block.b, block.l);
    const auto depth = static_cast<std::size_t>(2 * block.l + 1);
    double* const out = features + block.feature;
    const double scale = block.scale;
    if (elementwise_) {
      for (std::size_t k = 0; k < columns; k += kLanes) {
        Lanes sum{};
        for (std::size_t m = 0; m < depth; ++m) {
          sum += load(a + m * a_step + k) * load(b + m * b_step + k);
        }
        store_first(out + k, scale * sum, columns - k);
      }
    } else if (block.triangle) {
      // Lanes left of the diagonal fall on rows before, which are stored later.
      small_product({a, 1, a_step}, rows, b, b_step, depth, b_step, true,
                    [&](std::size_t i, std::size_t k, const Lanes& sum) {
                      store_first(out + triangle_row(columns, i) + k,
                                  scale * triangle_weight(i, k) * sum, columns - k);
                    });
    } else {
      small_product({a, 1, a_step}, rows, b, b_step, depth, b_step, false,
                    [&](std::size_t i, std::size_t k, const Lanes& sum) {
                      store_first(out + i * columns + k, scale * sum, columns - k);
                    });
    }
  }
}

// A block of weights G_qq' adds Σ_q G_qq' a_qlm to ∂L/∂b_q'lm and Σ_q' G_qq' b_q'lm to ∂L/∂a_qlm.
// In a triangle the two sums are one with G + Gᵀ.
void CoupledPowerSpectrum::add_gradient(const Block& block, const double* gradient, const double* a,
                                        const double* b, double* a_gradient,
                                        double* b_gradient) const {
  const std::size_t rows = first().count(block.a), columns = second().count(block.b);
  const std::size_t a_step = first().stride(block.a), b_step = second().stride(block.b);
  const auto depth = static_cast<std::size_t>(2 * block.l + 1);
  if (elementwise_) {
    for (std::size_t k = 0; k < columns; k += kLanes) {
      const Lanes w = block.scale * load_first(gradient + k, columns - k);
      for (std::size_t m = 0; m < depth; ++m) {
        const std::size_t at = m * a_step + k;
        const Lanes to_a = w * load(b + at), to_b = w * load(a + at);
        store(a_gradient + at, load(a_gradient + at) + to_a);
        store(b_gradient + at, load(b_gradient + at) + to_b);
      }
    }
    return;
  }
  Workspace& w = workspace();
  grow(w.matrix, a_step * b_step);
  grow(w.transposed, a_step * b_step);
  double* const matrix = w.matrix.data();
  double* const transposed = w.transposed.data();
  for (std::size_t i = 0; i < a_step; ++i) {
    for (std::size_t k = 0; k < b_step; k += kLanes) {
      Lanes row{};
      if (i < rows && block.triangle && k + kLanes > i) {
        const Lanes weight = triangle_weight(i, k);
        // Lanes left of the diagonal are of rows before.
        const Lanes from = load_first(gradient + triangle_row(columns, i) + k, columns - k);
        row = weight > 0.0 ? block.scale * weight * from : Lanes{};
      } else if (i < rows && !block.triangle) {
        row = block.scale * load_first(gradient + i * columns + k, columns - k);
      }
      store(matrix + i * b_step + k, row);
    }
  }
  transpose_tiles(matrix, a_step, b_step, transposed);
  if (block.triangle) {
    for (std::size_t k = 0; k < a_step * b_step; k += kLanes) {
      store(matrix + k, load(matrix + k) + load(transposed + k));
    }
  }
  small_gemm<true>({a, a_step, 1}, depth, matrix, b_step, rows, b_step, b_gradient, b_step);
  if (block.triangle) return;
  small_gemm<true>({b, b_step, 1}, depth, transposed, a_step, columns, a_step, a_gradient, a_step);
}

void CoupledPowerSpectrum::adjoint(const Environment& e, const double* features_gradient,
                                   double* coefficients_gradient) const {
  const Densities d = densities(e);
  Workspace& w = workspace();
  std::fill_n(coefficients_gradient, expansion_.coefficients_size(), 0.0);
  for (std::size_t k = 0; k < maps_.size(); ++k) {
    grow(w.gradients[k], maps_[k].size());
    std::fill_n(w.gradients[k].data(), maps_[k].size(), 0.0);
  }
  double* const to_first = w.gradients[0].data();
  double* const to_second = w.gradients[maps_.size() - 1].data();
  for (const Block& block : blocks_) {
    const std::size_t at = offset(first(), block.a, block.l);
    const std::size_t bt = offset(second(), block.b, block.l);
    add_gradient(block, features_gradient + block.feature,
                 first().group(block.a, e.coefficients.data(), d.first) + at,
                 second().group(block.b, e.coefficients.data(), d.second) + bt,
                 first().group(block.a, coefficients_gradient, to_first) + at,
                 second().group(block.b, coefficients_gradient, to_second) + bt);
  }
  for (std::size_t k = 0; k < maps_.size(); ++k) {
    maps_[k].add_adjoint(w.gradients[k].data(), coefficients_gradient);
  }
}

// The product rule; tangents that vanish are null.
void CoupledPowerSpectrum::derivative(const Block& block, const double* a, const double* b,
                                      const double* a_tangent, const double* b_tangent,
                                      double* out) const {
  const std::size_t rows = first().count(block.a), columns = second().count(block.b);
  const std::size_t a_step = first().stride(block.a), b_step = second().stride(block.b);
  const auto depth = static_cast<std::size_t>(2 * block.l + 1);
  if (elementwise_) {
    for (std::size_t k = 0; k < columns; k += kLanes) {
      Lanes sum{};
      for (std::size_t m = 0; m < depth; ++m) {
        const std::size_t at = m * a_step + k;
        if (a_tangent != nullptr) sum += load(a_tangent + at) * load(b + at);
        if (b_tangent != nullptr) sum += load(a + at) * load(b_tangent + at);
      }
      store_first(out + k, block.scale * sum, columns - k);
    }
    return;
  }
  Workspace& w = workspace();
  grow(w.matrix, a_step * b_step);
  double* const matrix = w.matrix.data();
  if (a_tangent != nullptr) {
    small_gemm<false>({a_tangent, 1, a_step}, rows, b, b_step, depth, b_step, matrix, b_step);
  }
  if (b_tangent != nullptr && !block.triangle) {
    const auto multiply = a_tangent != nullptr ? small_gemm<true> : small_gemm<false>;
    multiply({a, 1, a_step}, rows, b_tangent, b_step, depth, b_step, matrix, b_step);
  }
  if (!block.triangle) {
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t k = 0; k < columns; k += kLanes) {
        store_first(out + i * columns + k, block.scale * load(matrix + i * b_step + k),
                    columns - k);
      }
    }
    return;
  }
  grow(w.transposed, a_step * b_step);
  double* const transposed = w.transposed.data();
  transpose_tiles(matrix, a_step, b_step, transposed);
  for (std::size_t i = rows; i-- > 0;) {  // lanes left of the diagonal fall on rows before
    for (std::size_t k = i / kLanes * kLanes; k < columns; k += kLanes) {
      const Lanes both = load(matrix + i * b_step + k) + load(transposed + i * b_step + k);
      store_first(out + triangle_row(columns, i) + k, block.scale * triangle_weight(i, k) * both,
                  columns - k);
    }
  }
}

void CoupledPowerSpectrum::jacobian(const Environment& e, std::size_t channel,
                                    const double* coefficients_derivative, double* rows,
                                    std::size_t step) const {
  const Densities d = known_densities(e);
  Workspace& w = workspace();
  for (int axis = 0; axis < 3; ++axis) {
    const double* const change = coefficients_derivative + axis * expansion_.channel_size();
    for (std::size_t k = 0; k < maps_.size(); ++k) {
      const DensityMap& map = maps_[k];
      grow(w.tangents[k], map.size());
      w.tangent_of[k].assign(map.groups(), nullptr);
      double* out = w.tangents[k].data();
      for (std::size_t g = 0; g < map.groups(); ++g) {
        if (!map.touches(g, channel)) continue;
        const double* tangent = w.tangent_of[k][g] = map.tangent(g, channel, change, out);
        if (tangent == out) out += expansion_.angular_count() * map.stride(g);
      }
    }
    const auto& of_first = w.tangent_of[0];
    const auto& of_second = w.tangent_of[maps_.size() - 1];
    double* out = rows + axis * step;
    for (const Block& block : blocks_) {
      const double* const ta = of_first[block.a];
      const double* const tb = of_second[block.b];
      if (ta == nullptr && tb == nullptr) continue;
      const std::size_t at = offset(first(), block.a, block.l);
      const std::size_t bt = offset(second(), block.b, block.l);
      derivative(block, first().group(block.a, e.coefficients.data(), d.first) + at,
                 second().group(block.b, e.coefficients.data(), d.second) + bt,
                 ta == nullptr ? nullptr : ta + at, tb == nullptr ? nullptr : tb + bt, out);
      out += block.size;
    }
  }
}

}  // namespace soapstone
