#include <memory>

#include "binding/arguments.hpp"
#include "binding/expansion.hpp"
#include "binding/stages.hpp"
#include "binding/task.hpp"
#include "density/pair_expansion.hpp"
#include "density/radial_functions.hpp"

namespace soapstone::binding {
namespace {

constexpr napi_type_tag kPairExpansionTag{0x53c8e07b9d1f4a26, 0x8e6a17f40b92d35c};

/// Binds function(expansion, distances: Float64Array(N), values, slopes), whose arrays hold
/// N · per_distance(expansion) numbers.
template <typename Count, typename Evaluate>
Napi::Value evaluate(const Napi::CallbackInfo& call, const Count& per_distance,
                     const Evaluate& function) {
  const ExpansionParameters e = expansion_parameters(call[0]);
  const auto distances = array<double>(call[1], "distances");
  const std::size_t size = distances.size * per_distance(e);
  const auto values = array<double>(call[2], "values", size);
  const auto slopes = array<double>(call[3], "slopes", size);
  function(e, distances, values.data, slopes.data);
  return call.Env().Undefined();
}

std::size_t one(const ExpansionParameters&) { return 1; }

std::size_t radial_functions(const ExpansionParameters& e) {
  return static_cast<std::size_t>(e.basis.max_angular + 1) *
         static_cast<std::size_t>(e.basis.radial_count);
}

// cutoffFunction(expansion, distances, values: Float64Array(N), slopes: Float64Array(N))
Napi::Value cutoff_function(const Napi::CallbackInfo& call) {
  return evaluate(call, one, [](const auto& e, auto r, double* values, double* slopes) {
    evaluate_cutoff(e.density.cutoff, r.data, r.size, values, slopes);
  });
}

// radialScaling(expansion, distances, values: Float64Array(N), slopes: Float64Array(N))
Napi::Value radial_scaling(const Napi::CallbackInfo& call) {
  return evaluate(call, one, [](const auto& e, auto r, double* values, double* slopes) {
    evaluate_scaling(e.density.scaling, r.data, r.size, values, slopes);
  });
}

// radialBasis(expansion, distances, values: Float64Array(N·(l+1)·n), slopes: the same)
Napi::Value radial_basis(const Napi::CallbackInfo& call) {
  return evaluate(call, radial_functions,
                  [](const auto& e, auto r, double* values, double* slopes) {
                    evaluate_radial_basis(e.density, e.basis, r.data, r.size, values, slopes);
                  });
}

// radialIntegrals(expansion, distances, values: Float64Array(N·(l+1)·n), slopes: the same)
Napi::Value radial_integrals(const Napi::CallbackInfo& call) {
  return evaluate(call, radial_functions,
                  [](const auto& e, auto r, double* values, double* slopes) {
                    evaluate_radial_integrals(e.density, e.basis, r.data, r.size, values, slopes);
                  });
}

// createPairExpansion(expansion) → handle
Napi::Value create_pair_expansion(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  const ExpansionParameters e = expansion_parameters(call[0]);
  return wrap(env, std::make_shared<const PairExpansion>(e.density, e.basis), kPairExpansionTag);
}

std::shared_ptr<const PairExpansion> unwrap_pair_expansion(const Napi::Value& handle) {
  return unwrap<const PairExpansion>(handle, kPairExpansionTag, "pair expansion");
}

// pairValues(pairExpansion, vectors: Float64Array(3P), values: Float64Array(P·F), options)
Napi::Value pair_values(const Napi::CallbackInfo& call) {
  const auto expansion = unwrap_pair_expansion(call[0]);
  const auto vectors = array<double>(call[1], "vectors");
  const std::size_t pairs = vectors.size / 3;
  const auto values = array<double>(call[2], "values", pairs * expansion->features());
  return run_task(call.Env(), call[3],
                  [=](const Execution& execution) {
                    expansion->values(vectors.data, pairs, execution, values.data);
                  },
                  {}, {call[1], call[2]});
}

// pairVjp(pairExpansion, vectors: Float64Array(3P), gradient: Float64Array(P·F),
//         vectorsGradient: Float64Array(3P), options)
Napi::Value pair_vjp(const Napi::CallbackInfo& call) {
  const auto expansion = unwrap_pair_expansion(call[0]);
  const auto vectors = array<double>(call[1], "vectors");
  const std::size_t pairs = vectors.size / 3;
  const auto gradient = array<double>(call[2], "gradient", pairs * expansion->features());
  const auto result = array<double>(call[3], "vectorsGradient", vectors.size);
  return run_task(call.Env(), call[4],
                  [=](const Execution& execution) {
                    expansion->adjoint(vectors.data, pairs, gradient.data, execution, result.data);
                  },
                  {}, {call[1], call[2], call[3]});
}

}  // namespace

void export_density(Napi::Env env, Napi::Object exports) {
  export_functions(env, exports,
                   {
                       {"cutoffFunction", cutoff_function},
                       {"radialScaling", radial_scaling},
                       {"radialBasis", radial_basis},
                       {"radialIntegrals", radial_integrals},
                       {"createPairExpansion", create_pair_expansion},
                       {"pairValues", pair_values},
                       {"pairVjp", pair_vjp},
                   });
}

}  // namespace soapstone::binding
