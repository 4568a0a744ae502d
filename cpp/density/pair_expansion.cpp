#include "density/pair_expansion.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "common/parallel.hpp"

namespace soapstone {

struct PairExpansion::Tile {
  AlignedVector distance, direction, radial, slope, harmonics, gradient;
  double inverse[kLanes];
  bool within[kLanes];

  Tile(std::size_t row, std::size_t angular)
      : distance(kLanes),
        direction(3 * kLanes),
        radial(kLanes * row),
        slope(kLanes * row),
        harmonics(angular * kLanes),
        gradient(3 * angular * kLanes) {}
};

PairExpansion::PairExpansion(const DensityParameters& density, const BasisParameters& basis)
    : cutoff_(density.cutoff.radius),
      max_angular_(basis.max_angular),
      radial_count_(static_cast<std::size_t>(basis.radial_count)),
      integral_(density, basis,
                *make_radial_basis(basis.radial, basis.radial_count, density.cutoff.radius,
                                   basis.max_angular)),
      harmonics_(basis.max_angular) {}

void PairExpansion::fill(const double* vectors, std::size_t count, Tile& tile) const {
  for (std::size_t j = 0; j < kLanes; ++j) {
    const double* v = vectors + 3 * std::min(j, count - 1);
    const double r = std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    tile.within[j] = r < cutoff_;
    tile.distance[j] = tile.within[j] ? r : 0.0;
    // Two atoms on one spot have no direction; any will do, for only l = 0 is non-zero there.
    tile.inverse[j] = r > 0.0 ? 1.0 / r : 0.0;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      tile.direction[axis * kLanes + j] = v[axis] * tile.inverse[j];
    }
  }
  integral_.evaluate(tile.distance.data(), count, tile.radial.data(), tile.slope.data());
  harmonics_.compute(tile.direction.data(), kLanes, kLanes, tile.harmonics.data(),
                     tile.gradient.data());
}

template <typename Body>
void PairExpansion::for_each_tile(const double* vectors, std::size_t count,
                                  const Execution& execution, const Body& body) const {
  constexpr std::size_t kPairsPerItem = 64 * kLanes;
  const std::size_t items = (count + kPairsPerItem - 1) / kPairsPerItem;
  const int threads = resolve_threads(execution, items);
  std::vector<Tile> tiles(static_cast<std::size_t>(threads),
                          Tile(integral_.row(), harmonics_.size()));
  parallel_for(items, threads, execution, [&](std::size_t item, int thread) {
    Tile& tile = tiles[static_cast<std::size_t>(thread)];
    const std::size_t end = std::min((item + 1) * kPairsPerItem, count);
    for (std::size_t from = item * kPairsPerItem; from < end; from += kLanes) {
      const std::size_t size = std::min(kLanes, end - from);
      fill(vectors + 3 * from, size, tile);
      for (std::size_t j = 0; j < size; ++j) body(tile, j, from + j);
    }
  });
}

void PairExpansion::values(const double* vectors, std::size_t count, const Execution& execution,
                           double* values) const {
  for_each_tile(vectors, count, execution, [&](const Tile& tile, std::size_t j, std::size_t pair) {
    double* out = values + pair * features();
    if (!tile.within[j]) {
      std::fill(out, out + features(), 0.0);
      return;
    }
    for (int l = 0; l <= max_angular_; ++l) {
      const double* radial = &tile.radial[j * integral_.row() + l * integral_.radial_stride()];
      for (int lm = l * l; lm < (l + 1) * (l + 1); ++lm) {
        const double harmonic = tile.harmonics[lm * kLanes + j];
        for (std::size_t n = 0; n < radial_count_; ++n) *out++ = radial[n] * harmonic;
      }
    }
  });
}

// ∂L/∂r = Σ_nlm G_nlm (R' Y r̂ + (R/r) r∇Y)
void PairExpansion::adjoint(const double* vectors, std::size_t count,
                            const double* features_gradient, const Execution& execution,
                            double* gradient) const {
  for_each_tile(vectors, count, execution, [&](const Tile& tile, std::size_t j, std::size_t pair) {
    double along = 0.0, across[3] = {};
    const double* in = features_gradient + pair * features();
    for (int l = 0; tile.within[j] && l <= max_angular_; ++l) {
      const std::size_t row = j * integral_.row() + l * integral_.radial_stride();
      for (int lm = l * l; lm < (l + 1) * (l + 1); ++lm, in += radial_count_) {
        double value = 0.0, slope = 0.0;
        for (std::size_t n = 0; n < radial_count_; ++n) {
          value += in[n] * tile.radial[row + n];
          slope += in[n] * tile.slope[row + n];
        }
        along += slope * tile.harmonics[lm * kLanes + j];
        for (std::size_t axis = 0; axis < 3; ++axis) {
          across[axis] += value * tile.gradient[(axis * harmonics_.size() + lm) * kLanes + j];
        }
      }
    }
    for (std::size_t axis = 0; axis < 3; ++axis) {
      gradient[3 * pair + axis] =
          along * tile.direction[axis * kLanes + j] + across[axis] * tile.inverse[j];
    }
  });
}

}  // namespace soapstone
