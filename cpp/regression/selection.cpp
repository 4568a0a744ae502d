#include "regression/selection.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <limits>

#include "common/parallel.hpp"

namespace soapstone {

namespace {

constexpr std::size_t kRowsPerItem = 512;
/// Squared distances below this fraction of a row's squared norm are round-off, not difference.
constexpr double kSame = 1e-13;

}  // namespace

std::vector<std::int32_t> farthest_points(const double* data, std::size_t rows,
                                          std::size_t features, std::size_t count,
                                          std::size_t start, const Execution& execution) {
  using Row = Eigen::Map<const Eigen::VectorXd>;
  const auto row = [&](std::size_t i) {
    return Row(data + i * features, static_cast<Eigen::Index>(features));
  };
  std::vector<double> norms(rows);
  std::vector<double> distance(rows, std::numeric_limits<double>::infinity());
  const std::size_t items = (rows + kRowsPerItem - 1) / kRowsPerItem;
  const int threads = resolve_threads(execution, items);
  const Execution quiet{execution.threads, execution.cancelled, nullptr};
  parallel_for(items, threads, quiet, [&](std::size_t item, int) {
    for (std::size_t i = item * kRowsPerItem; i < std::min((item + 1) * kRowsPerItem, rows); ++i) {
      norms[i] = row(i).squaredNorm();
    }
  });

  std::vector<std::int32_t> picked;
  struct Farthest {
    double distance;
    std::size_t index;
  };
  std::vector<Farthest> farthest(items);
  std::size_t next = start;
  while (picked.size() < std::min(count, rows)) {
    picked.push_back(static_cast<std::int32_t>(next));
    if (execution.progress) execution.progress(picked.size(), count);
    parallel_for(items, threads, quiet, [&](std::size_t item, int) {
      Farthest best{-1.0, 0};
      for (std::size_t i = item * kRowsPerItem; i < std::min((item + 1) * kRowsPerItem, rows);
           ++i) {
        const double d = norms[i] + norms[next] - 2.0 * row(i).dot(row(next));
        distance[i] = std::min(distance[i], d <= kSame * norms[i] ? 0.0 : d);
        if (distance[i] > best.distance) best = {distance[i], i};
      }
      farthest[item] = best;
    });
    distance[next] = 0.0;
    Farthest best{0.0, 0};
    for (const Farthest& candidate : farthest) {
      if (candidate.index != next && candidate.distance > best.distance) best = candidate;
    }
    if (!(best.distance > 0.0)) break;
    next = best.index;
  }
  return picked;
}

}  // namespace soapstone
