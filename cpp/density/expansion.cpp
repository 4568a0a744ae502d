#include "density/expansion.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "common/error.hpp"
#include "math/small_gemm.hpp"

namespace soapstone {

namespace {

void ensure(AlignedVector& storage, std::size_t size) {
  if (storage.size() < size) storage.resize(size);
}

}  // namespace

SphericalExpansion::SphericalExpansion(const DensityParameters& density,
                                       const BasisParameters& basis,
                                       std::vector<std::int32_t> species)
    : cutoff_(density.cutoff.radius),
      max_angular_(basis.max_angular),
      radial_count_(static_cast<std::size_t>(basis.radial_count)),
      species_(std::move(species)),
      channel_by_number_(128, -1),
      integral_(density, basis, GtoBasis(radial_count_, cutoff_)),
      harmonics_(basis.max_angular),
      centre_coefficients_(integral_.radial_stride()) {
  for (std::size_t a = 0; a < species_.size(); ++a) {
    channel_by_number_.at(static_cast<std::size_t>(species_[a])) = static_cast<std::int32_t>(a);
  }
  if (density.center_weight != 0.0) {
    DensityParameters unscaled = density;
    unscaled.scaling.enabled = false;  // u(0) = 1 for the centre, whatever the scaling
    const RadialIntegral own(unscaled, {0, basis.radial_count, basis.accuracy},
                             GtoBasis(radial_count_, cutoff_));
    own.evaluate(0.0, centre_coefficients_.data(), nullptr);
    const double y00 = std::sqrt(0.25 / std::acos(-1.0));
    for (double& c : centre_coefficients_) c *= y00 * density.center_weight;
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
                                std::size_t centre, Environment& environment) const {
  const auto from = static_cast<std::size_t>(list.first[centre]);
  const auto to = static_cast<std::size_t>(list.first[centre + 1]);
  Environment& e = environment;
  e.centre = centre;
  e.channel = channel_of(structure.species[centre]);
  e.neighbours = to - from;
  e.stride = padded(e.neighbours);
  ensure(e.vector, 3 * e.stride);
  ensure(e.direction, 3 * e.stride);
  ensure(e.inverse_distance, e.stride);
  if (e.atom.size() < e.neighbours) {
    e.atom.resize(e.neighbours);
    e.pair.resize(e.neighbours);
  }

  // Counting sort by species, stable, so that the order of summation is fixed.
  e.first.assign(channels() + 1, 0);
  for (std::size_t p = from; p < to; ++p) {
    ++e.first[channel_of(structure.species[list.neighbour[p]]) + 1];
  }
  for (std::size_t a = 0; a < channels(); ++a) e.first[a + 1] += e.first[a];
  std::vector<std::size_t>& next = e.first;  // shifted back below
  for (std::size_t p = from; p < to; ++p) {
    const std::int32_t atom = list.neighbour[p];
    const std::size_t j = next[channel_of(structure.species[atom])]++;
    e.atom[j] = atom;
    e.pair[j] = static_cast<std::int64_t>(p);
    for (int axis = 0; axis < 3; ++axis) e.vector[axis * e.stride + j] = list.vector[3 * p + axis];
  }
  std::copy_backward(next.begin(), next.end() - 1, next.end());
  next[0] = 0;

  for (std::size_t j = e.neighbours; j < e.stride; ++j) {
    for (int axis = 0; axis < 3; ++axis) e.vector[axis * e.stride + j] = axis == 2 ? 1.0 : 0.0;
  }
  for (std::size_t j = 0; j < e.stride; ++j) {
    const double x = e.vector[j], y = e.vector[e.stride + j], z = e.vector[2 * e.stride + j];
    const double r = std::sqrt(x * x + y * y + z * z);
    // Two atoms on one spot have no direction; any will do, for only l = 0 is non-zero there.
    const double inverse = r > 0.0 ? 1.0 / r : 0.0;
    e.inverse_distance[j] = inverse;
    e.direction[j] = x * inverse;
    e.direction[e.stride + j] = y * inverse;
    e.direction[2 * e.stride + j] = z * inverse;
  }
}

void SphericalExpansion::accumulate(Environment& e) const {
  const std::size_t row = integral_.row();
  const std::size_t n = radial_stride();
  ensure(e.coefficients, coefficients_size());
  for (std::size_t a = 0; a < channels(); ++a) {
    double* channel = e.coefficients.data() + a * channel_size();
    const std::size_t from = e.first[a];
    for (int l = 0; l <= max_angular_; ++l) {
      const std::size_t lm = static_cast<std::size_t>(l * l);
      small_gemm<false>({e.harmonics.data() + lm * e.stride + from, e.stride, 1}, 2 * l + 1,
                        e.radial.data() + from * row + l * n, row, e.first[a + 1] - from, n,
                        channel + lm * n, n);
    }
  }
  double* own = e.coefficients.data() + e.channel * channel_size();
  for (std::size_t k = 0; k < n; ++k) own[k] += centre_coefficients_[k];
}

void SphericalExpansion::compute(const StructureView& structure, const NeighbourList& list,
                                 std::size_t centre, bool derivatives, Environment& e) const {
  gather(structure, list, centre, e);
  const std::size_t row = integral_.row();
  ensure(e.radial, e.neighbours * row);
  ensure(e.harmonics, angular_count() * e.stride);
  if (derivatives) {
    ensure(e.radial_slope, e.neighbours * row);
    ensure(e.harmonics_gradient, 3 * angular_count() * e.stride);
  }
  for (std::size_t j = 0; j < e.neighbours; ++j) {
    const double x = e.vector[j], y = e.vector[e.stride + j], z = e.vector[2 * e.stride + j];
    integral_.evaluate(std::sqrt(x * x + y * y + z * z), e.radial.data() + j * row,
                       derivatives ? e.radial_slope.data() + j * row : nullptr);
  }
  harmonics_.compute(e.direction.data(), e.neighbours, e.stride, e.harmonics.data(),
                     derivatives ? e.harmonics_gradient.data() : nullptr);
  accumulate(e);
}

// ∂L/∂r = Σ_nlm G_nlm (R' Y r̂ + (R/r) r∇Y). The sums over m come first, on lanes of n.
void SphericalExpansion::adjoint(const Environment& e, const double* coefficients_gradient,
                                 double* gradient) const {
  const std::size_t n = radial_stride();
  const std::size_t row = integral_.row();
  const std::size_t axis_stride = angular_count() * e.stride;
  for (std::size_t a = 0; a < channels(); ++a) {
    const double* g = coefficients_gradient + a * channel_size();
    for (std::size_t j = e.first[a]; j < e.first[a + 1]; ++j) {
      Lanes along{}, across[3] = {};
      const double* y = e.harmonics.data() + j;
      const double* dy = e.harmonics_gradient.data() + j;
      for (int l = 0; l <= max_angular_; ++l) {
        for (std::size_t k = 0; k < n; k += kLanes) {
          Lanes value{}, slope[3] = {};
          for (std::size_t lm = l * l; lm < static_cast<std::size_t>((l + 1) * (l + 1)); ++lm) {
            const Lanes weight = load(g + lm * n + k);
            value += weight * y[lm * e.stride];
            slope[0] += weight * dy[lm * e.stride];
            slope[1] += weight * dy[lm * e.stride + axis_stride];
            slope[2] += weight * dy[lm * e.stride + 2 * axis_stride];
          }
          const Lanes radial = load(e.radial.data() + j * row + l * n + k);
          along += value * load(e.radial_slope.data() + j * row + l * n + k);
          for (int axis = 0; axis < 3; ++axis) across[axis] += slope[axis] * radial;
        }
      }
      const double radial_part = sum(along);
      for (int axis = 0; axis < 3; ++axis) {
        gradient[3 * j + axis] = radial_part * e.direction[axis * e.stride + j] +
                                 sum(across[axis]) * e.inverse_distance[j];
      }
    }
  }
}

void SphericalExpansion::neighbour_derivative(const Environment& e, std::size_t j,
                                              double* derivative) const {
  const std::size_t n = radial_stride();
  const std::size_t row = integral_.row();
  const std::size_t axis_stride = angular_count() * e.stride;
  for (int axis = 0; axis < 3; ++axis) {
    const double direction = e.direction[axis * e.stride + j];
    double* out = derivative + axis * channel_size();
    for (int l = 0; l <= max_angular_; ++l) {
      for (std::size_t lm = l * l; lm < static_cast<std::size_t>((l + 1) * (l + 1)); ++lm) {
        const double along = e.harmonics[lm * e.stride + j] * direction;
        const double across =
            e.harmonics_gradient[axis * axis_stride + lm * e.stride + j] * e.inverse_distance[j];
        for (std::size_t k = 0; k < n; k += kLanes) {
          store(out + lm * n + k, along * load(e.radial_slope.data() + j * row + l * n + k) +
                                      across * load(e.radial.data() + j * row + l * n + k));
        }
      }
    }
  }
}

}  // namespace soapstone
