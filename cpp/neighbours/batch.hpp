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

/// Calls body(s, execution of its own) for the structures s from `first` on, `count` of them with
/// so many atoms; progress counts structures. Many structures are shared out whole among the
/// threads; of few, each is for all threads. Errors name the structure, `structures[s]`.
template <typename Body>
void share_structures(std::size_t first, std::size_t count, std::size_t atoms,
                      const Execution& execution, const Body& body) {
  const int threads = resolve_threads(execution, atoms);
  const bool whole = count >= static_cast<std::size_t>(threads);
  const Execution inner{whole ? 1 : threads, execution.cancelled, nullptr};
  parallel_for(count, whole ? threads : 1, execution, [&](std::size_t k, int) {
    naming_structure(first + k, [&] { body(first + k, inner); });
  });
}

/// The same for every structure of a batch.
template <typename Body>
void for_each_structure(const BatchView& batch, const Execution& execution, const Body& body) {
  share_structures(0, batch.structures, batch.atoms(), execution, body);
}

}  // namespace soapstone
