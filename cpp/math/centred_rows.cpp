#include "math/centred_rows.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "common/parallel.hpp"

namespace soapstone {

void centre_rows(const double* rows, std::size_t count, std::size_t columns, const double* weights,
                 double* mean, double* out, const Execution& execution) {
  // Columns that one thread works on at a time: a few lines of the cache in each row.
  constexpr std::size_t kColumns = 64;
  const double total =
      weights ? std::accumulate(weights, weights + count, 0.0) : static_cast<double>(count);
  parallel_blocks(columns, kColumns, execution, [&](std::size_t first, std::size_t own) {
    double middle[kColumns] = {};
    if (mean != nullptr) {
      for (std::size_t i = 0; i < count; ++i) {
        const double weight = weights ? weights[i] : 1.0;
        const double* row = rows + i * columns + first;
        for (std::size_t n = 0; n < own; ++n) middle[n] += weight * row[n];
      }
      for (std::size_t n = 0; n < own; ++n) middle[n] /= total;
      std::copy_n(middle, own, mean + first);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const double root = weights ? std::sqrt(weights[i]) : 1.0;
      const double* row = rows + i * columns + first;
      double* to = out + i * columns + first;
      for (std::size_t n = 0; n < own; ++n) to[n] = root * (row[n] - middle[n]);
    }
  });
}

}  // namespace soapstone
