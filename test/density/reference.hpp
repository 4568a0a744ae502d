#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "density/radial_integral.hpp"
#include "math/quadrature.hpp"

namespace soapstone::testing {

/// ⟨nl|r⟩ by its definition, the projection of one Gaussian on the axis at distance r:
///
///   u(r) f_c(r) ∫ d³x g(|x − r ẑ|) R_n(|x|) P_l(x̂·ẑ),
///
/// integrated in |x| and in the angle, without Bessel functions and without splines; as [l][n].
inline std::vector<double> radial_integrals(const DensityParameters& density,
                                            const BasisParameters& basis, const RadialBasis& radial,
                                            double r) {
  const double pi = std::acos(-1.0);
  const double sigma = density.gaussian_width;
  const auto angles = static_cast<std::size_t>(basis.max_angular + 1);
  const std::size_t count = radial.count();
  const Quadrature distance = gauss_legendre(120, std::max(0.0, r - 8.5 * sigma),
                                             std::min(r + 8.5 * sigma, radial.extent(sigma)));
  const Quadrature cosine = gauss_legendre(120, -1.0, 1.0);

  std::vector<double> result(angles * count, 0.0), legendre(angles);
  std::vector<Jet> functions(count);
  for (std::size_t a = 0; a < distance.nodes.size(); ++a) {
    const double x = distance.nodes[a];
    std::fill(legendre.begin(), legendre.end(), 0.0);  // ∫ g P_l d(cos)
    for (std::size_t b = 0; b < cosine.nodes.size(); ++b) {
      const double t = cosine.nodes[b];
      const double square = x * x + r * r - 2.0 * x * r * t;
      const double g = cosine.weights[b] * std::exp(-0.5 * square / (sigma * sigma));
      double below = 0.0, current = 1.0;  // P_{l−1}, P_l
      for (std::size_t l = 0; l < angles; ++l) {
        legendre[l] += g * current;
        const double next = ((2.0 * l + 1.0) * t * current - l * below) / (l + 1.0);
        below = current;
        current = next;
      }
    }
    const double weight = 2.0 * pi * distance.weights[a] * x * x;
    for (std::size_t l = 0; l < angles; ++l) {
      radial.evaluate(static_cast<int>(l), x, functions.data());
      for (std::size_t n = 0; n < count; ++n) {
        result[l * count + n] += weight * legendre[l] * functions[n].value;
      }
    }
  }
  const double norm = std::pow(pi * sigma * sigma, -0.75);
  const double envelope = density.scaling(r).value * density.cutoff(r).value;
  for (double& value : result) value *= norm * envelope;
  return result;
}

}  // namespace soapstone::testing
