#pragma once

#include <cstddef>
#include <vector>

#include "density/radial_basis.hpp"
#include "math/quadrature.hpp"
#include "math/simd.hpp"

namespace soapstone {

/// Radial part of the expansion of a plane wave of wave number k (1/Å),
///
///   I_nl(k) = ∫ r² R_nl(r) j_l(kr) dr,
///
/// done numerically once, at the knots of a quintic Hermite spline. Their spacing h follows from
/// |∂⁶I/∂k⁶| ≤ ∫ r⁸ |R_nl| dr / 7, since |j_l⁽⁶⁾| ≤ 1/7, and the spline's error h⁶ |I⁽⁶⁾| / 46080:
/// it is below 10⁻¹² of the largest value.
class ReciprocalIntegral {
 public:
  /// For 0 ≤ k ≤ `most`; `radius` (Å): that of the basis.
  ReciprocalIntegral(const RadialBasis& radial, int max_angular, double radius, double most);

  /// Length of one row: (max_angular + 1) × radial count padded to whole lanes, [l][n].
  std::size_t row() const { return row_; }
  std::size_t radial_stride() const { return stride_; }

  /// Writes I_nl(k) and, unless `slopes` is null, dI_nl/dk as rows, n padded with zeros.
  void evaluate(double k, double* values, double* slopes) const;

 private:
  std::size_t stride_;
  std::size_t row_;
  std::size_t intervals_;
  double step_;
  AlignedVector knots_;  // [knot][value, step · first, step² · second derivative][l][n]
};

/// Nodes and weights r² w for integrals of the basis times functions that vary over `scale` (Å).
Quadrature radial_rule(const RadialBasis& radial, double radius, double scale);

/// ∫ r² R_n0(r) f(r) dr for all n of a function f that varies over the radius of the basis;
/// `integrals` takes radial.count() numbers.
template <typename Function>
void project_on_radial(const RadialBasis& radial, double radius, const Function& f,
                       double* integrals) {
  const Quadrature rule = radial_rule(radial, radius, radius);
  std::vector<Jet> functions(radial.count());
  for (std::size_t n = 0; n < radial.count(); ++n) integrals[n] = 0.0;
  for (std::size_t q = 0; q < rule.nodes.size(); ++q) {
    radial.evaluate(0, rule.nodes[q], functions.data());
    const double weight = rule.weights[q] * f(rule.nodes[q]);
    for (std::size_t n = 0; n < radial.count(); ++n) integrals[n] += weight * functions[n].value;
  }
}

}  // namespace soapstone
