#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

#include "binding/arguments.hpp"
#include "binding/napi.hpp"
#include "common/execution.hpp"

namespace soapstone::binding {

/// The part of a call that may run off JavaScript's thread: it must touch no JavaScript value.
using Work = std::function<void(const Execution&)>;

/// Makes the call's result afterwards, on JavaScript's thread.
using Finish = std::function<Napi::Value(Napi::Env)>;

/// Runs `work` as `options` say and returns the result of `finish` (undefined without one), or a
/// promise of it:
///
///   {threads: number, async: boolean, cancelled?: Uint8Array(1), onProgress?: (done, total) =>
///   void}
///
/// JavaScript sets cancelled[0] = 1 to stop the work between two items. `keep` holds the arrays
/// whose memory the work uses. Errors carry the code that ts/errors.ts knows.
Napi::Value run_task(Napi::Env env, const Napi::Value& options, Work work, Finish finish = {},
                     const std::vector<Napi::Value>& keep = {});

/// Makes an object by create(execution), off JavaScript's thread or as `options` say, and hands it
/// out as a handle.
template <typename T, typename Create>
Napi::Value make(Napi::Env env, const Napi::Value& options, const napi_type_tag& tag,
                 const std::vector<Napi::Value>& keep, const Create& create) {
  const auto made = std::make_shared<std::shared_ptr<T>>();
  return run_task(
      env, options, [=](const Execution& execution) { *made = create(execution); },
      [=, &tag](Napi::Env to) { return wrap(to, std::move(*made), tag); }, keep);
}

/// A function that JavaScript may call.
struct Entry {
  const char* name;
  Napi::Value (*function)(const Napi::CallbackInfo&);
};

/// Adds functions to what the addon exports. What they throw reaches JavaScript as an error, that
/// of the core with the code that ts/errors.ts knows.
void export_functions(Napi::Env env, Napi::Object exports, std::initializer_list<Entry> entries);

}  // namespace soapstone::binding
