#include "binding/napi.hpp"
#include "binding/stages.hpp"

namespace {

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  soapstone::binding::export_system(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(soapstone, initialize)
