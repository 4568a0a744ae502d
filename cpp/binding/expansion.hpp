#pragma once

#include <cstdint>
#include <vector>

#include "binding/napi.hpp"
#include "density/radial_integral.hpp"

namespace soapstone::binding {

/// What the expansion of a density is made from.
struct ExpansionParameters {
  DensityParameters density;
  BasisParameters basis;
  std::vector<std::int32_t> species;
};

/// {cutoff, cutoffType, width, scaling?: {scale, rate, exponent}, gaussianWidth (0: δ),
///  centerWeight, maxAngular, radialType, radialCount, points?, contraction?, contractedFrom?,
///  accuracy, species: Int32Array, mixing?: Float64Array(species · channels),
///  local, longRange?: {exponent, width, kCutoff, centerWeight}}
ExpansionParameters expansion_parameters(const Napi::Value& value);

}  // namespace soapstone::binding
