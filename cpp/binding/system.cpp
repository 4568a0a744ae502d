#include <Eigen/Core>
#include <limits>
#include <string>

#include "binding/napi.hpp"
#include "binding/stages.hpp"
#include "binding/task.hpp"
#include "common/parallel.hpp"

namespace soapstone::binding {
namespace {

std::string eigen_version() {
  return std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION) + "." +
         std::to_string(EIGEN_MINOR_VERSION);
}

std::string compiler() {
#if defined(__clang__)
  return "Clang " __clang_version__;
#else
  return "GCC " __VERSION__;
#endif
}

Napi::Value system_info(const Napi::CallbackInfo& call) {
  Napi::Object info = Napi::Object::New(call.Env());
  info["cpuLevel"] = SOAPSTONE_CPU_LEVEL;
  info["compiler"] = compiler();
  info["eigen"] = eigen_version();
  info["openmp"] = _OPENMP;
  info["threads"] = resolve_threads(Execution{}, std::numeric_limits<std::size_t>::max());
  return info;
}

}  // namespace

void export_system(Napi::Env env, Napi::Object exports) {
  export_functions(env, exports,
                   {
                       {"systemInfo", system_info},
                   });
}

}  // namespace soapstone::binding
