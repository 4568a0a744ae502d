#include <memory>
#include <vector>

#include "binding/arguments.hpp"
#include "binding/packed.hpp"
#include "binding/stages.hpp"
#include "binding/task.hpp"
#include "regression/cholesky.hpp"
#include "regression/gaussian_process.hpp"
#include "regression/projected_posterior.hpp"
#include "regression/projected_process.hpp"

namespace soapstone::binding {
namespace {

constexpr napi_type_tag kProcessTag{0x6d0be0d9a4f14c0d, 0x9d5d5f0f9b3a77c1};
constexpr napi_type_tag kPosteriorTag{0x2f6b7b0a6f9e4d53, 0xb2f1e8c5d3a9470e};
constexpr napi_type_tag kGaussianTag{0x91c4a6e25b7d4f38, 0xa7e3d2c1f0b96584};

/// A process and its last solution.
struct OwnedProcess {
  ProjectedProcess process;
  ProjectedProcess::Solution solution;
};

// createProjectedProcess(pointKernel: Float64Array(M²), groups, targets, options) → handle
Napi::Value create_process(const Napi::CallbackInfo& call) {
  const auto kernel = array<double>(call[0], "pointKernel");
  const std::size_t points = side_of(kernel, call[0], "pointKernel");
  const std::size_t groups = count_of(call[1]), targets = count_of(call[2]);
  return make<OwnedProcess>(
      call.Env(), call[3], kProcessTag, {call[0]}, [=](const Execution& execution) {
        check_finite(kernel.data, points, points, "pointKernel");
        return std::shared_ptr<OwnedProcess>(new OwnedProcess{
            ProjectedProcess(kernel.data, points, groups, targets, execution), {}});
      });
}

// addToProjectedProcess(process, kernels: Float64Array(n M), labels: Float64Array(n T),
//                       weights?: Float64Array(n), group, options)
Napi::Value add(const Napi::CallbackInfo& call) {
  const auto owned = unwrap<OwnedProcess>(call[0], kProcessTag, "projected process");
  const auto kernels = array<double>(call[1], "kernels");
  const std::size_t rows = kernels.size / owned->process.points();
  const auto labels = array<double>(call[2], "labels", rows * owned->process.targets());
  const auto weights = array<double>(call[3], "weights", rows, true);
  const std::size_t group = count_of(call[4], "group", 0, owned->process.groups() - 1);
  return run_task(call.Env(), call[5],
                  [=](const Execution& execution) {
                    check_finite(kernels.data, rows, owned->process.points(), "kernel");
                    owned->process.add(kernels.data, labels.data, weights.data, rows, group,
                                       execution);
                  },
                  {}, {call[1], call[2], call[3]});
}

// solveProjectedProcess(process, noise, leftOut: Uint8Array(groups), weights: Float64Array(M T),
//                       errors: Float64Array(groups · T), options)
Napi::Value solve(const Napi::CallbackInfo& call) {
  const auto owned = unwrap<OwnedProcess>(call[0], kProcessTag, "projected process");
  const ProjectedProcess& process = owned->process;
  const double noise = call[1].As<Napi::Number>();
  const auto left_out = array<std::uint8_t>(call[2], "leftOut", process.groups());
  const auto weights = array<double>(call[3], "weights", process.points() * process.targets());
  const auto errors = array<double>(call[4], "errors", process.groups() * process.targets());
  return run_task(call.Env(), call[5],
                  [=](const Execution& execution) {
                    owned->solution = owned->process.solve(noise, left_out.data, execution);
                    owned->process.weights(owned->solution, weights.data, execution);
                    owned->process.errors(owned->solution, errors.data);
                  },
                  {}, {call[2], call[3], call[4]});
}

// projectedProcessMembers(process, noise, leftOut: Uint8Array(members · groups),
//                         weights: Float64Array(members · M T), options)
Napi::Value members(const Napi::CallbackInfo& call) {
  const auto owned = unwrap<OwnedProcess>(call[0], kProcessTag, "projected process");
  const ProjectedProcess& process = owned->process;
  const double noise = call[1].As<Napi::Number>();
  const auto left_out = array<std::uint8_t>(call[2], "leftOut");
  const std::size_t count = left_out.size / process.groups();
  const auto weights =
      array<double>(call[3], "weights", count * process.points() * process.targets());
  return run_task(call.Env(), call[4],
                  [=](const Execution& execution) {
                    owned->process.members(noise, left_out.data, count, weights.data, execution);
                  },
                  {}, {call[2], call[3]});
}

// projectedProcessFactor(process, factor: Float32Array(M(M+1)/2), options)
Napi::Value factor(const Napi::CallbackInfo& call) {
  const auto owned = unwrap<OwnedProcess>(call[0], kProcessTag, "projected process");
  const std::size_t size = owned->process.points();
  if (owned->solution.factor.rows() != static_cast<Eigen::Index>(size)) {
    throw Napi::Error::New(call.Env(), "the process has not been solved");
  }
  float* const to = array<float>(call[1], "factor", size * (size + 1) / 2).data;
  return run_task(call.Env(), call[2], [=](const Execution&) { pack(owned->solution.factor, to); },
                  {}, {call[1]});
}

// createProjectedPosterior(pointKernel: Float64Array(M²), factor: Float32Array(M(M+1)/2), options)
Napi::Value create_posterior(const Napi::CallbackInfo& call) {
  const auto kernel = array<double>(call[0], "pointKernel");
  const std::size_t size = side_of(kernel, call[0], "pointKernel");
  const auto points = static_cast<Eigen::Index>(size);
  const auto packed = array<float>(call[1], "factor", size * (size + 1) / 2);
  return make<ProjectedPosterior>(
      call.Env(), call[2], kPosteriorTag, {call[0], call[1]}, [=](const Execution& execution) {
        check_finite(kernel.data, size, size, "pointKernel");
        Eigen::MatrixXd prior = Eigen::Map<const Eigen::MatrixXd>(kernel.data, points, points);
        factorise_with_jitter(prior, "the kernel matrix of the reference points is damaged",
                              execution);
        return std::make_shared<ProjectedPosterior>(prior, std::vector<std::size_t>{0, size},
                                                    unpack(packed.data, points), execution.quiet());
      });
}

/// posterior or process(handle, kernels: Float64Array(n M), own: Float64Array(n),
///                      variance: Float64Array(n), options)
template <typename T>
Napi::Value variance(const Napi::CallbackInfo& call, const napi_type_tag& tag) {
  const auto object = unwrap<T>(call[0], tag, "process");
  const auto own = array<double>(call[2], "own");
  const auto kernels =
      array<double>(call[1], "kernels", own.size * static_cast<std::size_t>(object->size()));
  const auto out = array<double>(call[3], "variance", own.size);
  return run_task(call.Env(), call[4],
                  [=](const Execution& execution) {
                    check_finite(kernels.data, own.size, static_cast<std::size_t>(object->size()),
                                 "kernel");
                    object->variance(kernels.data, own.data, own.size, out.data, execution);
                  },
                  {}, {call[1], call[2], call[3]});
}

Napi::Value posterior_variance(const Napi::CallbackInfo& call) {
  return variance<ProjectedPosterior>(call, kPosteriorTag);
}

Napi::Value gaussian_variance(const Napi::CallbackInfo& call) {
  return variance<GaussianProcess>(call, kGaussianTag);
}

// createGaussianProcess(kernel: Float64Array(N²), noise: Float64Array(N), options) → handle
Napi::Value create_gaussian(const Napi::CallbackInfo& call) {
  const auto kernel = array<double>(call[0], "kernel");
  const auto noise = array<double>(call[1], "noise", side_of(kernel, call[0], "kernel"));
  return make<GaussianProcess>(
      call.Env(), call[2], kGaussianTag, {call[0], call[1]}, [=](const Execution& execution) {
        check_finite(kernel.data, noise.size, noise.size, "kernel");
        return std::make_shared<GaussianProcess>(kernel.data, noise.data, noise.size, execution);
      });
}

// gaussianProcessWeights(process, targets: Float64Array(N T), weights: Float64Array(N T), options)
Napi::Value gaussian_weights(const Napi::CallbackInfo& call) {
  const auto process = unwrap<GaussianProcess>(call[0], kGaussianTag, "Gaussian process");
  const auto targets = array<double>(call[1], "targets");
  const auto out = array<double>(call[2], "weights", targets.size);
  const std::size_t count = targets.size / static_cast<std::size_t>(process->size());
  return run_task(call.Env(), call[3],
                  [=](const Execution& execution) {
                    process->weights(targets.data, count, out.data, execution);
                  },
                  {}, {call[1], call[2]});
}

// gaussianProcessInverse(process, out: Float64Array(N² or N: its diagonal), options)
Napi::Value gaussian_inverse(const Napi::CallbackInfo& call) {
  const auto process = unwrap<GaussianProcess>(call[0], kGaussianTag, "Gaussian process");
  const auto out = array<double>(call[1], "inverse");
  const auto size = static_cast<std::size_t>(process->size());
  if (out.size != size && out.size != size * size) {
    throw Napi::RangeError::New(call.Env(), "inverse: neither N nor N²");
  }
  return run_task(call.Env(), call[2],
                  [=](const Execution& execution) {
                    if (out.size == size) {
                      process->inverse_diagonal(out.data, execution);
                    } else {
                      process->inverse(out.data, execution);
                    }
                  },
                  {}, {call[1]});
}

// gaussianProcessLeaveGroupsOut(process, weights: Float64Array(N T), first: Int32Array(groups + 1),
//                               residuals: Float64Array(N T), options)
Napi::Value gaussian_leave_groups_out(const Napi::CallbackInfo& call) {
  const auto process = unwrap<GaussianProcess>(call[0], kGaussianTag, "Gaussian process");
  const auto size = static_cast<std::size_t>(process->size());
  const auto weights = array<double>(call[1], "weights");
  const auto first = offsets(call[2], "first", size);
  const auto residuals = array<double>(call[3], "residuals", weights.size);
  if (weights.size % size != 0) throw Napi::RangeError::New(call.Env(), "weights: not N × T");
  return run_task(call.Env(), call[4],
                  [=](const Execution& execution) {
                    process->leave_groups_out(weights.data, weights.size / size, first.data,
                                              first.size - 1, residuals.data, execution);
                  },
                  {}, {call[1], call[2], call[3]});
}

// gaussianProcessLogDeterminant(process) → number
Napi::Value gaussian_log_determinant(const Napi::CallbackInfo& call) {
  const auto process = unwrap<GaussianProcess>(call[0], kGaussianTag, "Gaussian process");
  return Napi::Number::New(call.Env(), process->log_determinant());
}

}  // namespace

void export_learning(Napi::Env env, Napi::Object exports) {
  export_functions(env, exports,
                   {
                       {"createProjectedProcess", create_process},
                       {"addToProjectedProcess", add},
                       {"solveProjectedProcess", solve},
                       {"projectedProcessMembers", members},
                       {"projectedProcessFactor", factor},
                       {"createProjectedPosterior", create_posterior},
                       {"projectedPosteriorVariance", posterior_variance},
                       {"createGaussianProcess", create_gaussian},
                       {"gaussianProcessWeights", gaussian_weights},
                       {"gaussianProcessVariance", gaussian_variance},
                       {"gaussianProcessInverse", gaussian_inverse},
                       {"gaussianProcessLeaveGroupsOut", gaussian_leave_groups_out},
                       {"gaussianProcessLogDeterminant", gaussian_log_determinant},
                   });
}

}  // namespace soapstone::binding
