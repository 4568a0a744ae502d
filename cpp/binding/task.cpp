#include "binding/task.hpp"

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <new>
#include <string>

#include "binding/arguments.hpp"
#include "common/error.hpp"

namespace soapstone::binding {
namespace {

const char* code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidInput:
      return "INVALID_INPUT";
    case ErrorCode::kMemoryLimit:
      return "MEMORY_LIMIT";
    case ErrorCode::kNumerical:
      return "NUMERICAL";
    case ErrorCode::kAborted:
      return "ABORTED";
  }
  return "INTERNAL";
}

/// A failure on its way from the thread where it happened to JavaScript.
struct Failure {
  std::string code;
  std::string message;

  static Failure from(const std::exception_ptr& exception) {
    try {
      std::rethrow_exception(exception);
    } catch (const Error& error) {
      return {code_name(error.code()), error.what()};
    } catch (const std::bad_alloc&) {
      return {"MEMORY_LIMIT", "the machine has no memory left for this calculation"};
    } catch (const std::exception& error) {
      return {"INTERNAL", error.what()};
    } catch (...) {
      return {"INTERNAL", "an unknown exception"};
    }
  }

  Napi::Error to_js(Napi::Env env) const {
    Napi::Error error = Napi::Error::New(env, message);
    error.Set("code", Napi::String::New(env, code));
    return error;
  }
};

/// Calls `body` and turns what the core throws into JavaScript errors with a code.
template <typename Body>
Napi::Value guarded(Napi::Env env, const Body& body) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    throw Failure::from(std::current_exception()).to_js(env);
  }
}

struct Progress {
  double done;
  double total;
};

void call_with_progress(Napi::Env env, Napi::Function callback, std::nullptr_t*,
                        Progress* progress) {
  const std::unique_ptr<Progress> owned(progress);
  if (env == nullptr || callback == nullptr) return;  // the environment is shutting down
  callback.Call({Napi::Number::New(env, owned->done), Napi::Number::New(env, owned->total)});
}

using ProgressFunction =
    Napi::TypedThreadSafeFunction<std::nullptr_t, Progress, call_with_progress>;

/// At most one report in so many milliseconds, and always the last.
constexpr std::int64_t kReportInterval = 40;

class TaskWorker final : public Napi::AsyncWorker {
 public:
  TaskWorker(Napi::Env env, Work work, Finish finish, const std::vector<Napi::Value>& keep,
             Execution execution, const Napi::Value& cancelled, const Napi::Value& on_progress)
      : Napi::AsyncWorker(env, "soapstone"),
        work_(std::move(work)),
        finish_(std::move(finish)),
        execution_(std::move(execution)),
        deferred_(Napi::Promise::Deferred::New(env)) {
    const auto hold = [&](const Napi::Value& value) {
      if (value.IsObject()) kept_.push_back(Napi::Persistent(value.As<Napi::Object>()));
    };
    for (const Napi::Value& value : keep) hold(value);
    hold(cancelled);
    if (on_progress.IsFunction()) {
      progress_ = ProgressFunction::New(env, on_progress.As<Napi::Function>(), "progress", 0, 1);
      reporting_ = true;
      execution_.progress = [this](std::size_t done, std::size_t total) { report(done, total); };
    }
  }

  Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override {
    try {
      work_(execution_);
    } catch (...) {
      failure_ = std::make_unique<Failure>(Failure::from(std::current_exception()));
    }
  }

  void OnOK() override {
    const Napi::Env env = Env();
    if (reporting_) progress_.Release();
    if (failure_) {
      deferred_.Reject(failure_->to_js(env).Value());
      return;
    }
    try {
      deferred_.Resolve(guarded(env, [&] { return finish_ ? finish_(env) : env.Undefined(); }));
    } catch (const Napi::Error& error) {
      deferred_.Reject(error.Value());
    }
  }

 private:
  void report(std::size_t done, std::size_t total) {
    using Clock = std::chrono::steady_clock;
    const std::int64_t now =
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch())
            .count();
    std::int64_t last = last_report_.load();
    const bool due =
        now - last >= kReportInterval && last_report_.compare_exchange_strong(last, now);
    if (!due && done != total) return;
    auto progress =
        std::make_unique<Progress>(Progress{static_cast<double>(done), static_cast<double>(total)});
    if (progress_.NonBlockingCall(progress.get()) == napi_ok) (void)progress.release();
  }

  Work work_;
  Finish finish_;
  Execution execution_;
  Napi::Promise::Deferred deferred_;
  std::vector<Napi::ObjectReference> kept_;
  ProgressFunction progress_;
  bool reporting_ = false;
  std::atomic<std::int64_t> last_report_{0};
  std::unique_ptr<Failure> failure_;
};

}  // namespace

Napi::Value run_task(Napi::Env env, const Napi::Value& options_value, Work work, Finish finish,
                     const std::vector<Napi::Value>& keep) {
  const auto options = options_value.As<Napi::Object>();
  Execution execution;
  execution.threads = integer(options, "threads");
  const Napi::Value cancelled = options.Get("cancelled");
  if (!cancelled.IsUndefined()) {
    static_assert(sizeof(std::atomic<bool>) == 1 && std::atomic<bool>::is_always_lock_free);
    execution.cancelled = reinterpret_cast<const std::atomic<bool>*>(
        array<std::uint8_t>(cancelled, "cancelled", 1).data);
  }
  if (flag(options, "async")) {
    auto* worker = new TaskWorker(env, std::move(work), std::move(finish), keep,
                                  std::move(execution), cancelled, options.Get("onProgress"));
    const Napi::Promise promise = worker->promise();
    worker->Queue();
    return promise;
  }
  work(execution);
  return finish ? finish(env) : env.Undefined();
}

void export_functions(Napi::Env env, Napi::Object exports, std::initializer_list<Entry> entries) {
  for (const auto& [name, function] : entries) {
    const auto call = [function = function](const Napi::CallbackInfo& info) {
      return guarded(info.Env(), [&] { return function(info); });
    };
    exports[name] = Napi::Function::New(env, call, name);
  }
}

}  // namespace soapstone::binding
