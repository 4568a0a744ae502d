#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/execution.hpp"

namespace soapstone {

/// Rows in the order in which they were picked.
struct FarthestPoints {
  std::vector<std::int32_t> indices;
  /// Distance to the nearest of those picked before; infinite for the first.
  std::vector<double> distances;
};

/// Farthest point sampling: `count` of the `rows` rows (× features, row-major), each the one
/// farthest (Euclidean) from all picked before, starting with row `start`; ties go to the lower
/// index. Stops early when only copies of picked rows are left, so the result may be shorter than
/// asked. Rows are of double or single precision, in which twice as many fit into the caches. M.
/// Ceriotti, M. J. Willatt, G. Csányi, Handbook of Materials Modeling (2018).
template <typename Number>
FarthestPoints farthest_points(const Number* rows_data, std::size_t rows, std::size_t features,
                               std::size_t count, std::size_t start, const Execution& execution);

}  // namespace soapstone
