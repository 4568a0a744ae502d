#pragma once

#include <cstddef>

#include "density/radial_integral.hpp"

namespace soapstone {

// What a density and its expansion are made of, as functions of the distance, for those who want to
// look at them. All take `count` distances in Å and write without padding; `slopes` (d/dr) may be
// null.

/// f_c(r).
void evaluate_cutoff(const Cutoff& cutoff, const double* distances, std::size_t count,
                     double* values, double* slopes);

/// u(r), diverging at 0 where it is a pure power law.
void evaluate_scaling(const RadialScaling& scaling, const double* distances, std::size_t count,
                      double* values, double* slopes);

/// R_nl(r), count × (max_angular + 1) × n.
void evaluate_radial_basis(const DensityParameters& density, const BasisParameters& basis,
                           const double* distances, std::size_t count, double* values,
                           double* slopes);

/// ⟨nl|r⟩ as the expansion takes it from its splines, cutoff and scaling folded in, zero from the
/// cutoff on; count × (max_angular + 1) × n.
void evaluate_radial_integrals(const DensityParameters& density, const BasisParameters& basis,
                               const double* distances, std::size_t count, double* values,
                               double* slopes);

}  // namespace soapstone
