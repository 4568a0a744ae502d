#include <algorithm>
#include <memory>

#include "analysis/clusters.hpp"
#include "analysis/densities.hpp"
#include "analysis/nearest_neighbours.hpp"
#include "analysis/principal_axes.hpp"
#include "analysis/tsne.hpp"
#include "binding/arguments.hpp"
#include "binding/points.hpp"
#include "binding/stages.hpp"
#include "binding/task.hpp"
#include "math/row_matrix.hpp"

namespace soapstone::binding {
namespace {

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
  if (count == 0 || count * columns != centres.size || count > static_cast<std::size_t>(x.rows())) {
    throw Napi::RangeError::New(call.Env(), "centres: not whole, or more than there are points");
  }
  const auto uniform = array<double>(call[3], "uniform", count * k_means_draws(count), true);
  const auto parameters = call[4].As<Napi::Object>();
  const auto most = static_cast<std::size_t>(integer(parameters, "iterations"));
  const double tolerance = number(parameters, "tolerance");
  const auto labels = array<std::int32_t>(call[5], "labels", static_cast<std::size_t>(x.rows()));
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
  export_functions(env, exports,
                   {
                       {"nearestNeighbours", find_nearest},
                       {"dbscan", cluster_dbscan},
                       {"kMeans", cluster_k_means},
                       {"reachabilityTree", span_tree},
                       {"gaussianDensities", densities},
                       {"distanceQuantile", quantile},
                       {"nearestDenser", climb},
                       {"adaptiveDensities", adaptive},
                       {"tsne", embed_tsne},
                   });
}

}  // namespace soapstone::binding
