#pragma once

#include <cstddef>
#include <string>

#include "common/error.hpp"
#include "common/execution.hpp"
#include "common/parallel.hpp"
#include "common/structures.hpp"

namespace soapstone {

/// Calls body; errors name the structure, `structures[s]`.
template <typename Body>
void naming_structure(std::size_t s, const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kAborted) throw;
    throw Error(error.code(), "structures[" + std::to_string(s) + "]: " + error.what());
  }
}

/// Calls body(s, execution of its own) for every structure s of a batch; progress counts
/// structures. Many structures are shared out whole among the threads; of few, each is for all
/// threads. Errors name the structure, `structures[s]`.
template <typename Body>
void for_each_structure(const BatchView& batch, const Execution& execution, const Body& body) {
  const int threads = resolve_threads(execution, batch.atoms());
  const bool whole = batch.structures >= static_cast<std::size_t>(threads);
  const Execution inner{whole ? 1 : threads, execution.cancelled, nullptr};
  parallel_for(batch.structures, whole ? threads : 1, execution,
               [&](std::size_t s, int) { naming_structure(s, [&] { body(s, inner); }); });
}

}  // namespace soapstone
