#pragma once

#include <cstddef>

#include "common/execution.hpp"

namespace soapstone {

/// A matrix in memory: element (i, j) at data[i · row_step + j · column_step]. Steps may be
/// negative.
template <typename Number>
struct Strided {
  Number* data;
  std::ptrdiff_t row_step, column_step;

  Number& operator()(std::size_t i, std::size_t j) const {
    return data[static_cast<std::ptrdiff_t>(i) * row_step +
                static_cast<std::ptrdiff_t>(j) * column_step];
  }
  operator Strided<const Number>() const { return {data, row_step, column_step}; }
};

/// out(i, j) += factor Σ_k rows(k, i) rows(k, j) for j ≥ i: the upper triangle of a size × size
/// matrix, and nothing below. Columns of `out` lie side by side (column_step 1); steps of `rows`
/// are not negative.
///
/// On several threads, the same bits for any number.
void add_gram(const Strided<const double>& rows, std::size_t depth, std::size_t size, double factor,
              const Strided<double>& out, const Execution& execution);

/// columns ← L⁻¹ columns, size × count, for the lower triangle L of `factor`, by forward
/// substitution. Of an upper triangle, turn both matrices around: begin at the last element, with
/// negative steps.
///
/// On several threads, the same bits for any number.
void solve_triangular(const Strided<const double>& factor, std::size_t size,
                      const Strided<double>& columns, std::size_t count,
                      const Execution& execution);

}  // namespace soapstone
