#include "analysis/clusters.hpp"

#include <atomic>
#include <cmath>
#include <limits>
#include <mutex>
#include <numeric>
#include <utility>

namespace soapstone {

namespace {

using Eigen::Index;

/// Sets that grow together; each is named by its lowest member.
class DisjointSets {
 public:
  explicit DisjointSets(std::size_t size) : parent_(size) {
    std::iota(parent_.begin(), parent_.end(), std::int32_t{0});
  }
  std::int32_t find(std::int32_t i) {
    while (parent_[static_cast<std::size_t>(i)] != i) {
      auto& up = parent_[static_cast<std::size_t>(i)];
      up = parent_[static_cast<std::size_t>(up)];
      i = up;
    }
    return i;
  }
  void join(std::int32_t i, std::int32_t j) {
    i = find(i);
    j = find(j);
    parent_[static_cast<std::size_t>(std::max(i, j))] = std::min(i, j);
  }

 private:
  std::vector<std::int32_t> parent_;
};

}  // namespace

std::size_t dbscan(const Points& points, double radius, std::size_t neighbours,
                   std::int32_t* labels, const Execution& execution) {
  const auto size = static_cast<std::size_t>(points.rows());
  const double square = radius * radius;
  const Distances all(points, points);
  std::vector<std::size_t> near(size, 0);
  all.for_tiles(execution, [&](Index first, Index, const RowMatrix& tile) {
    for (Index i = 0; i < tile.rows(); ++i) {
      near[static_cast<std::size_t>(first + i)] +=
          static_cast<std::size_t>((tile.row(i).array() <= square).count());
    }
  });
  const auto is_core = [&](Index i) { return near[static_cast<std::size_t>(i)] >= neighbours; };

  DisjointSets sets(size);
  std::vector<std::pair<std::int32_t, std::int32_t>> borders;  // a point and a core beside it
  std::mutex mutex;
  all.for_tiles(execution, [&](Index first, Index column, const RowMatrix& tile) {
    std::vector<std::pair<std::int32_t, std::int32_t>> joined, beside;
    for (Index i = 0; i < tile.rows(); ++i) {
      const Index row = first + i;
      for (Index j = 0; j < tile.cols(); ++j) {
        const Index other = column + j;
        if (!(tile(i, j) <= square) || !is_core(other)) continue;
        const std::pair pair{static_cast<std::int32_t>(row), static_cast<std::int32_t>(other)};
        if (!is_core(row)) {
          beside.push_back(pair);
        } else if (other < row) {
          joined.push_back(pair);
        }
      }
    }
    const std::lock_guard lock(mutex);
    for (const auto& [i, j] : joined) sets.join(i, j);
    borders.insert(borders.end(), beside.begin(), beside.end());
  });

  std::fill(labels, labels + size, -1);
  std::int32_t clusters = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (!is_core(static_cast<Index>(i))) continue;
    const std::int32_t first = sets.find(static_cast<std::int32_t>(i));
    labels[i] = first == static_cast<std::int32_t>(i) ? clusters++
                                                      : labels[static_cast<std::size_t>(first)];
  }
  for (const auto& [point, core] : borders) {
    std::int32_t& label = labels[static_cast<std::size_t>(point)];
    const std::int32_t other = labels[static_cast<std::size_t>(core)];
    if (label < 0 || other < label) label = other;
  }
  return static_cast<std::size_t>(clusters);
}

namespace {

/// Labels of the nearest centres, ties going to the lower, with the squares of distances. Returns
/// whether a label changed.
bool assign(const Points& points, const double* centres, std::size_t count, std::int32_t* labels,
            double* squares, const Execution& execution) {
  const Points targets(centres, static_cast<Index>(count), points.cols());
  const Distances all(points, targets);
  std::vector<double> nearest(static_cast<std::size_t>(points.rows()),
                              std::numeric_limits<double>::infinity());
  std::atomic<bool> changed{false};
  std::vector<std::int32_t> found(nearest.size(), -1);
  all.for_tiles(execution, [&](Index first, Index column, const RowMatrix& tile) {
    for (Index i = 0; i < tile.rows(); ++i) {
      const auto row = static_cast<std::size_t>(first + i);
      for (Index j = 0; j < tile.cols(); ++j) {
        if (!(tile(i, j) < nearest[row])) continue;
        nearest[row] = tile(i, j);
        found[row] = static_cast<std::int32_t>(column + j);
      }
    }
  });
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (labels[i] != found[i]) changed = true;
    labels[i] = found[i];
    squares[i] = nearest[i];
  }
  return changed;
}

}  // namespace

