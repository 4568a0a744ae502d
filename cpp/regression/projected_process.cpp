#include "regression/projected_process.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "common/parallel.hpp"
#include "regression/cholesky.hpp"

namespace soapstone {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

/// Rows that are added up at once, and that a thread copies at a time.
constexpr std::size_t kRowsAtOnce = 1536, kRowsOfItem = 64;

MatrixXd factorise(const double* point_kernel, std::size_t points, const Execution& execution) {
  check_symmetric(point_kernel, points, "pointKernel");
  const auto size = static_cast<Index>(points);
  MatrixXd factor = Eigen::Map<const MatrixXd>(point_kernel, size, size);
  factorise_with_jitter(factor,
                        "the kernel matrix of the reference points is not positive definite; they "
                        "may hold copies, or the kernel may not be one",
                        execution);
  return factor;
}

}  // namespace

ProjectedProcess::ProjectedProcess(const double* point_kernel, std::size_t points,
                                   std::size_t groups, std::size_t targets,
                                   const Execution& execution)
    : equations_(factorise(point_kernel, points, execution), {0, points}, groups, 1, targets) {}

void ProjectedProcess::add(const double* kernels, const double* labels, const double* weights,
                           std::size_t rows, std::size_t group, const Execution& execution) {
  const Execution quiet = execution.quiet();
  GramAccumulator& sum = equations_.of(group, 0);
  execution.check_cancelled();
  equations_.change([&] {
    for (std::size_t begin = 0; begin < rows; begin += kRowsAtOnce) {
      const std::size_t count = std::min(kRowsAtOnce, rows - begin);
      const double* w = weights ? weights + begin : nullptr;
      const double weight = w ? std::accumulate(w, w + count, 0.0) : static_cast<double>(count);
      const std::size_t first = sum.claim(count, weight);
      parallel_blocks(count, kRowsOfItem, quiet, [&](std::size_t from, std::size_t own) {
        for (std::size_t r = from; r < from + own; ++r) {
          const double root = w ? std::sqrt(w[r]) : 1.0;
          const auto scale = [&](const double* numbers, std::size_t length, double* out) {
            std::transform(numbers, numbers + length, out, [=](double x) { return root * x; });
          };
          scale(kernels + (begin + r) * points(), points(), sum.row(first + r));
          scale(labels + (begin + r) * targets(), targets(), sum.labels(first + r));
        }
      });
      equations_.flush_full(quiet);
      if (execution.progress) execution.progress(begin + count, rows);
    }
  });
}

void ProjectedProcess::errors(const Solution& solution, double* out) {
  for (std::size_t g = 0; g < groups(); ++g, out += targets()) {
    const GramAccumulator& sum = equations_.of(g, 0);
    Eigen::Map<Eigen::VectorXd> errors(out, static_cast<Index>(targets()));
    if (sum.empty()) {
      errors.setConstant(std::numeric_limits<double>::quiet_NaN());
    } else {
      errors = (sum.residuals(solution.whitened) / sum.weight()).cwiseSqrt();
    }
  }
}

}  // namespace soapstone
