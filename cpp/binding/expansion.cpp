#include "binding/expansion.hpp"

#include <cstddef>
#include <string>

#include "binding/arguments.hpp"

namespace soapstone::binding {
namespace {

/// The member of `values` at the place that `object[key]` has among `names`.
template <typename T, std::size_t kCount>
T choice(const Napi::Object& object, const char* key, const char* const (&names)[kCount]) {
  const std::string name = object.Get(key).As<Napi::String>();
  for (std::size_t k = 0; k < kCount; ++k) {
    if (name == names[k]) return static_cast<T>(k);
  }
  throw Napi::TypeError::New(object.Env(), std::string(key) + ": unknown name");
}

std::vector<double> numbers(const Napi::Object& object, const char* key) {
  const Napi::Value value = object.Get(key);
  if (!value.IsTypedArray()) return {};
  const auto from = array<double>(value, key);
  return {from.data, from.data + from.size};
}

}  // namespace

ExpansionParameters expansion_parameters(const Napi::Value& value) {
  const auto parameters = value.As<Napi::Object>();
  constexpr const char* kCutoffs[] = {"cosine", "polynomial", "tanh", "step"};
  constexpr const char* kBases[] = {"gto",    "monomial",     "chebyshev", "bernstein",
                                    "bessel", "legendre-dvr", "spline"};
  ExpansionParameters result;
  DensityParameters& density = result.density;
  density.cutoff = {number(parameters, "cutoff"), number(parameters, "width"),
                    choice<Cutoff::Type>(parameters, "cutoffType", kCutoffs)};
  density.gaussian_width = number(parameters, "gaussianWidth");
  density.center_weight = number(parameters, "centerWeight");
  if (const Napi::Value scaling = parameters.Get("scaling"); scaling.IsObject()) {
    const auto s = scaling.As<Napi::Object>();
    density.scaling = {true, number(s, "scale"), number(s, "rate"), number(s, "exponent")};
  }
  result.basis = {integer(parameters, "maxAngular"), integer(parameters, "radialCount"),
                  number(parameters, "accuracy")};
  RadialBasisParameters& radial = result.basis.radial;
  radial.type = choice<RadialBasisParameters::Type>(parameters, "radialType", kBases);
  radial.points = numbers(parameters, "points");
  radial.contraction = numbers(parameters, "contraction");
  if (!radial.contraction.empty()) radial.contracted_from = integer(parameters, "contractedFrom");
  const auto species = array<std::int32_t>(parameters.Get("species"), "species");
  result.species.assign(species.data, species.data + species.size);
  return result;
}

}  // namespace soapstone::binding
