#include <memory>

#include "binding/arguments.hpp"
#include "binding/stages.hpp"
#include "binding/task.hpp"
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
  const auto harmonics = std::make_shared<std::unique_ptr<const SphericalHarmonics>>();
  guarded(call.Env(), [&] {
    *harmonics = std::make_unique<const SphericalHarmonics>(max_angular);
    return call.Env().Undefined();
  });
  const std::size_t size = count * (*harmonics)->size();
  const auto values = array<double>(call[2], "values", size);
  const auto gradients = array<double>(call[3], "gradients", 3 * size, true);
  return run_task(
      call.Env(), call[4],
      [=](const Execution& execution) {
        (*harmonics)->compute_points(vectors.data, count, execution, values.data, gradients.data);
      },
      {}, {call[0], call[2], call[3]});
}

}  // namespace

void export_math(Napi::Env env, Napi::Object exports) {
  exports["sphericalHarmonics"] = Napi::Function::New(env, spherical_harmonics);
}

}  // namespace soapstone::binding
