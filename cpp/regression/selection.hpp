#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/execution.hpp"

namespace soapstone {

/// Farthest point sampling: `count` of the `rows` rows (× features, row-major), each the one
/// farthest (Euclidean) from all picked before, starting with row `start`; ties go to the lower
/// index. Stops early when only copies of picked rows are left, so the result may be shorter than
/// asked. M. Ceriotti, M. J. Willatt, G. Csányi, Handbook of Materials Modeling (2018).
std::vector<std::int32_t> farthest_points(const double* rows_data, std::size_t rows,
                                          std::size_t features, std::size_t count,
                                          std::size_t start, const Execution& execution);

}  // namespace soapstone
