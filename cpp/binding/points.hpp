#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "analysis/distances.hpp"
#include "binding/arguments.hpp"

namespace soapstone::binding {

/// A matrix of JavaScript as points: (Float64Array(N·F), F) at `index` and behind it.
inline Points points(const Napi::CallbackInfo& call, std::size_t index, const char* name) {
  const auto matrix = array<double>(call[index], name);
  const std::size_t columns = count_of(call[index + 1]);
  if (columns == 0 || matrix.size == 0 || matrix.size % columns != 0) {
    throw Napi::RangeError::New(call.Env(), std::string(name) + ": not one with these columns");
  }
  return {matrix.data, static_cast<Eigen::Index>(matrix.size / columns),
          static_cast<Eigen::Index>(columns)};
}

/// A number that a task has found.
inline Napi::Value scalar(Napi::Env env, const std::shared_ptr<double>& value) {
  return Napi::Number::New(env, *value);
}

inline void check_finite(const Points& points, const char* name) {
  check_finite(points.data(), static_cast<std::size_t>(points.rows()),
               static_cast<std::size_t>(points.cols()), name);
}

}  // namespace soapstone::binding
