#include "density/expansion.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

#include "common/error.hpp"
#include "density/tiles.hpp"
#include "math/constants.hpp"

namespace soapstone {

SphericalExpansion::SphericalExpansion(const DensityParameters& density,
                                       const BasisParameters& basis,
                                       std::vector<std::int32_t> species)
    : cutoff_(density.cutoff.radius),
      max_angular_(basis.max_angular),
      radial_count_(static_cast<std::size_t>(basis.radial_count)),
      species_(std::move(species)),
      channel_by_number_(128, -1),
      harmonics_(basis.max_angular) {
  for (std::size_t a = 0; a < species_.size(); ++a) {
    channel_by_number_.at(static_cast<std::size_t>(species_[a])) = static_cast<std::int32_t>(a);
  }
  const auto basis_of = [&](std::size_t channel) {
    return make_radial_basis(basis.radial, basis.radial_count, cutoff_, max_angular_, channel);
  };
  std::unique_ptr<RadialBasis> radial = basis_of(0);
  if (density.long_range) {
    long_range_.emplace(*density.long_range, *radial, cutoff_, max_angular_, species_.size());
  }
  if (!density.local) return;
  if (!density.mixing.empty()) mixing_ = SpeciesMixing(density.mixing, species_.size());
  const double y00 = std::sqrt(0.25 / kPi);
  for (std::size_t a = 0; a < species_.size(); ++a) {
    const bool contracted = !basis.radial.contraction.empty();
    if (a > 0 && contracted) radial = basis_of(a);
    if (a == 0 || contracted) integrals_.emplace_back(density, basis, *radial);
    AlignedVector own(radial_stride());
    central_integrals(density, *radial, own.data());
    for (const double c : own) centre_coefficients_.push_back(y00 * density.center_weight * c);
  }
}

std::size_t SphericalExpansion::channel_of(std::int32_t atomic_number) const {
  const bool known = atomic_number >= 0 &&
                     static_cast<std::size_t>(atomic_number) < channel_by_number_.size() &&
                     channel_by_number_[static_cast<std::size_t>(atomic_number)] >= 0;
  if (!known) {
    throw Error(ErrorCode::kInvalidInput, "species with atomic number " +
                                              std::to_string(atomic_number) +
                                              " is not among those of the representation");
  }
  return static_cast<std::size_t>(channel_by_number_[static_cast<std::size_t>(atomic_number)]);
}

void SphericalExpansion::gather(const StructureView& structure, const NeighbourList& list,
                                std::size_t centre, Environment& e) const {
  const auto from = static_cast<std::size_t>(list.first[centre]);
  const auto to = static_cast<std::size_t>(list.first[centre + 1]);
  e.centre = centre;
  e.channel = channel_of(structure.species[centre]);
  e.neighbours = to - from;
  e.stride = padded(e.neighbours);
  grow(e.vector, 3 * e.stride);
  grow(e.distance, e.stride + kLanes);  // neighbours of a channel are read in whole lanes
  grow(e.inverse_distance, e.stride);
  grow(e.direction, 3 * e.stride);
  if (e.atom.size() < e.neighbours) {
    e.atom.resize(e.neighbours);
    e.pair.resize(e.neighbours);
  }
  sort_by_channel(structure, list, e);

  const double* const vectors = list.vector.data();
  double* const x = e.vector.data();
  double* const y = x + e.stride;
  double* const z = y + e.stride;
  for (std::size_t j = 0; j < e.neighbours; ++j) {
    const double* v = vectors + 3 * e.pair[j];
    x[j] = v[0];
    y[j] = v[1];
    z[j] = v[2];
  }
  for (std::size_t j = e.neighbours; j < e.stride; ++j) {
    x[j] = y[j] = 0.0;
    z[j] = 1.0;
  }
  for (std::size_t j = 0; j < e.stride; j += kLanes) {
    const Lanes vx = load(x + j), vy = load(y + j), vz = load(z + j);
    const Lanes square = vx * vx + vy * vy + vz * vz;
    Lanes r;
    for (std::size_t k = 0; k < kLanes; ++k) r[k] = std::sqrt(square[k]);
    // Two atoms on one spot have no direction; any will do, for only l = 0 is non-zero there.
    const Lanes inverse = r > 0.0 ? 1.0 / r : Lanes{};
    store(&e.distance[j], r);
    store(&e.inverse_distance[j], inverse);
    double* direction = &e.direction[3 * j];
    store(direction, vx * inverse);
    store(direction + kLanes, vy * inverse);
    store(direction + 2 * kLanes, vz * inverse);
  }
}

/// Counting sort, stable, so that the order of summation is fixed.
void SphericalExpansion::sort_by_channel(const StructureView& structure, const NeighbourList& list,
                                         Environment& e) const {
  const auto from = static_cast<std::size_t>(list.first[e.centre]);
  const std::int32_t* const neighbour = list.neighbour.data() + from;
  e.first.assign(species_.size() + 1, 0);
  if (species_.size() == 1) {
    for (std::size_t p = 0; p < e.neighbours; ++p) {
      channel_of(structure.species[neighbour[p]]);  // which refuses unknown species
      e.atom[p] = neighbour[p];
      e.pair[p] = static_cast<std::int64_t>(from + p);
    }
    e.first[1] = e.neighbours;
    return;
  }
  for (std::size_t p = 0; p < e.neighbours; ++p) {
    ++e.first[channel_of(structure.species[neighbour[p]]) + 1];
  }
  for (std::size_t a = 0; a < species_.size(); ++a) e.first[a + 1] += e.first[a];
  std::vector<std::size_t>& next = e.first;  // shifted back below
  for (std::size_t p = 0; p < e.neighbours; ++p) {
    const std::size_t j = next[channel_of(structure.species[neighbour[p]])]++;
    e.atom[j] = neighbour[p];
    e.pair[j] = static_cast<std::int64_t>(from + p);
  }
  std::copy_backward(next.begin(), next.end() - 1, next.end());
  next[0] = 0;
}

void SphericalExpansion::accumulate(const Environment& e, std::size_t a, double* own) const {
  const std::size_t n = radial_stride();
  for (int l = 0; l <= max_angular_; ++l) {
    const auto from = static_cast<std::size_t>(l * l);
    const Summands summands{e.harmonics.data() + from * kLanes,
                            angular_count() * kLanes,
                            e.radial.data() + l * n,
                            integral().row(),
                            e.first[a],
                            e.first[a + 1]};
    sum_neighbours(summands, 2 * l + 1, n, own + from * n);
  }
  if (a != e.channel) return;
  for (std::size_t k = 0; k < n; ++k) own[k] += centre_coefficients_[a * n + k];
}

void SphericalExpansion::accumulate(Environment& e) const {
  if (!mixing_) {
    for (std::size_t a = 0; a < species_.size(); ++a) {
      accumulate(e, a, e.coefficients.data() + a * channel_size());
    }
    return;
  }
  thread_local AlignedVector own;
  own.resize(channel_size());
  std::fill_n(e.coefficients.data(), local_size(), 0.0);
  for (std::size_t a = 0; a < species_.size(); ++a) {
    if (e.first[a] == e.first[a + 1] && a != e.channel) continue;
    accumulate(e, a, own.data());
    mixing_.spread(a, own.data(), channel_size(), e.coefficients.data());
  }
}

void SphericalExpansion::evaluate_radial(bool derivatives, Environment& e) const {
  const auto evaluate = [&](const RadialIntegral& integral, std::size_t from, std::size_t to) {
    const std::size_t at = from * integral.row();
    integral.evaluate(e.distance.data() + from, to - from, e.radial.data() + at,
                      derivatives ? e.radial_slope.data() + at : nullptr);
  };
  if (integrals_.size() == 1) return evaluate(integral(), 0, e.neighbours);
  for (std::size_t a = 0; a < species_.size(); ++a)
    evaluate(integrals_[a], e.first[a], e.first[a + 1]);
}

void SphericalExpansion::compute(const StructureView& structure, const NeighbourList& list,
                                 std::size_t centre, bool derivatives, Environment& e,
                                 const double* long_range) const {
  grow(e.coefficients, coefficients_size());
  if (long_range_)
    std::copy_n(long_range, long_range_->size(), e.coefficients.data() + local_size());
  if (integrals_.empty()) {
    e.centre = centre;
    e.channel = channel_of(structure.species[centre]);
    e.neighbours = e.stride = 0;
    e.first.assign(1, 0);
    return;
  }
  gather(structure, list, centre, e);
  const std::size_t row = integral().row();
  const std::size_t tile = angular_count() * kLanes;
  grow(e.radial, e.stride * row);
  grow(e.harmonics, angular_count() * e.stride);
  if (derivatives) {
    grow(e.radial_slope, e.stride * row);
    grow(e.harmonics_gradient, 3 * angular_count() * e.stride);
  }
  evaluate_radial(derivatives, e);
  for (std::size_t t = 0; t < e.stride / kLanes; ++t) {
    harmonics_.compute(&e.direction[t * 3 * kLanes], kLanes, kLanes, &e.harmonics[t * tile],
                       derivatives ? &e.harmonics_gradient[t * 3 * tile] : nullptr);
  }
  accumulate(e);
}

// ∂L/∂r = Σ_nlm G_nlm (R' Y r̂ + (R/r) r∇Y), on lanes of eight neighbours. A tile that holds the
// end of one channel and the beginning of the next is worked on for each of them.
void SphericalExpansion::adjoint(const Environment& e, const double* coefficients_gradient,
                                 double* gradient) const {
  if (integrals_.empty()) return;
  const std::size_t row = integral().row();
  const std::size_t tile_size = angular_count() * kLanes;
  thread_local AlignedVector own;
  if (mixing_) own.resize(channel_size());
  for (std::size_t a = 0; a < species_.size(); ++a) {
    const std::size_t from = e.first[a], to = e.first[a + 1];
    if (from == to) continue;
    const double* species_gradient = coefficients_gradient + a * channel_size();
    if (mixing_) {
      mixing_.collect(a, coefficients_gradient, channel_size(), own.data());
      species_gradient = own.data();
    }
    for (std::size_t at = from / kLanes * kLanes; at < to; at += kLanes) {
      const std::size_t t = at / kLanes;
      TileGradient tile{e.harmonics.data() + t * tile_size,
                        e.harmonics_gradient.data() + t * 3 * tile_size, tile_size};
      for (int l = 0; l <= max_angular_; ++l) {
        for (std::size_t k = 0; k < radial_count_; k += kLanes) {
          const std::size_t offset = at * row + l * radial_stride() + k;
          tile.add(l, species_gradient + k, radial_stride(), std::min(kLanes, radial_count_ - k),
                   e.radial.data() + offset, e.radial_slope.data() + offset, row);
        }
      }
      const Lanes inverse = load(&e.inverse_distance[at]);
      alignas(kAlignment) double result[3][kLanes];
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const Lanes direction = load(&e.direction[(3 * t + axis) * kLanes]);
        store(result[axis], tile.along * direction + tile.across[axis] * inverse);
      }
      for (std::size_t j = std::max(from, at); j < std::min(to, at + kLanes); ++j) {
        for (std::size_t axis = 0; axis < 3; ++axis) gradient[3 * j + axis] = result[axis][j - at];
      }
    }
  }
}

