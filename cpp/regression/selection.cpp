#include "regression/selection.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "common/parallel.hpp"
#include "math/row_matrix.hpp"
#include "math/simd.hpp"

namespace soapstone {

namespace {

template <typename Number>
using Rows =
    Eigen::Map<const Eigen::Matrix<Number, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
using Index = Eigen::Index;

constexpr std::size_t kRowsPerItem = 256;
/// Squared distances below this fraction of a row's squared norm are round-off, not difference.
constexpr double kSame = 1e-13;
/// Dimensions of the sketch, and how many features make one worth its while.
constexpr Index kSketch = 63, kFeaturesWorthASketch = 256;

template <typename Number>
double dot(const Number* a, const Number* b, std::size_t count) {
  Lanes first{}, second{}, third{}, fourth{};
  std::size_t k = 0;
  for (; k + 4 * kLanes <= count; k += 4 * kLanes) {
    first += load_unaligned(a + k) * load_unaligned(b + k);
    second += load_unaligned(a + k + kLanes) * load_unaligned(b + k + kLanes);
    third += load_unaligned(a + k + 2 * kLanes) * load_unaligned(b + k + 2 * kLanes);
    fourth += load_unaligned(a + k + 3 * kLanes) * load_unaligned(b + k + 3 * kLanes);
  }
  double rest = 0.0;
  for (; k < count; ++k) rest += double{a[k]} * double{b[k]};
  return sum((first + second) + (third + fourth)) + rest;
}

/// Short images of the rows whose scalar products are never below those of the rows themselves, so
/// that distances between images are never above the true ones: the row in an orthonormal basis
/// of a few directions (those of some of the rows), and the length of what is left of it (Cauchy
/// and Schwarz). Environments lie near few directions: then the two are all but equal.
class Sketch {
 public:
  template <typename Number>
  Sketch(const Rows<Number>& rows, const std::vector<double>& norms, const Execution& quiet) {
    if (rows.cols() < kFeaturesWorthASketch || rows.rows() < 2 * kSketch) return;
    Eigen::MatrixXd sample(rows.cols(), kSketch);
    for (Index k = 0; k < kSketch; ++k) {
      sample.col(k) = rows.row(k * rows.rows() / kSketch).transpose().template cast<double>();
    }
    const Eigen::MatrixXd basis = Eigen::HouseholderQR<Eigen::MatrixXd>(sample).householderQ() *
                                  Eigen::MatrixXd::Identity(rows.cols(), kSketch);
    images_.resize(static_cast<std::size_t>(rows.rows() * kColumns));
    parallel_blocks(rows.rows(), Index{kRowsPerItem}, quiet, [&](Index from, Index count) {
      Eigen::Map<RowMatrix> images(images_.data() + from * kColumns, count, kColumns);
      images.leftCols(kSketch).noalias() =
          rows.middleRows(from, count).template cast<double>() * basis;
      for (Index i = 0; i < count; ++i) {
        const double norm = norms[static_cast<std::size_t>(from + i)];
        const double left = norm - images.row(i).head(kSketch).squaredNorm();
        images(i, kSketch) = std::sqrt(std::max(left, 0.0) + kRoundOff * norm);
      }
    });
  }

  /// Whether rows i and j, with such norms, are certainly not closer than a squared distance.
  bool apart(std::size_t i, std::size_t j, double norm_i, double norm_j, double distance) const {
    if (images_.empty()) return false;
    const double product =
        dot(images_.data() + i * kColumns, images_.data() + j * kColumns, kColumns);
    return (1.0 - kRoundOff) * (norm_i + norm_j) - 2.0 * product > distance;
  }

 private:
  static constexpr Index kColumns = kSketch + 1;
  static constexpr double kRoundOff = 1e-12;
  AlignedVector images_;
};

}  // namespace

template <typename Number>
FarthestPoints farthest_points(const Number* data, std::size_t rows, std::size_t features,
                               std::size_t count, std::size_t start, const Execution& execution) {
  const auto row = [&](std::size_t i) { return data + i * features; };
  std::vector<double> norms(rows);
  std::vector<double> distance(rows, std::numeric_limits<double>::infinity());
  const Execution quiet = execution.quiet();
  parallel_blocks(rows, kRowsPerItem, quiet, [&](std::size_t from, std::size_t own) {
    for (std::size_t i = from; i < from + own; ++i) norms[i] = dot(row(i), row(i), features);
  });
  const Sketch sketch(Rows<Number>(data, static_cast<Index>(rows), static_cast<Index>(features)),
                      norms, quiet);

  struct Farthest {
    double distance;
    std::size_t index;
  };
  std::vector<Farthest> farthest((rows + kRowsPerItem - 1) / kRowsPerItem);
  FarthestPoints picked;
  std::size_t next = start;
  while (picked.indices.size() < std::min(count, rows)) {
    picked.indices.push_back(static_cast<std::int32_t>(next));
    picked.distances.push_back(std::sqrt(distance[next]));
    if (execution.progress) execution.progress(picked.indices.size(), count);
    distance[next] = 0.0;
    parallel_blocks(rows, kRowsPerItem, quiet, [&](std::size_t from, std::size_t own) {
      Farthest best{-1.0, 0};
      for (std::size_t i = from; i < from + own; ++i) {
        if (distance[i] > 0.0 && !sketch.apart(i, next, norms[i], norms[next], distance[i])) {
          const double d = norms[i] + norms[next] - 2.0 * dot(row(i), row(next), features);
          distance[i] = std::min(distance[i], d <= kSame * norms[i] ? 0.0 : d);
        }
        if (distance[i] > best.distance) best = {distance[i], i};
      }
      farthest[from / kRowsPerItem] = best;
    });
    Farthest best{0.0, 0};
    for (const Farthest& candidate : farthest) {
      if (candidate.distance > best.distance) best = candidate;
    }
    if (!(best.distance > 0.0)) break;
    next = best.index;
  }
  return picked;
}

template FarthestPoints farthest_points(const double*, std::size_t, std::size_t, std::size_t,
                                        std::size_t, const Execution&);
template FarthestPoints farthest_points(const float*, std::size_t, std::size_t, std::size_t,
                                        std::size_t, const Execution&);

}  // namespace soapstone
