#include "analysis/densities.hpp"

#include <Eigen/Cholesky>
#include <atomic>
#include <cmath>
#include <limits>
#include <vector>

#include "common/error.hpp"
#include "math/constants.hpp"

namespace soapstone {

namespace {

using Eigen::Index;

}  // namespace

void gaussian_densities(const Points& points, double width, double* densities,
                        const Execution& execution) {
  const double factor = -0.5 / (width * width);
  std::fill(densities, densities + points.rows(), 0.0);
  Distances(points, points)
      .for_tiles(execution, [&](Index first, Index column, const RowMatrix& tile) {
        for (Index i = 0; i < tile.rows(); ++i) {
          double sum = 0.0;
          for (Index j = 0; j < tile.cols(); ++j) {
            if (column + j != first + i) sum += std::exp(factor * tile(i, j));
          }
          densities[first + i] += sum;
        }
      });
}

double distance_quantile(const Points& points, double quantile, const Execution& execution) {
  constexpr std::size_t kBins = 10000;
  const Distances all(points, points);
  const Eigen::RowVectorXd low = points.colwise().minCoeff(), high = points.colwise().maxCoeff();
  const double largest = (high - low).norm();
  if (!(largest > 0.0)) return 0.0;
  // Of each block of rows its own histogram: counts add up to the same in any order.
  std::vector<std::atomic<std::size_t>> bins(kBins + 1);
  all.for_tiles(execution, [&](Index first, Index column, const RowMatrix& tile) {
    std::vector<std::size_t> own(kBins + 1, 0);
    for (Index i = 0; i < tile.rows(); ++i) {
      for (Index j = 0; j < tile.cols(); ++j) {
        if (column + j <= first + i) continue;
        const double part = std::min(1.0, std::sqrt(tile(i, j)) / largest);
        ++own[static_cast<std::size_t>(part * kBins)];
      }
    }
    for (std::size_t b = 0; b <= kBins; ++b) {
      if (own[b] > 0) bins[b].fetch_add(own[b], std::memory_order_relaxed);
    }
  });
  const auto size = static_cast<double>(points.rows());
  double left = quantile * 0.5 * size * (size - 1.0);
  for (std::size_t b = 0; b <= kBins; ++b) {
    left -= static_cast<double>(bins[b].load());
    if (left < 0.0) return (static_cast<double>(b) + 0.5) / kBins * largest;
  }
  return largest;
}

void nearest_denser(const Points& points, const double* densities, std::int32_t* parents,
                    double* distances, const Execution& execution) {
  const Distances all(points, points);
  std::vector<double> farthest(static_cast<std::size_t>(points.rows()), 0.0);
  std::vector<double> nearest(farthest.size(), std::numeric_limits<double>::infinity());
  std::fill(parents, parents + points.rows(), -1);
  all.for_tiles(execution, [&](Index first, Index column, const RowMatrix& tile) {
    for (Index i = 0; i < tile.rows(); ++i) {
      const Index row = first + i;
      const auto at = static_cast<std::size_t>(row);
      for (Index j = 0; j < tile.cols(); ++j) {
        const Index other = column + j;
        const double square = tile(i, j);
        farthest[at] = std::max(farthest[at], square);
        const bool denser = densities[other] > densities[row] ||
                            (densities[other] == densities[row] && other < row);
        if (!denser || !(square < nearest[at])) continue;
        nearest[at] = square;
        parents[row] = static_cast<std::int32_t>(other);
      }
    }
  });
  for (Index row = 0; row < points.rows(); ++row) {
    const std::int32_t parent = parents[row];
    distances[row] =
        std::sqrt(parent < 0 ? farthest[static_cast<std::size_t>(row)] : all.square(row, parent));
  }
}

void adaptive_densities(const Points& grid, const Points& samples, const std::int32_t* cells,
                        const double* precisions, double* logarithms, const Execution& execution) {
  const Index size = grid.rows(), dimensions = grid.cols();
  const double norm = -0.5 * static_cast<double>(dimensions) * std::log(2.0 * kPi);
  // |x|² = (x − y)ᵀ H⁻¹ (x − y) as the square of Lᵀ (x − y), H⁻¹ = L Lᵀ.
  std::vector<Eigen::MatrixXd> roots(static_cast<std::size_t>(size));
  std::vector<double> offsets(roots.size());
  for (Index c = 0; c < size; ++c) {
    const Eigen::Map<const Eigen::MatrixXd> precision(precisions + c * dimensions * dimensions,
                                                      dimensions, dimensions);
    const Eigen::LLT<Eigen::MatrixXd> factor(precision);
    if (factor.info() != Eigen::Success) {
      throw Error(ErrorCode::kNumerical, "a local covariance is not positive definite");
    }
    const auto at = static_cast<std::size_t>(c);
    roots[at] = factor.matrixU();
    offsets[at] = norm + roots[at].diagonal().array().log().sum();
  }
  const auto items = static_cast<std::size_t>(size);
  parallel_for(items, resolve_threads(execution, items), execution, [&](std::size_t item, int) {
    const auto row = static_cast<Index>(item);
    // A sum of exponentials without overflow, the largest so far apart.
    double largest = -std::numeric_limits<double>::infinity(), sum = 0.0;
    Eigen::VectorXd away(dimensions), turned(dimensions);
    for (Index j = 0; j < samples.rows(); ++j) {
      const auto cell = static_cast<std::size_t>(cells[j]);
      away = (samples.row(j) - grid.row(row)).transpose();
      turned.noalias() = roots[cell].triangularView<Eigen::Upper>() * away;
      const double exponent = offsets[cell] - 0.5 * turned.squaredNorm();
      if (exponent > largest) {
        sum = sum * std::exp(largest - exponent) + 1.0;
        largest = exponent;
      } else if (exponent > largest - 40.0) {
        sum += std::exp(exponent - largest);
      }
    }
    logarithms[item] = largest + std::log(sum / static_cast<double>(samples.rows()));
  });
}

}  // namespace soapstone
