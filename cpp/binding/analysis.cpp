#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "analysis/clusters.hpp"
#include "analysis/densities.hpp"
#include "analysis/nearest_neighbours.hpp"
#include "analysis/principal_axes.hpp"
#include "analysis/tsne.hpp"
#include "binding/arguments.hpp"
#include "binding/stages.hpp"
#include "binding/task.hpp"
#include "common/error.hpp"

namespace soapstone::binding {
namespace {

constexpr napi_type_tag kScatterTag{0x3b9ad1f05c7e4826, 0x8f14c6e2a95b70d3};
constexpr napi_type_tag kLandmarksTag{0xe70f52c8964d1ba3, 0x21ad8b6f3ce59047};

std::size_t count_of(const Napi::Value& value) {
  return static_cast<std::size_t>(value.As<Napi::Number>().Int64Value());
}

Napi::Value scalar(Napi::Env env, const std::shared_ptr<double>& value) {
  return Napi::Number::New(env, *value);
}

/// A matrix of JavaScript as points: (Float64Array(N·F), F) at `index` and behind it.
Points points(const Napi::CallbackInfo& call, std::size_t index, const char* name) {
  const auto matrix = array<double>(call[index], name);
  const std::size_t columns = count_of(call[index + 1]);
  if (columns == 0 || matrix.size == 0 || matrix.size % columns != 0) {
    throw Napi::RangeError::New(call.Env(), std::string(name) + ": not one with these columns");
  }
  return {matrix.data, static_cast<Eigen::Index>(matrix.size / columns),
          static_cast<Eigen::Index>(columns)};
}

void check_finite(const Points& points, const char* name) {
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    for (Eigen::Index j = 0; j < points.cols(); ++j) {
      if (std::isfinite(points(i, j))) continue;
      throw Error(ErrorCode::kInvalidInput, std::string(name) + ": row " + std::to_string(i) +
                                                ", column " + std::to_string(j) +
                                                ": expected a finite number");
    }
  }
}

// createScatter(features, targets) → handle
Napi::Value create_scatter(const Napi::CallbackInfo& call) {
  return guarded(call.Env(), [&] {
    return wrap(call.Env(),
                std::make_shared<Scatter>(static_cast<Eigen::Index>(count_of(call[0])),
                                          static_cast<Eigen::Index>(count_of(call[1]))),
                kScatterTag);
  });
}

// addToScatter(scatter, x: Float64Array(N·F), y: Float64Array(N·P), options)
Napi::Value add_to_scatter(const Napi::CallbackInfo& call) {
  const auto scatter = unwrap<Scatter>(call[0], kScatterTag, "scatter");
  const auto x = array<double>(call[1], "x");
  const auto features = static_cast<std::size_t>(scatter->features());
  const auto targets = static_cast<std::size_t>(scatter->targets());
  if (x.size % features != 0) throw Napi::RangeError::New(call.Env(), "x: not whole rows");
  const std::size_t rows = x.size / features;
  const auto y = array<double>(call[2], "y", rows * targets);
  return run_task(call.Env(), call[3],
                  [=](const Execution& execution) {
                    const auto height = static_cast<Eigen::Index>(rows);
                    check_finite(Points(x.data, height, scatter->features()), "x");
                    check_finite(Points(y.data, height, scatter->targets()), "targets");
                    scatter->add(x.data, y.data, rows, execution);
                  },
                  {}, {call[1], call[2]});
}

/// Parses {count, mixing, regularization}.
PcovrOptions pcovr_options(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  return {integer(object, "count"), number(object, "mixing"), number(object, "regularization")};
}

/// Where principal axes go: an object with Float64Arrays; those of length 0 are not wanted.
class AxesOut {
 public:
  explicit AxesOut(const Napi::Value& value) {
    const auto object = value.As<Napi::Object>();
    for (std::size_t k = 0; k < kCount; ++k)
      arrays_[k] = array<double>(object.Get(kNames[k]), kNames[k]);
  }

  void copy(const PrincipalAxes& from) const {
    put(0, from.axes);
    put(1, from.offset);
    put(2, from.eigenvalues);
    put(3, from.shares);
    put(4, from.loadings);
    put(5, from.target_loadings);
    put(6, from.mean);
    put(7, from.target_mean);
  }

