#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "math/jet.hpp"
#include "math/quadrature.hpp"

namespace soapstone {

/// Orthonormal radial functions, ∫ r² R_nl(r) R_n'l(r) dr = δ_nn' for n = 0 … count − 1, which may
/// be others for every l.
class RadialBasis {
 public:
  virtual ~RadialBasis() = default;
  virtual std::size_t count() const = 0;

  /// Whether the functions are others for every l.
  virtual bool depends_on_angular() const { return false; }

  /// Writes R_nl(r) and its first two derivatives for all n; 0 beyond the end of the basis.
  virtual void evaluate(int l, double r, Jet* functions) const = 0;

  /// Distance (Å) beyond which every function may be taken as zero when multiplied by a density of
  /// width `sigma` (Å) that is centred within the cutoff.
  virtual double extent(double sigma) const = 0;

  /// The quadrature that integrals with this basis are defined by, null where it is exact
  /// integration. Weights and nodes are for ∫ dr.
  virtual const Quadrature* rule() const { return nullptr; }
};

/// Which functions.
struct RadialBasisParameters {
  enum class Type { kGto, kMonomial, kChebyshev, kBernstein, kBessel, kLegendreDvr, kSpline };
  Type type = Type::kGto;
  /// Splines: equidistant values from 0 to the radius, functions × points.
  std::vector<double> points{};
  /// Contraction of more functions, others for each channel of the density, R'^α_nl = Σ_k u^αl_nk
  /// R_kl: [α][l][n][k]; empty for none.
  std::vector<double> contraction{};
  int contracted_from = 0;  ///< number of functions that are contracted
};

/// Makes a basis of `count` functions for l = 0 … max_angular that end at `radius` (Å), or, of
/// Gaussian-type orbitals, cover it; if they are contracted, that of a channel. Throws InvalidInput
/// or Numerical, naming what is wrong.
std::unique_ptr<RadialBasis> make_radial_basis(const RadialBasisParameters& parameters, int count,
                                               double radius, int max_angular,
                                               std::size_t channel = 0);

}  // namespace soapstone
