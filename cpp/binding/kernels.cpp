#include <memory>
#include <optional>

#include "binding/arguments.hpp"
#include "binding/stages.hpp"
#include "binding/task.hpp"
#include "kernels/kernel_matrix.hpp"
#include "kernels/structure_match.hpp"

namespace soapstone::binding {
namespace {

/// {values: Float64Array(rows · components · features), rows, features, components, mean: boolean,
///  species?: Int32Array(rows), offsets?: Int32Array(segments + 1),
///  scalars?: Float64Array(rows · scalarFeatures), scalarFeatures?}
struct Samples {
  KernelSamples samples;
  std::vector<Napi::Value> kept;
};

Samples parse_samples(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  Samples parsed;
  const auto keep = [&](const char* key) {
    parsed.kept.push_back(object.Get(key));
    return parsed.kept.back();
  };
  const auto size = [&](const char* key) { return static_cast<std::size_t>(integer(object, key)); };
  KernelSamples& samples = parsed.samples;
  EnvironmentRows& environments = samples.environments;
  environments.rows = size("rows");
  environments.features = size("features");
  environments.components = size("components");
  environments.values =
      array<double>(keep("values"), "values",
                    environments.rows * environments.components * environments.features)
          .data;
  environments.species =
      array<std::int32_t>(keep("species"), "species", environments.rows, true).data;
  if (environments.components > 1) {
    samples.scalars = {nullptr, environments.rows, size("scalarFeatures"), environments.species};
    samples.scalars.values =
        array<double>(keep("scalars"), "scalars", samples.scalars.rows * samples.scalars.features)
            .data;
  }
  const Napi::Value segments = keep("offsets");
  if (!segments.IsUndefined()) {
    const auto numbers = offsets(segments, "offsets", environments.rows, true);
    samples.segments = {numbers.data, numbers.size - 1, flag(object, "mean")};
  }
  return parsed;
}

KernelFunction parse_function(const Napi::Object& object) {
  KernelFunction function;
  using Type = KernelFunction::Type;
  function.type = choice<Type>(object, "type",
                               {{"dot-product", Type::kDotProduct},
                                {"gaussian", Type::kGaussian},
                                {"laplacian", Type::kLaplacian},
                                {"matern", Type::kMatern}});
  function.normalize = flag(object, "normalize");
  function.derivative = flag(object, "derivative");
  if (function.type == KernelFunction::Type::kDotProduct) {
    function.zeta = number(object, "zeta");
  } else {
    function.width = number(object, "width");
  }
  if (function.type == KernelFunction::Type::kMatern) {
    function.smoothness = number(object, "smoothness");
  }
  return function;
}

/// {species: Int32Array, values: Float64Array(species²)} or undefined.
SpeciesCoupling parse_coupling(const Napi::Value& value) {
  if (value.IsUndefined()) return {};
  const auto object = value.As<Napi::Object>();
  const auto species = array<std::int32_t>(object.Get("species"), "species");
  const auto values = array<double>(object.Get("values"), "values", species.size * species.size);
  return {{species.data, species.data + species.size}, {values.data, values.data + values.size}};
}

/// {type: 'best-match' | 'rematch', gamma: number} or undefined.
std::optional<Match> parse_match(const Napi::Value& value) {
  if (value.IsUndefined()) return std::nullopt;
  const auto object = value.As<Napi::Object>();
  return Match{choice<Match::Type>(
                   object, "type",
                   {{"best-match", Match::Type::kBest}, {"rematch", Match::Type::kRegularized}}),
               number(object, "gamma")};
}

// kernelMatrix(x, y | undefined, kernel, coupling | undefined, match | undefined,
//              out: Float64Array, options)
Napi::Value compute_kernel_matrix(const Napi::CallbackInfo& call) {
  const Samples x = parse_samples(call[0]);
  const bool symmetric = call[1].IsUndefined();
  const Samples y = symmetric ? x : parse_samples(call[1]);
  const auto alike = [&](const EnvironmentRows& a, const EnvironmentRows& b) {
    return a.features == b.features && a.components == b.components;
  };
  if (!alike(x.samples.environments, y.samples.environments) ||
      !alike(x.samples.scalars, y.samples.scalars)) {
    throw Napi::RangeError::New(call.Env(), "y: other features than x");
  }
  const KernelFunction function = parse_function(call[2].As<Napi::Object>());
  const SpeciesCoupling coupling = parse_coupling(call[3]);
  const std::optional<Match> match = parse_match(call[4]);
  if (match && function.derivative) {
    throw Napi::RangeError::New(call.Env(), "match: has no derivative");
  }
  const auto matches = [](const KernelSamples& of) {
    return of.segments.offsets != nullptr && of.environments.components == 1;
  };
  if (match && !(matches(x.samples) && matches(y.samples))) {
    throw Napi::RangeError::New(call.Env(), "match: of structures, and of scalars only");
  }
  const auto out = array<double>(call[5], "out", x.samples.size() * y.samples.size());
  std::vector<Napi::Value> keep = x.kept;
  keep.insert(keep.end(), y.kept.begin(), y.kept.end());
  keep.push_back(call[5]);
  return run_task(
      call.Env(), call[6],
      [=, rows = x.samples, columns = y.samples](const Execution& execution) {
        const KernelSamples* others = symmetric ? nullptr : &columns;
        if (match) {
          match_matrix(rows, others, function, coupling, *match, out.data, execution);
        } else {
          kernel_matrix(rows, others, function, coupling, out.data, execution);
        }
      },
      {}, keep);
}

}  // namespace

void export_kernels(Napi::Env env, Napi::Object exports) {
  export_functions(env, exports,
                   {
                       {"kernelMatrix", compute_kernel_matrix},
                   });
}

}  // namespace soapstone::binding