 private:
  static constexpr std::size_t kCount = 8;
  static constexpr const char* kNames[kCount] = {"axes",   "offset",    "eigenvalues",
                                                 "shares", "loadings",  "targetLoadings",
                                                 "mean",   "targetMean"};

  template <typename Matrix>
  void put(std::size_t k, const Matrix& matrix) const {
    const std::size_t size = std::min(arrays_[k].size, static_cast<std::size_t>(matrix.size()));
    std::copy(matrix.data(), matrix.data() + size, arrays_[k].data);
  }

  Array<double> arrays_[kCount];
};

// principalCovariates(scatter, {count, mixing, regularization}, out, options)
Napi::Value solve_covariates(const Napi::CallbackInfo& call) {
  const auto scatter = unwrap<Scatter>(call[0], kScatterTag, "scatter");
  const PcovrOptions options = pcovr_options(call[1]);
  const AxesOut out(call[2]);
  return run_task(call.Env(), call[3],
                  [=](const Execution& execution) {
                    out.copy(principal_covariates(*scatter, options, execution));
                  },
                  {}, {call[2]});
}

// kernelPrincipalCovariates(kernel: Float64Array(N²), targets: Float64Array(N·P), parameters, out,
//                           options)
Napi::Value solve_kernel_covariates(const Napi::CallbackInfo& call) {
  const auto kernel = array<double>(call[0], "kernel");
  const auto size = static_cast<std::size_t>(std::llround(std::sqrt(kernel.size)));
  const auto targets = array<double>(call[1], "targets");
  if (size == 0 || size * size != kernel.size || targets.size % size != 0) {
    throw Napi::RangeError::New(call.Env(), "kernel: not square, or not as many targets");
  }
  const PcovrOptions options = pcovr_options(call[2]);
  const AxesOut out(call[3]);
  return run_task(call.Env(), call[4],
                  [=](const Execution& execution) {
                    check_finite(Points(targets.data, static_cast<Eigen::Index>(size),
                                        static_cast<Eigen::Index>(targets.size / size)),
                                 "targets");
                    out.copy(kernel_principal_covariates(kernel.data, size, targets.data,
                                                         targets.size / size, options, execution));
                  },
                  {}, {call[0], call[1], call[3]});
}

// createLandmarkFeatures(kernel: Float64Array(M²), options) → handle
Napi::Value create_landmarks(const Napi::CallbackInfo& call) {
  const auto kernel = array<double>(call[0], "kernel");
  const auto size = static_cast<std::size_t>(std::llround(std::sqrt(kernel.size)));
  if (size == 0 || size * size != kernel.size) {
    throw Napi::RangeError::New(call.Env(), "kernel: not square");
  }
  const auto made = std::make_shared<std::shared_ptr<LandmarkFeatures>>();
  return run_task(
      call.Env(), call[1],
      [=](const Execution& execution) {
        *made = std::make_shared<LandmarkFeatures>(kernel.data, size, execution);
      },
      [=](Napi::Env env) { return wrap(env, *made, kLandmarksTag); }, {call[0]});
}

// landmarkFeatures(landmarks, rows: Float64Array(N·M), options): in place
Napi::Value apply_landmarks(const Napi::CallbackInfo& call) {
  const auto landmarks = unwrap<LandmarkFeatures>(call[0], kLandmarksTag, "set of landmarks");
  const auto rows = array<double>(call[1], "rows");
  if (rows.size % landmarks->size() != 0) {
    throw Napi::RangeError::New(call.Env(), "rows: not whole");
  }
  return run_task(call.Env(), call[2],
                  [=](const Execution& execution) {
                    landmarks->apply(rows.data, rows.size / landmarks->size(), execution);
                  },
                  {}, {call[1]});
}

// landmarkAxes(landmarks, axes: Float64Array(M·k), options): in place
Napi::Value pull_back_axes(const Napi::CallbackInfo& call) {
  const auto landmarks = unwrap<LandmarkFeatures>(call[0], kLandmarksTag, "set of landmarks");
  const auto axes = array<double>(call[1], "axes");
  if (axes.size % landmarks->size() != 0) {
    throw Napi::RangeError::New(call.Env(), "axes: not whole");
  }
  return run_task(call.Env(), call[2],
                  [=](const Execution& execution) {
                    landmarks->pull_back(axes.data, axes.size / landmarks->size(), execution);
                  },
                  {}, {call[1]});
}

// project(x: Float64Array(N·F), F, axes: Float64Array(F·k), offset: Float64Array(k),
//         out: Float64Array(N·k), options)
Napi::Value project(const Napi::CallbackInfo& call) {
  const Points x = points(call, 0, "x");
  const auto offset = array<double>(call[3], "offset");
  const auto count = static_cast<Eigen::Index>(offset.size);
  const auto axes =
      array<double>(call[2], "axes", static_cast<std::size_t>(x.cols()) * offset.size);
  const auto out = array<double>(call[4], "out", static_cast<std::size_t>(x.rows()) * offset.size);
  return run_task(call.Env(), call[5],
                  [=](const Execution& execution) {
                    constexpr Eigen::Index kRows = 256;
                    const Eigen::Map<const RowMatrix> a(axes.data, x.cols(), count);
                    const Eigen::Map<const Eigen::RowVectorXd> b(offset.data, count);
                    const auto items = static_cast<std::size_t>((x.rows() + kRows - 1) / kRows);
                    parallel_for(items, resolve_threads(execution, items), execution,
                                 [&](std::size_t item, int) {
                                   const Eigen::Index first =
                                       static_cast<Eigen::Index>(item) * kRows;
                                   const Eigen::Index rows = std::min(kRows, x.rows() - first);
                                   Eigen::Map<RowMatrix> to(out.data + first * count, rows, count);
                                   to.noalias() = x.middleRows(first, rows) * a;
                                   to.rowwise() -= b;
                                 });
                  },
                  {}, {call[0], call[2], call[3], call[4]});
}

// nearestNeighbours(x, F, y | undefined, F, indices: Int32Array(N·k), distances: Float64Array(N·k),
//                   options)
Napi::Value find_nearest(const Napi::CallbackInfo& call) {
  const Points x = points(call, 0, "x");
  const bool same = call[2].IsUndefined();
  const Points y = same ? x : points(call, 2, "y");
  const auto indices = array<std::int32_t>(call[4], "indices");
  const auto distances = array<double>(call[5], "distances", indices.size);
  const auto rows = static_cast<std::size_t>(x.rows());
  const std::size_t count = indices.size / rows;
  if (count * rows != indices.size || count > static_cast<std::size_t>(y.rows()) - (same ? 1 : 0) ||
      x.cols() != y.cols()) {
    throw Napi::RangeError::New(call.Env(), "indices: not a number for every row");
  }
  return run_task(call.Env(), call[6],
                  [=](const Execution& execution) {
                    check_finite(x, "x");
                    if (!same) check_finite(y, "y");
                    nearest_neighbours(x, y, same, count, indices.data, distances.data, execution);
                  },
                  {}, {call[0], call[2], call[4], call[5]});
}

// dbscan(x, F, radius, neighbours, labels: Int32Array(N), options) → number of clusters
Napi::Value cluster_dbscan(const Napi::CallbackInfo& call) {
  const Points x = points(call, 0, "x");
  const double radius = call[2].As<Napi::Number>().DoubleValue();
  const std::size_t neighbours = count_of(call[3]);
  const auto labels = array<std::int32_t>(call[4], "labels", static_cast<std::size_t>(x.rows()));
  const auto found = std::make_shared<double>(0.0);
  return run_task(
      call.Env(), call[5],
      [=](const Execution& execution) {
        check_finite(x, "x");
        *found = static_cast<double>(dbscan(x, radius, neighbours, labels.data, execution));
      },
      [=](Napi::Env env) { return scalar(env, found); }, {call[0], call[4]});
}

// kMeans(x, F, centres: Float64Array(K·F), uniform: Float64Array | undefined, {iterations,
//        tolerance}, labels: Int32Array(N), options) → {inertia, iterations}
Napi::Value cluster_k_means(const Napi::CallbackInfo& call) {
  const Points x = points(call, 0, "x");
  const auto columns = static_cast<std::size_t>(x.cols());
  const auto centres = array<double>(call[2], "centres");
  const std::size_t count = centres.size / columns;
  const std::size_t draws = 2 + static_cast<std::size_t>(std::log(static_cast<double>(count)));
  const auto uniform = array<double>(call[3], "uniform", count * draws, true);
  const auto parameters = call[4].As<Napi::Object>();
  const auto most = static_cast<std::size_t>(integer(parameters, "iterations"));
  const double tolerance = number(parameters, "tolerance");
  const auto labels = array<std::int32_t>(call[5], "labels", static_cast<std::size_t>(x.rows()));
  if (count == 0 || count * columns != centres.size) {
    throw Napi::RangeError::New(call.Env(), "centres: not whole");
  }
  const auto result = std::make_shared<KMeansResult>();
  return run_task(
      call.Env(), call[6],
      [=](const Execution& execution) {
        check_finite(x, "x");
        if (uniform.data != nullptr) {
          const auto start = k_means_start(x, count, uniform.data, execution);
          Eigen::Map<RowMatrix> to(centres.data, static_cast<Eigen::Index>(count), x.cols());
          for (std::size_t k = 0; k < count; ++k) {
            to.row(static_cast<Eigen::Index>(k)) = x.row(start[k]);
          }
        }
        *result = k_means(x, centres.data, count, most, tolerance, labels.data, execution);
      },
      [=](Napi::Env env) {
        auto object = Napi::Object::New(env);
        object["inertia"] = Napi::Number::New(env, result->inertia);
        object["iterations"] = Napi::Number::New(env, static_cast<double>(result->iterations));
        return object;
      },
      {call[0], call[2], call[3], call[5]});
}

// reachabilityTree(x, F, cores: Float64Array(N), ends: Int32Array(2(N − 1)),
//                  lengths: Float64Array(N − 1), options)
Napi::Value span_tree(const Napi::CallbackInfo& call) {
  const Points x = points(call, 0, "x");
  const auto rows = static_cast<std::size_t>(x.rows());
  const auto cores = array<double>(call[2], "cores", rows);
  const auto ends = array<std::int32_t>(call[3], "ends", 2 * (rows - 1));
  const auto lengths = array<double>(call[4], "lengths", rows - 1);
  return run_task(call.Env(), call[5],
                  [=](const Execution& execution) {
                    const auto edges = reachability_tree(x, cores.data, execution);
                    for (std::size_t e = 0; e < edges.size(); ++e) {
                      ends.data[2 * e] = edges[e].from;
                      ends.data[2 * e + 1] = edges[e].to;
                      lengths.data[e] = edges[e].length;
                    }
                  },
                  {}, {call[0], call[2], call[3], call[4]});
}

// gaussianDensities(x, F, width, densities: Float64Array(N), options)
Napi::Value densities(const Napi::CallbackInfo& call) {
  const Points x = points(call, 0, "x");
  const double width = call[2].As<Napi::Number>().DoubleValue();
  const auto out = array<double>(call[3], "densities", static_cast<std::size_t>(x.rows()));
  return run_task(call.Env(), call[4],
                  [=](const Execution& execution) {
                    check_finite(x, "x");
                    gaussian_densities(x, width, out.data, execution);
                  },
                  {}, {call[0], call[3]});
}

// distanceQuantile(x, F, quantile, options) → distance
Napi::Value quantile(const Napi::CallbackInfo& call) {
  const Points x = points(call, 0, "x");
  const double part = call[2].As<Napi::Number>().DoubleValue();
  const auto found = std::make_shared<double>(0.0);
  return run_task(
      call.Env(), call[3],
      [=](const Execution& execution) {
        check_finite(x, "x");
        *found = distance_quantile(x, part, execution);
      },
      [=](Napi::Env env) { return scalar(env, found); }, {call[0]});
}

// nearestDenser(x, F, densities: Float64Array(N), parents: Int32Array(N),
//               distances: Float64Array(N), options)
Napi::Value climb(const Napi::CallbackInfo& call) {
  const Points x = points(call, 0, "x");
  const auto rows = static_cast<std::size_t>(x.rows());
  const auto given = array<double>(call[2], "densities", rows);
  const auto parents = array<std::int32_t>(call[3], "parents", rows);
  const auto distances = array<double>(call[4], "distances", rows);
  return run_task(call.Env(), call[5],
                  [=](const Execution& execution) {
                    nearest_denser(x, given.data, parents.data, distances.data, execution);
                  },
                  {}, {call[0], call[2], call[3], call[4]});
}

// adaptiveDensities(grid, D, samples, D, cells: Int32Array(N), precisions: Float64Array(M·D²),
//                   logarithms: Float64Array(M), options)
Napi::Value adaptive(const Napi::CallbackInfo& call) {
  const Points grid = points(call, 0, "grid");
  const Points samples = points(call, 2, "samples");
  const auto size = static_cast<std::size_t>(grid.rows());
  const auto dimensions = static_cast<std::size_t>(grid.cols());
  const auto cells =
      array<std::int32_t>(call[4], "cells", static_cast<std::size_t>(samples.rows()));
  const auto precisions = array<double>(call[5], "precisions", size * dimensions * dimensions);
  const auto out = array<double>(call[6], "logarithms", size);
  const bool known = std::all_of(cells.data, cells.data + cells.size, [&](std::int32_t cell) {
    return cell >= 0 && static_cast<std::size_t>(cell) < size;
  });
  if (!known || samples.cols() != grid.cols()) {
    throw Napi::RangeError::New(call.Env(), "cells: out of range");
  }
  return run_task(call.Env(), call[7],
                  [=](const Execution& execution) {
                    adaptive_densities(grid, samples, cells.data, precisions.data, out.data,
                                       execution);
                  },
                  {}, {call[0], call[2], call[4], call[5], call[6]});
}

// tsne(x, F, {perplexity, iterations}, embedding: Float64Array(2N), options) → divergence
Napi::Value embed_tsne(const Napi::CallbackInfo& call) {
  const Points x = points(call, 0, "x");
  const auto parameters = call[2].As<Napi::Object>();
  const TsneOptions options{number(parameters, "perplexity"),
                            static_cast<std::size_t>(integer(parameters, "iterations"))};
  const auto out = array<double>(call[3], "embedding", 2 * static_cast<std::size_t>(x.rows()));
  const auto divergence = std::make_shared<double>(0.0);
  return run_task(
      call.Env(), call[4],
      [=](const Execution& execution) {
        check_finite(x, "x");
        *divergence = tsne(x, options, out.data, execution);
      },
      [=](Napi::Env env) { return scalar(env, divergence); }, {call[0], call[3]});
}

}  // namespace

