#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/structures.hpp"
#include "density/long_range.hpp"
#include "density/radial_integral.hpp"
#include "density/species_mixing.hpp"
#include "math/simd.hpp"
#include "math/spherical_harmonics.hpp"
#include "neighbours/neighbour_list.hpp"

namespace soapstone {

/// One atom's surroundings and the expansion of their density, with what derivatives need. A
/// workspace: made once per thread and refilled for one centre after the other.
///
/// What is computed for eight neighbours at once lies in tiles: neighbour j is lane j % 8 of tile
/// j / 8, and the lanes behind the last neighbour hold numbers that mean nothing.
struct Environment {
  std::size_t centre = 0;      ///< index in its structure
  std::size_t channel = 0;     ///< the centre's own species, as channel_of says
  std::size_t neighbours = 0;  ///< J, sorted by species
  std::size_t stride = 0;      ///< J padded to whole lanes
  std::vector<std::size_t>
      first;  ///< species + 1: neighbours of species a are first[a] … first[a+1]−1
  std::vector<std::int32_t> atom;    ///< J indices in the structure
  std::vector<std::int64_t> pair;    ///< J positions in the neighbour list
  AlignedVector vector;              ///< 3 × stride, Å
  AlignedVector distance;            ///< stride, Å
  AlignedVector inverse_distance;    ///< stride, 1/Å
  AlignedVector direction;           ///< [tile][axis][8], unit vectors
  AlignedVector radial;              ///< stride × [l][n]: ⟨nl|r_j⟩
  AlignedVector radial_slope;        ///< stride × [l][n]: d⟨nl|r_j⟩/dr
  AlignedVector harmonics;           ///< [tile][lm][8]
  AlignedVector harmonics_gradient;  ///< [tile][axis][lm][8], r ∇Y
  AlignedVector coefficients;  ///< [channel][lm][n]: c^α_nlm, n padded with zeros; long-range last
};

/// What ∂c/∂r of one neighbour is made of, borrowed from its environment:
/// ∂c_nlm/∂r = R'_nl Y_lm r̂ + R_nl (r∇Y_lm) / r.
struct NeighbourFactors {
  const double* radial;        ///< R: [l][n]
  const double* radial_slope;  ///< R': [l][n]
  const double* harmonics;     ///< Y_lm at [8 · lm]
  const double* gradient;      ///< r∇Y_lm at [axis · axis_step + 8 · lm]
  std::size_t axis_step;
  double direction[3];
  double inverse_distance;
};

/// Expansion of the neighbour density of an atom on a radial basis times real spherical harmonics,
/// c^α_nlm = Σ_{j∈α} ⟨nl|r_ij⟩ Y_lm(r̂_ij) (the review's Eq. 4 and 8), one channel α per species of
/// `species`; the central atom's own Gaussian is in the channel of its species. A long-range
/// density has one more channel per species, behind these or, where there is no local density,
/// instead. Where species are mixed, channels are mixtures of them (see SpeciesMixing).
class SphericalExpansion {
 public:
  /// `species`: distinct atomic numbers, ascending.
  SphericalExpansion(const DensityParameters& density, const BasisParameters& basis,
                     std::vector<std::int32_t> species);

  const std::vector<std::int32_t>& species() const { return species_; }
  const SpeciesMixing& mixing() const { return mixing_; }
  std::size_t local_channels() const {
    return mixing_ ? mixing_.channels() : integrals_.empty() ? 0 : species_.size();
  }
  std::size_t channels() const { return local_channels() + (long_range_ ? species_.size() : 0); }
  double cutoff() const { return cutoff_; }
  int max_angular() const { return max_angular_; }
  std::size_t radial_count() const { return radial_count_; }
  std::size_t radial_stride() const { return padded(radial_count_); }  ///< n, padded
  std::size_t angular_count() const { return harmonics_.size(); }      ///< (max_angular + 1)²
  /// Numbers in one channel of coefficients, [lm][n].
  std::size_t channel_size() const { return angular_count() * radial_stride(); }
  std::size_t coefficients_size() const { return channels() * channel_size(); }
  /// Of the local channels, which come first.
  std::size_t local_size() const { return local_channels() * channel_size(); }
  /// What makes the coefficients behind them; null where there is none.
  const LongRangeExpansion* long_range() const { return long_range_ ? &*long_range_ : nullptr; }

  /// Place of an atomic number among the species, which is its channel unless they are mixed;
  /// throws InvalidInput naming a species that has none.
  std::size_t channel_of(std::int32_t atomic_number) const;

  /// Fills `environment` for one centre; `derivatives` asks for what `adjoint` and
  /// `neighbour_derivative` need. Long-range channels are copied from `long_range`, the centre's
  /// row of what LongRangeExpansion::compute gave.
  void compute(const StructureView& structure, const NeighbourList& list, std::size_t centre,
               bool derivatives, Environment& environment,
               const double* long_range = nullptr) const;

  /// Given G = ∂L/∂c (laid out as the coefficients), writes ∂L/∂r_ij through the local channels for
  /// every neighbour of the environment to gradient[3 · j + axis].
  void adjoint(const Environment& environment, const double* coefficients_gradient,
               double* gradient) const;

  /// The factors of neighbour j of an environment that was computed with derivatives.
  NeighbourFactors neighbour_factors(const Environment& environment, std::size_t j) const;

  /// ∂c^α_nlm/∂r_ij of neighbour j for its own species α, as [axis][lm][n].
  void neighbour_derivative(const Environment& environment, std::size_t j,
                            double* derivative) const;

 private:
  void gather(const StructureView& structure, const NeighbourList& list, std::size_t centre,
              Environment& environment) const;
  void sort_by_channel(const StructureView& structure, const NeighbourList& list,
                       Environment& environment) const;
  void accumulate(Environment& environment) const;
  /// Writes the coefficients of one species, [lm][n].
  void accumulate(const Environment& environment, std::size_t species, double* own) const;

  /// The one with which all share the size of rows.
  const RadialIntegral& integral() const { return integrals_.front(); }
  void evaluate_radial(bool derivatives, Environment& environment) const;

  double cutoff_;
  int max_angular_;
  std::size_t radial_count_;
  std::vector<std::int32_t> species_;
  std::vector<std::int32_t> channel_by_number_;  // −1 where there is none
  std::vector<RadialIntegral> integrals_;        // one for all channels, one for each, or none
  SpeciesMixing mixing_;
  std::optional<LongRangeExpansion> long_range_;
  SphericalHarmonics harmonics_;
  AlignedVector centre_coefficients_;  // the centre's own density, [species][n] of l = m = 0
};

}  // namespace soapstone
