#pragma once

#include <functional>
#include <vector>

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

/// Calls `body` and turns the core's exceptions into JavaScript errors with a code.
Napi::Value guarded(Napi::Env env, const std::function<Napi::Value()>& body);

}  // namespace soapstone::binding