void export_analysis(Napi::Env env, Napi::Object exports) {
  exports["createScatter"] = Napi::Function::New(env, create_scatter);
  exports["addToScatter"] = Napi::Function::New(env, add_to_scatter);
  exports["principalCovariates"] = Napi::Function::New(env, solve_covariates);
  exports["kernelPrincipalCovariates"] = Napi::Function::New(env, solve_kernel_covariates);
  exports["createLandmarkFeatures"] = Napi::Function::New(env, create_landmarks);
  exports["landmarkFeatures"] = Napi::Function::New(env, apply_landmarks);
  exports["landmarkAxes"] = Napi::Function::New(env, pull_back_axes);
  exports["project"] = Napi::Function::New(env, project);
  exports["nearestNeighbours"] = Napi::Function::New(env, find_nearest);
  exports["dbscan"] = Napi::Function::New(env, cluster_dbscan);
  exports["kMeans"] = Napi::Function::New(env, cluster_k_means);
  exports["reachabilityTree"] = Napi::Function::New(env, span_tree);
  exports["gaussianDensities"] = Napi::Function::New(env, densities);
  exports["distanceQuantile"] = Napi::Function::New(env, quantile);
  exports["nearestDenser"] = Napi::Function::New(env, climb);
  exports["adaptiveDensities"] = Napi::Function::New(env, adaptive);
  exports["tsne"] = Napi::Function::New(env, embed_tsne);
}

}  // namespace soapstone::binding
