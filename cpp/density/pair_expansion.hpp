#pragma once

#include <cstddef>

#include "common/execution.hpp"
#include "density/radial_integral.hpp"
#include "math/spherical_harmonics.hpp"

namespace soapstone {

/// What one neighbour adds to the expansion of its centre's density, ⟨nl|r_ij⟩ Y_lm(r̂_ij), for each
/// pair by itself: the terms of SphericalExpansion, without the centre's own density.
class PairExpansion {
 public:
  PairExpansion(const DensityParameters& density, const BasisParameters& basis);

  /// Numbers of a pair, [lm][n].
  std::size_t features() const { return harmonics_.size() * radial_count_; }

  /// Writes the features of `count` vectors r_ij (Å, [x, y, z]); those as long as the cutoff have
  /// none but zeros.
  void values(const double* vectors, std::size_t count, const Execution& execution,
              double* values) const;

  /// Given ∂L/∂features, count × features(), writes ∂L/∂r_ij, count × 3.
  void adjoint(const double* vectors, std::size_t count, const double* features_gradient,
               const Execution& execution, double* gradient) const;

 private:
  /// Factors of up to eight pairs at a time.
  struct Tile;
  void fill(const double* vectors, std::size_t count, Tile& tile) const;
  /// Calls body(tile, lane, pair) for every pair.
  template <typename Body>
  void for_each_tile(const double* vectors, std::size_t count, const Execution& execution,
                     const Body& body) const;

  double cutoff_;
  int max_angular_;
  std::size_t radial_count_;
  RadialIntegral integral_;
  SphericalHarmonics harmonics_;
};

}  // namespace soapstone
