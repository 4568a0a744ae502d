#include "binding/expansion.hpp"

#include "binding/arguments.hpp"

namespace soapstone::binding {
ExpansionParameters expansion_parameters(const Napi::Value& value) {
  const auto parameters = value.As<Napi::Object>();
  ExpansionParameters result;
  DensityParameters& density = result.density;
  density.cutoff = {number(parameters, "cutoff"), number(parameters, "width"),
                    choice<Cutoff::Type>(parameters, "cutoffType",
                                         {{"cosine", Cutoff::Type::kCosine},
                                          {"polynomial", Cutoff::Type::kPolynomial},
                                          {"tanh", Cutoff::Type::kTanh},
                                          {"step", Cutoff::Type::kStep}})};
  density.gaussian_width = number(parameters, "gaussianWidth");
  density.center_weight = number(parameters, "centerWeight");
  if (const Napi::Value scaling = parameters.Get("scaling"); scaling.IsObject()) {
    const auto s = scaling.As<Napi::Object>();
    density.scaling = {true, number(s, "scale"), number(s, "rate"), number(s, "exponent")};
  }
  density.local = flag(parameters, "local");
  if (const Napi::Value given = parameters.Get("longRange"); given.IsObject()) {
    const auto g = given.As<Napi::Object>();
    density.long_range = PowerLaw{integer(g, "exponent"), number(g, "width"), number(g, "kCutoff"),
                                  number(g, "centerWeight")};
  }
  result.basis = {integer(parameters, "maxAngular"), integer(parameters, "radialCount"),
                  number(parameters, "accuracy")};
  RadialBasisParameters& radial = result.basis.radial;
  using Basis = RadialBasisParameters::Type;
  radial.type = choice<Basis>(parameters, "radialType",
                              {{"gto", Basis::kGto},
                               {"monomial", Basis::kMonomial},
                               {"chebyshev", Basis::kChebyshev},
                               {"bernstein", Basis::kBernstein},
                               {"bessel", Basis::kBessel},
                               {"legendre-dvr", Basis::kLegendreDvr},
                               {"spline", Basis::kSpline}});
  radial.points = numbers(parameters, "points");
  radial.contraction = numbers(parameters, "contraction");
  if (!radial.contraction.empty()) radial.contracted_from = integer(parameters, "contractedFrom");
  result.density.mixing = numbers(parameters, "mixing");
  const auto species = array<std::int32_t>(parameters.Get("species"), "species");
  result.species.assign(species.data, species.data + species.size);
  return result;
}

}  // namespace soapstone::binding
