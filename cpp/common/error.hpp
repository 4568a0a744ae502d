#pragma once

#include <stdexcept>
#include <string>

namespace soapstone {

/// What went wrong, in the terms a caller can act on. Each code is one error class in TypeScript.
enum class ErrorCode {
  kInvalidInput,  ///< the caller passed something that has no meaning
  kMemoryLimit,   ///< the result would need more memory than the caller allows
  kNumerical,     ///< the mathematics broke down (a matrix is not positive definite, …)
  kAborted,       ///< the caller cancelled the calculation
};

/// The only exception the core throws on purpose; anything else is a bug.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace soapstone