KMeansResult k_means(const Points& points, double* centres, std::size_t count,
                     std::size_t most_iterations, double tolerance, std::int32_t* labels,
                     const Execution& execution) {
  const Execution quiet = execution.quiet();
  const auto size = static_cast<std::size_t>(points.rows());
  const Index features = points.cols();
  const Eigen::RowVectorXd mean = points.colwise().mean();
  const double variance =
      (points.rowwise() - mean).squaredNorm() / static_cast<double>(points.size());
  std::vector<double> squares(size);
  std::fill(labels, labels + size, -1);
  Eigen::Map<RowMatrix> at(centres, static_cast<Index>(count), features);
  KMeansResult result;
  bool settled = false;
  while (result.iterations < most_iterations) {
    ++result.iterations;
    const bool changed = assign(points, centres, count, labels, squares.data(), quiet);
    if (execution.progress) execution.progress(result.iterations, most_iterations);
    if (!changed) {
      settled = true;
      break;
    }
    RowMatrix sums = RowMatrix::Zero(static_cast<Index>(count), features);
    std::vector<double> weights(count, 0.0);
    for (std::size_t i = 0; i < size; ++i) {
      sums.row(labels[i]) += points.row(static_cast<Index>(i));
      ++weights[static_cast<std::size_t>(labels[i])];
    }
    // Empty clusters take the points that are farthest from their centres.
    std::vector<std::int32_t> far;
    for (std::size_t k = 0; k < count; ++k) {
      if (weights[k] > 0.0) continue;
      if (far.empty()) {
        far.resize(size);
        std::iota(far.begin(), far.end(), std::int32_t{0});
        std::sort(far.begin(), far.end(), [&](std::int32_t i, std::int32_t j) {
          const double a = squares[static_cast<std::size_t>(i)];
          const double b = squares[static_cast<std::size_t>(j)];
          return a < b || (a == b && i > j);
        });
      }
      const std::int32_t point = far.back();
      far.pop_back();
      const auto old = static_cast<std::size_t>(labels[static_cast<std::size_t>(point)]);
      sums.row(static_cast<Index>(old)) -= points.row(point);
      --weights[old];
      sums.row(static_cast<Index>(k)) = points.row(point);
      weights[k] = 1.0;
    }
    double moved = 0.0;
    for (std::size_t k = 0; k < count; ++k) {
      const auto row = static_cast<Index>(k);
      if (!(weights[k] > 0.0)) continue;
      const Eigen::RowVectorXd centre = sums.row(row) / weights[k];
      moved += (centre - at.row(row)).squaredNorm();
      at.row(row) = centre;
    }
    if (moved <= tolerance * variance) break;
  }
  if (!settled) assign(points, centres, count, labels, squares.data(), quiet);
  result.inertia = 0.0;
  for (std::size_t i = 0; i < size; ++i) {
    result.inertia += (points.row(static_cast<Index>(i)) - at.row(labels[i])).squaredNorm();
  }
  return result;
}

std::size_t k_means_draws(std::size_t count) {
  return 2 + static_cast<std::size_t>(std::log(static_cast<double>(count)));
}

std::vector<std::int32_t> k_means_start(const Points& points, std::size_t count,
                                        const double* uniform, const Execution& execution) {
  const auto size = static_cast<std::size_t>(points.rows());
  const std::size_t draws = k_means_draws(count);
  const Execution quiet = execution.quiet();
  std::vector<std::int32_t> chosen{
      static_cast<std::int32_t>(uniform[0] * static_cast<double>(size))};
  Eigen::VectorXd nearest = (points.rowwise() - points.row(chosen[0])).rowwise().squaredNorm();
  while (chosen.size() < count) {
    const double* random = uniform + chosen.size() * draws;
    // Where the running sum of squares passes random parts of the whole.
    std::vector<std::int32_t> drawn(draws);
    const double whole = nearest.sum();
    for (std::size_t d = 0; d < draws; ++d) {
      double left = random[d] * whole;
      std::size_t i = 0;
      while (i + 1 < size && (left -= nearest(static_cast<Index>(i))) >= 0.0) ++i;
      drawn[d] = static_cast<std::int32_t>(i);
    }
    std::vector<Eigen::VectorXd> after(draws);
    parallel_for(draws, resolve_threads(quiet, draws), quiet, [&](std::size_t d, int) {
      after[d] =
          (points.rowwise() - points.row(drawn[d])).rowwise().squaredNorm().cwiseMin(nearest);
    });
    std::size_t best = 0;
    for (std::size_t d = 1; d < draws; ++d) {
      if (after[d].sum() < after[best].sum()) best = d;
    }
    chosen.push_back(drawn[best]);
    nearest = after[best];
  }
  return chosen;
}

std::vector<Edge> reachability_tree(const Points& points, const double* cores,
                                    const Execution& execution) {
  const auto size = static_cast<std::size_t>(points.rows());
  const Execution quiet = execution.quiet();
  std::vector<double> reach(size, std::numeric_limits<double>::infinity());
  std::vector<std::int32_t> from(size, 0);
  std::vector<std::uint8_t> inside(size, 0);
  std::vector<Edge> edges;
  edges.reserve(size);
  constexpr std::size_t kPiece = 4096;
  std::vector<std::size_t> nearest((size + kPiece - 1) / kPiece);  // of each piece
  std::size_t current = 0;
  for (std::size_t step = 1; step < size; ++step) {
    execution.check_cancelled();
    inside[current] = 1;
    parallel_blocks(size, kPiece, quiet, [&](std::size_t first, std::size_t count) {
      std::size_t best = size;
      for (std::size_t j = first; j < first + count; ++j) {
        if (inside[j]) continue;
        const double distance =
            (points.row(static_cast<Index>(j)) - points.row(static_cast<Index>(current))).norm();
        const double mutual = std::max({distance, cores[j], cores[current]});
        if (mutual < reach[j]) {
          reach[j] = mutual;
          from[j] = static_cast<std::int32_t>(current);
        }
        if (best == size || reach[j] < reach[best]) best = j;
      }
      nearest[first / kPiece] = best;
    });
    std::size_t next = size;
    for (const std::size_t candidate : nearest) {
      if (candidate < size && (next == size || reach[candidate] < reach[next])) next = candidate;
    }
    edges.push_back({from[next], static_cast<std::int32_t>(next), reach[next]});
    current = next;
    if (execution.progress && step % 256 == 0) execution.progress(step, size);
  }
  std::stable_sort(edges.begin(), edges.end(),
                   [](const Edge& a, const Edge& b) { return a.length < b.length; });
  return edges;
}

}  // namespace soapstone
