#pragma once

#include <cstddef>
#include <vector>

#include "common/execution.hpp"
#include "common/structures.hpp"
#include "density/power_law.hpp"
#include "density/radial_basis.hpp"
#include "density/reciprocal_integral.hpp"
#include "math/simd.hpp"
#include "math/spherical_harmonics.hpp"

namespace soapstone {

/// Expansion, around each atom of a periodic structure, of the density Σ_j g(x − r_j) of all its
/// atoms and their images with g a smeared power law (LODE):
///
///   c^α_nlm(i) = 4π/V Σ_k ĝ(k) i^l I_nl(k) Y_lm(k̂) Σ_{j∈α} e^{ik·(r_i − r_j)}
///
/// over the reciprocal vectors |k| < k_cutoff. A. Grisafi, M. Ceriotti, J. Chem. Phys. 151, 204105
/// (2019).
///
/// With the sums S_α(k) = Σ_{j∈α} e^{−ik·r_j} done once, this is for each chunk of k a matrix
/// product of the phases e^{ik·r_i} S_α(k) of all centres with one matrix of all (n, l, m): cos k·r
/// goes with even l and sin k·r with odd l, since −k is the complex conjugate of k.
class LongRangeExpansion {
 public:
  /// On a basis of this radius (Å) for so many species channels.
  LongRangeExpansion(const PowerLaw& density, const RadialBasis& radial, double radius,
                     int max_angular, std::size_t channels);

  /// Numbers in the coefficients of one centre, [channel][lm][n], n padded with zeros.
  std::size_t size() const { return channels_ * channel_size_; }
  std::size_t channel_size() const { return channel_size_; }

  /// Writes the coefficients of all atoms of a structure, N × size(). `channel`: that of each atom.
  /// Throws InvalidInput unless the structure is periodic along three vectors.
  void compute(const StructureView& structure, const std::vector<std::size_t>& channel,
               const Execution& execution, double* coefficients) const;

  /// Given ∂L/∂c of all atoms and c itself, both N × size(), adds ∂L/∂r to `positions`, N × 3, and,
  /// unless it is null, Σ r_a ∂L/∂r_b (r → r(1+ε) for positions and cell) to `strain`, 3 × 3, where
  /// the set of reciprocal vectors is that of the structure as it is.
  void adjoint(const StructureView& structure, const std::vector<std::size_t>& channel,
               const double* coefficients, const double* coefficients_gradient,
               const Execution& execution, double* positions, double* strain) const;

  /// Writes ∂c^α_nlm/∂r_j of one centre for every atom j of the structure and its own channel α,
  /// N × [axis][lm][n]: zero for the centre itself. The centre's own derivative is minus their sum.
  void derivatives(const StructureView& structure, std::size_t centre, double* derivatives) const;

 private:
  /// l even or odd.
  struct Parity {
    std::vector<std::size_t> lm;  // l² + l + m
    std::vector<std::size_t> l;   // of each
  };
  struct Waves;
  struct Field;
  class Adjoint;

  std::size_t columns(const Parity& parity) const { return parity.lm.size() * radial_count_; }

  PowerLaw density_;
  ReciprocalIntegral integral_;
  SphericalHarmonics harmonics_;
  std::size_t radial_count_;
  std::size_t channels_;
  std::size_t channel_size_;
  Parity parity_[2];
  AlignedVector own_;         // what the centre's own density lacks, n of l = m = 0
  AlignedVector background_;  // of k = 0, times the volume: n of l = m = 0
};

}  // namespace soapstone
