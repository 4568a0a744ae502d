#pragma once

#include <cstddef>

#include "common/execution.hpp"

namespace soapstone {

/// x → x A + b for rows x of `depth` numbers: A is depth × columns, b has `columns` numbers, null
/// for zeros.
struct AffineMap {
  const double* matrix;
  const double* constant;
  std::size_t depth, columns;
};

/// Maps rows; all matrices are row-major. What becomes of a row depends neither on the rows beside
/// it nor on the number of threads.
void map_rows(const AffineMap& map, const double* rows, std::size_t count, double* out,
              const Execution& execution);

}  // namespace soapstone
