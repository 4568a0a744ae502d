#pragma once

#include <cstddef>
#include <cstdint>

#include "analysis/distances.hpp"

namespace soapstone {

/// The `count` points of y nearest to each point of x, the nearest first, ties going to the lower
/// index: `indices` and Euclidean `distances`, x × count. Exact. With `same`, x is y and a point is
/// no neighbour of itself.
void nearest_neighbours(const Points& x, const Points& y, bool same, std::size_t count,
                        std::int32_t* indices, double* distances, const Execution& execution);

}  // namespace soapstone
