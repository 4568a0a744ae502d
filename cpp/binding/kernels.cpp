#include <memory>
#include <optional>

#include "binding/arguments.hpp"
#include "binding/stages.hpp"
#include "binding/task.hpp"
#include "kernels/kernel_matrix.hpp"
#include "kernels/structure_match.hpp"

namespace soapstone::binding {
namespace {

/// {values: Float64Array(rows · features), rows, features, species?: Int32Array(rows), offsets?:
/// Int32Array(segments + 1), mean: boolean}
struct Samples {
  EnvironmentRows rows;
  Segments segments;
  std::vector<Napi::Value> kept;
};

Samples parse_samples(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  Samples samples;
  samples.rows.rows = static_cast<std::size_t>(integer(object, "rows"));
  samples.rows.features = static_cast<std::size_t>(integer(object, "features"));
  const auto keep = [&](const char* key) {
    samples.kept.push_back(object.Get(key));
    return samples.kept.back();
  };
  samples.rows.values =
      array<double>(keep("values"), "values", samples.rows.rows * samples.rows.features).data;
  samples.rows.species =
      array<std::int32_t>(keep("species"), "species", samples.rows.rows, true).data;
  const Napi::Value offsets = keep("offsets");
  if (!offsets.IsUndefined()) {
    const auto numbers = array<std::int32_t>(offsets, "offsets");
    bool ascending = numbers.size > 0 && numbers.data[0] == 0 &&
                     static_cast<std::size_t>(numbers.data[numbers.size - 1]) == samples.rows.rows;
    for (std::size_t s = 1; s < numbers.size; ++s) {
      ascending = ascending && numbers.data[s] > numbers.data[s - 1];
    }
    if (!ascending) throw Napi::RangeError::New(value.Env(), "offsets: do not divide the rows");
    samples.segments = {numbers.data, numbers.size - 1, flag(object, "mean")};
  }
  return samples;
}

KernelFunction parse_function(const Napi::Object& object) {
  KernelFunction function;
  function.type = choice<KernelFunction::Type>(object, "type",
                                               {"dot-product", "gaussian", "laplacian", "matern"});
  function.normalize = flag(object, "normalize");
  if (function.type == KernelFunction::Type::kDotProduct) {
    function.zeta = integer(object, "zeta");
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
  return Match{choice<Match::Type>(object, "type", {"best-match", "rematch"}),
               number(object, "gamma")};
}

// kernelMatrix(x, y | undefined, kernel, coupling | undefined, match | undefined,
//              out: Float64Array, options)
Napi::Value compute_kernel_matrix(const Napi::CallbackInfo& call) {
  const Samples x = parse_samples(call[0]);
  const bool symmetric = call[1].IsUndefined();
  const Samples y = symmetric ? x : parse_samples(call[1]);
  if (y.rows.features != x.rows.features) {
    throw Napi::RangeError::New(call.Env(), "y: other features than x");
  }
  const KernelFunction function = parse_function(call[2].As<Napi::Object>());
  const SpeciesCoupling coupling = parse_coupling(call[3]);
  const std::optional<Match> match = parse_match(call[4]);
  if (match && (!x.segments.offsets || !y.segments.offsets)) {
    throw Napi::RangeError::New(call.Env(), "match: of structures only");
  }
  const auto count = [](const Samples& of) {
    return of.segments.offsets ? of.segments.count : of.rows.rows;
  };
  const auto out = array<double>(call[5], "out", count(x) * count(y));
  std::vector<Napi::Value> keep = x.kept;
  keep.insert(keep.end(), y.kept.begin(), y.kept.end());
  keep.push_back(call[5]);
  return run_task(
      call.Env(), call[6],
      [=, rows = x.rows, segments = x.segments, columns = y.rows,
       column_segments = y.segments](const Execution& execution) {
        const EnvironmentRows* others = symmetric ? nullptr : &columns;
        if (match) {
          match_matrix(rows, segments, others, column_segments, function, coupling, *match,
                       out.data, execution);
        } else {
          kernel_matrix(rows, segments, others, column_segments, function, coupling, out.data,
                        execution);
        }
      },
      {}, keep);
}

}  // namespace

void export_kernels(Napi::Env env, Napi::Object exports) {
  exports["kernelMatrix"] = Napi::Function::New(env, compute_kernel_matrix);
}

}  // namespace soapstone::binding
