#include "binding/napi.hpp"
#include "binding/stages.hpp"

namespace {

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  using namespace soapstone::binding;
  export_system(env, exports);
  export_math(env, exports);
  export_neighbours(env, exports);
  export_density(env, exports);
  export_representations(env, exports);
  export_kernels(env, exports);
  export_selection(env, exports);
  export_regression(env, exports);
  export_learning(env, exports);
  export_covariates(env, exports);
  export_analysis(env, exports);
  export_channels(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(soapstone, initialize)
