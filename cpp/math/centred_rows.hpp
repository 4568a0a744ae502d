#pragma once

#include <cstddef>

#include "common/execution.hpp"

namespace soapstone {

/// Rows x (count × columns) less their weighted mean, times the roots of their weights:
/// out(i, n) = √w_i (x(i, n) − x̄_n). Sums of products of such rows are weighted ones about the
/// mean. `weights`: count numbers > 0, null for ones. `mean` is filled with x̄; null for rows that
/// stay where they are.
void centre_rows(const double* rows, std::size_t count, std::size_t columns, const double* weights,
                 double* mean, double* out, const Execution& execution);

}  // namespace soapstone
