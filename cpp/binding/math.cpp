#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>

#include "binding/arguments.hpp"
#include "binding/stages.hpp"
#include "binding/task.hpp"
#include "math/affine_map.hpp"
#include "math/centred_rows.hpp"
#include "math/clebsch_gordan.hpp"
#include "math/spherical_harmonics.hpp"

namespace soapstone::binding {
namespace {

// sphericalHarmonics(vectors: Float64Array(3N), maxAngular, values: Float64Array(N·(l+1)²),
//                    gradients: Float64Array(3N·(l+1)²) | undefined, options)
Napi::Value spherical_harmonics(const Napi::CallbackInfo& call) {
  const auto vectors = array<double>(call[0], "vectors");
  const std::size_t count = vectors.size / 3;
  if (vectors.size % 3 != 0) {
    throw Napi::RangeError::New(call.Env(), "vectors: expected three numbers each");
  }
  const int max_angular = call[1].As<Napi::Number>().Int32Value();
  const auto harmonics = std::make_shared<const SphericalHarmonics>(max_angular);
  const std::size_t size = count * harmonics->size();
  const auto values = array<double>(call[2], "values", size);
  const auto gradients = array<double>(call[3], "gradients", 3 * size, true);
  return run_task(call.Env(), call[4],
                  [=](const Execution& execution) {
                    harmonics->compute_points(vectors.data, count, execution, values.data,
                                              gradients.data);
                  },
                  {}, {call[0], call[2], call[3]});
}

// mapRows(rows: Float64Array(N·M), M, matrix: Float64Array(M·T), constant?: Float64Array(T),
//         out: Float64Array(N·T), options)
Napi::Value map_rows(const Napi::CallbackInfo& call) {
  const auto rows = array<double>(call[0], "rows");
  const std::size_t depth = count_of(call[1]);
  const auto matrix = array<double>(call[2], "matrix");
  if (depth == 0 || rows.size % depth != 0 || matrix.size % depth != 0) {
    throw Napi::RangeError::New(call.Env(), "rows and matrix: not of this depth");
  }
  const std::size_t count = rows.size / depth, columns = matrix.size / depth;
  const auto constant = array<double>(call[3], "constant", columns, true);
  const auto out = array<double>(call[4], "out", count * columns);
  return run_task(call.Env(), call[5],
                  [=](const Execution& execution) {
                    soapstone::map_rows({matrix.data, constant.data, depth, columns}, rows.data,
                                        count, out.data, execution);
                  },
                  {}, {call[0], call[2], call[3], call[4]});
}

// centreRows(rows: Float64Array(N·F), F, name, weights?: Float64Array(N), mean?: Float64Array(F),
//            out: Float64Array(N·F), options)
Napi::Value centre_rows(const Napi::CallbackInfo& call) {
  const auto rows = array<double>(call[0], "rows");
  const std::size_t columns = count_of(call[1]);
  if (columns == 0 || rows.size % columns != 0) {
    throw Napi::RangeError::New(call.Env(), "rows: not whole");
  }
  const std::size_t count = rows.size / columns;
  const std::string name = call[2].As<Napi::String>();
  const auto weights = array<double>(call[3], "weights", count, true);
  const auto mean = array<double>(call[4], "mean", columns, true);
  const auto out = array<double>(call[5], "out", rows.size);
  return run_task(call.Env(), call[6],
                  [=](const Execution& execution) {
                    check_finite(rows.data, count, columns, name.c_str());
                    soapstone::centre_rows(rows.data, count, columns, weights.data, mean.data,
                                           out.data, execution);
                  },
                  {}, {call[0], call[3], call[4], call[5]});
}

// coupling(l1, l2, lambda, values: Float64Array((2λ + 1)(2 l1 + 1)(2 l2 + 1)))
Napi::Value coupling(const Napi::CallbackInfo& call) {
  const int l1 = call[0].As<Napi::Number>(), l2 = call[1].As<Napi::Number>(),
            lambda = call[2].As<Napi::Number>();
  if (l1 < 0 || l2 < 0 || lambda < std::abs(l1 - l2) || lambda > l1 + l2) {
    throw Napi::RangeError::New(call.Env(), "coupling: not a triangle");
  }
  const auto size = static_cast<std::size_t>((2 * lambda + 1) * (2 * l1 + 1) * (2 * l2 + 1));
  const auto values = array<double>(call[3], "values", size);
  std::fill(values.data, values.data + size, 0.0);
  for (const CouplingTerm& term : Coupling(l1, l2, lambda).terms) {
    values.data[(term.mu * (2 * l1 + 1) + term.m1) * (2 * l2 + 1) + term.m2] = term.value;
  }
  return call.Env().Undefined();
}

}  // namespace

void export_math(Napi::Env env, Napi::Object exports) {
  export_functions(env, exports,
                   {
                       {"coupling", coupling},
                       {"centreRows", centre_rows},
                       {"mapRows", map_rows},
                       {"sphericalHarmonics", spherical_harmonics},
                   });
}

}  // namespace soapstone::binding
