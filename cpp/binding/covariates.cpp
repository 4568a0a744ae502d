#include <algorithm>
#include <memory>
#include <vector>

#include "analysis/principal_axes.hpp"
#include "binding/arguments.hpp"
#include "binding/points.hpp"
#include "binding/stages.hpp"
#include "binding/task.hpp"

namespace soapstone::binding {
namespace {

constexpr napi_type_tag kScatterTag{0x3b9ad1f05c7e4826, 0x8f14c6e2a95b70d3};
constexpr napi_type_tag kLandmarksTag{0xe70f52c8964d1ba3, 0x21ad8b6f3ce59047};

// createScatter(features, targets) → handle
Napi::Value create_scatter(const Napi::CallbackInfo& call) {
  return wrap(call.Env(),
              std::make_shared<Scatter>(static_cast<Eigen::Index>(count_of(call[0])),
                                        static_cast<Eigen::Index>(count_of(call[1]))),
              kScatterTag);
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
                    check_finite(x.data, rows, features, "x");
                    check_finite(y.data, rows, targets, "targets");
                    scatter->add(x.data, y.data, rows, execution);
                  },
                  {}, {call[1], call[2]});
}

/// Parses {count, mixing, regularization, fewer}; `most`: axes that there may be.
PcovrOptions pcovr_options(const Napi::Value& value, std::size_t most) {
  const auto object = value.As<Napi::Object>();
  count_of(object.Get("count"), "count", 1, most);
  return {integer(object, "count"), number(object, "mixing"), number(object, "regularization"),
          flag(object, "fewer")};
}

/// Where principal axes go: an object with Float64Arrays; those of length 0 are not wanted.
class AxesOut {
 public:
  explicit AxesOut(const Napi::Value& value) {
    const auto object = value.As<Napi::Object>();
    for (std::size_t k = 0; k < kCount; ++k)
      arrays_[k] = array<double>(object.Get(kNames[k]), kNames[k]);
  }

  /// Returns how many axes there are.
  double copy(const PrincipalAxes& from) const {
    put(0, from.axes);
    put(1, from.offset);
    put(2, from.eigenvalues);
    put(3, from.shares);
    put(4, from.loadings);
    put(5, from.target_loadings);
    put(6, from.mean);
    put(7, from.target_mean);
    return static_cast<double>(from.axes.cols());
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

/// Fills the arrays at `index`, behind which the options are, with what find(execution) finds. →
/// axes found
template <typename Find>
Napi::Value find_axes(const Napi::CallbackInfo& call, std::size_t index,
                      std::vector<Napi::Value> keep, const Find& find) {
  const AxesOut out(call[index]);
  keep.push_back(call[index]);
  const auto found = std::make_shared<double>(0.0);
  return run_task(
      call.Env(), call[index + 1],
      [=](const Execution& execution) { *found = out.copy(find(execution)); },
      [=](Napi::Env env) { return scalar(env, found); }, keep);
}

/// Targets of so many samples: Float64Array(N·P).
Array<double> targets_of(const Napi::Value& value, std::size_t samples) {
  const auto targets = array<double>(value, "targets");
  if (targets.size % samples != 0) {
    throw Napi::RangeError::New(value.Env(), "targets: not as many as rows");
  }
  return targets;
}

// principalCovariates(scatter, {count, mixing, regularization, fewer}, out, options) → axes found
Napi::Value solve_covariates(const Napi::CallbackInfo& call) {
  const auto scatter = unwrap<Scatter>(call[0], kScatterTag, "scatter");
  const PcovrOptions options =
      pcovr_options(call[1], static_cast<std::size_t>(scatter->features()));
  return find_axes(call, 2, {}, [=](const Execution& execution) {
    return principal_covariates(*scatter, options, execution);
  });
}

// principalCovariatesOfFew(x: Float64Array(N·F), F, targets: Float64Array(N·P), parameters, out,
//                          options) → axes found
Napi::Value solve_covariates_of_few(const Napi::CallbackInfo& call) {
  const Points x = points(call, 0, "x");
  const auto rows = static_cast<std::size_t>(x.rows());
  const auto targets = targets_of(call[2], rows);
  const PcovrOptions options = pcovr_options(call[3], rows);
  return find_axes(call, 4, {call[0], call[2]}, [=](const Execution& execution) {
    check_finite(x, "x");
    check_finite(targets.data, rows, targets.size / rows, "targets");
    return principal_covariates_of_few(x, targets.data, targets.size / rows, options, execution);
  });
}

// kernelPrincipalCovariates(kernel: Float64Array(N²), targets: Float64Array(N·P), parameters, out,
//                           options) → axes found
Napi::Value solve_kernel_covariates(const Napi::CallbackInfo& call) {
  const auto kernel = array<double>(call[0], "kernel");
  const std::size_t size = side_of(kernel, call[0], "kernel");
  const auto targets = targets_of(call[1], size);
  const PcovrOptions options = pcovr_options(call[2], size);
  return find_axes(call, 3, {call[0], call[1]}, [=](const Execution& execution) {
    check_finite(targets.data, size, targets.size / size, "targets");
    return kernel_principal_covariates(kernel.data, size, targets.data, targets.size / size,
                                       options, execution);
  });
}

// createLandmarkFeatures(kernel: Float64Array(M²), options) → handle
Napi::Value create_landmarks(const Napi::CallbackInfo& call) {
  const auto kernel = array<double>(call[0], "kernel");
  const std::size_t size = side_of(kernel, call[0], "kernel");
  return make<LandmarkFeatures>(
      call.Env(), call[1], kLandmarksTag, {call[0]}, [=](const Execution& execution) {
        return std::make_shared<LandmarkFeatures>(kernel.data, size, execution);
      });
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

}  // namespace

void export_covariates(Napi::Env env, Napi::Object exports) {
  export_functions(env, exports,
                   {
                       {"createScatter", create_scatter},
                       {"addToScatter", add_to_scatter},
                       {"principalCovariates", solve_covariates},
                       {"principalCovariatesOfFew", solve_covariates_of_few},
                       {"kernelPrincipalCovariates", solve_kernel_covariates},
                       {"createLandmarkFeatures", create_landmarks},
                       {"landmarkFeatures", apply_landmarks},
                       {"landmarkAxes", pull_back_axes},
                   });
}

}  // namespace soapstone::binding
