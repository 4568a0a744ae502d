#pragma once

#include "common/execution.hpp"

namespace soapstone::testing {

/// So many threads, without reports and not to be stopped.
inline Execution on(int threads) { return {threads, nullptr, nullptr}; }

}  // namespace soapstone::testing