NeighbourFactors SphericalExpansion::neighbour_factors(const Environment& e, std::size_t j) const {
  const std::size_t t = j / kLanes, lane = j % kLanes, tile = angular_count() * kLanes;
  const double* direction = &e.direction[t * 3 * kLanes + lane];
  return {&e.radial[j * integral().row()],
          &e.radial_slope[j * integral().row()],
          &e.harmonics[t * tile + lane],
          &e.harmonics_gradient[t * 3 * tile + lane],
          tile,
          {direction[0], direction[kLanes], direction[2 * kLanes]},
          e.inverse_distance[j]};
}

void SphericalExpansion::neighbour_derivative(const Environment& e, std::size_t j,
                                              double* derivative) const {
  const std::size_t n = radial_stride();
  const NeighbourFactors f = neighbour_factors(e, j);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    double* out = derivative + axis * channel_size();
    for (int l = 0; l <= max_angular_; ++l) {
      for (std::size_t lm = l * l; lm < static_cast<std::size_t>((l + 1) * (l + 1)); ++lm) {
        const double along = f.harmonics[lm * kLanes] * f.direction[axis];
        const double across = f.gradient[axis * f.axis_step + lm * kLanes] * f.inverse_distance;
        for (std::size_t k = 0; k < n; k += kLanes) {
          store(out + lm * n + k,
                along * load(f.radial_slope + l * n + k) + across * load(f.radial + l * n + k));
        }
      }
    }
  }
}

}  // namespace soapstone
