#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "binding/arguments.hpp"
#include "binding/packed.hpp"
#include "binding/representations.hpp"
#include "binding/stages.hpp"
#include "binding/task.hpp"
#include "common/error.hpp"
#include "regression/committee_potential.hpp"
#include "regression/sparse_fit.hpp"
#include "regression/sparse_potential.hpp"

namespace soapstone::binding {
namespace {

constexpr napi_type_tag kFitTag{0x8d3e51b7c2f04a69, 0xa41c7f0b936e2d58};
constexpr napi_type_tag kCommitteeTag{0x3b7e90c4d15fa826, 0x94d2c6817be05f3a};
constexpr napi_type_tag kPotentialTag{0x51c9a7e0f83b4d26, 0xe2086b4fd71359ac};

/// A kernel that is yet to be built, off JavaScript's thread.
struct KernelParts {
  std::size_t channels;
  std::size_t size;  ///< M
  std::function<std::shared_ptr<const SparseKernel>(const Execution&)> build;
  Napi::Value points;  ///< what has to live until then
};

/// Parses {representation, points: Float32Array(M·F), first: Int32Array(channels + 1), zeta}.
KernelParts parse_kernel(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  const auto representation = unwrap_representation(object.Get("representation"));
  const Napi::Value points = object.Get("points");
  const auto rows = array<float>(points, "points");
  const std::size_t features = representation->features();
  const std::size_t channels = representation->expansion().species().size();
  const auto given = offsets(object.Get("first"), "first", rows.size / features);
  if (given.size != channels + 1 || rows.size % features != 0) {
    throw Error(ErrorCode::kInvalidInput,
                "first, points: expected " + std::to_string(channels + 1) +
                    " offsets, and points of " + std::to_string(features) + " features");
  }
  const std::vector<std::size_t> first(given.data, given.data + given.size);
  const int zeta = integer(object, "zeta");
  const auto build = [=](const Execution& execution) {
    return std::make_shared<const SparseKernel>(representation, rows.data, first, zeta, execution);
  };
  return {first.size() - 1, first.back(), build, points};
}

/// A fit and the last solution it gave.
struct OwnedFit {
  SparseFit fit;
  SparseFit::Solution solution;
};

// createSparseFit(kernel, groups, options) → handle
Napi::Value create_fit(const Napi::CallbackInfo& call) {
  const auto kernel = parse_kernel(call[0]);
  const std::size_t groups = count_of(call[1]);
  return make<OwnedFit>(call.Env(), call[2], kFitTag, {kernel.points},
                        [groups, build = kernel.build](const Execution& execution) {
                          return std::shared_ptr<OwnedFit>(
                              new OwnedFit{SparseFit(build(execution), groups, execution), {}});
                        });
}

// addToFit(fit, batch, {energy?: Float64Array(S), forces?: Float64Array(3A),
//                       stress?: Float64Array(9S), weight?: Float64Array(S)},
//          group: Uint8Array(S), options)
Napi::Value add(const Napi::CallbackInfo& call) {
  const auto owned = unwrap<OwnedFit>(call[0], kFitTag, "fit");
  const auto batch = std::make_shared<Batch>(call[1]);
  const auto labels = call[2].As<Napi::Object>();
  const Napi::Value energy = labels.Get("energy"), forces = labels.Get("forces"),
                    stress = labels.Get("stress"), weight = labels.Get("weight");
  Targets targets;
  targets.energy = array<double>(energy, "energy", batch->structures(), true).data;
  targets.forces = array<double>(forces, "forces", 3 * batch->atoms(), true).data;
  targets.stress = array<double>(stress, "stress", 9 * batch->structures(), true).data;
  targets.weight = array<double>(weight, "weight", batch->structures(), true).data;
  const auto group = array<std::uint8_t>(call[3], "group", batch->structures());
  for (std::size_t s = 0; s < group.size; ++s) {
    if (group.data[s] >= owned->fit.groups()) throw Napi::RangeError::New(call.Env(), "group");
  }
  return run_task(call.Env(), call[4],
                  [=](const Execution& execution) {
                    owned->fit.add(batch->view(), targets, group.data, execution);
                  },
                  {}, {energy, forces, stress, weight, call[3]});
}

Noise noise_of(const Napi::Value& value) {
  const auto levels = value.As<Napi::Object>();
  return {number(levels, "energy"), number(levels, "forces"), number(levels, "stress")};
}

Napi::Object to_js(Napi::Env env, const std::array<double, kQuantities>& errors) {
  Napi::Object object = Napi::Object::New(env);
  object["energy"] = errors[kEnergy];
  object["forces"] = errors[kForces];
  object["stress"] = errors[kStress];
  return object;
}

// solveFit(fit, {energy, forces, stress}, leftOut: Uint8Array(groups), weights: Float64Array(M),
//          options)
//   → {fitted: {energy, forces, stress}, heldOut: {energy, forces, stress}} root-mean-square errors
Napi::Value solve(const Napi::CallbackInfo& call) {
  const auto owned = unwrap<OwnedFit>(call[0], kFitTag, "fit");
  const Noise noise = noise_of(call[1]);
  const auto left_out = array<std::uint8_t>(call[2], "leftOut", owned->fit.groups());
  const auto weights = array<double>(call[3], "weights", owned->fit.kernel().size());
  struct Errors {
    std::array<double, kQuantities> fitted, held_out;
  };
  const auto errors = std::make_shared<Errors>();
  return run_task(
      call.Env(), call[4],
      [=](const Execution& execution) {
        std::vector<std::uint8_t> fitted(left_out.data, left_out.data + left_out.size);
        for (std::uint8_t& f : fitted) f = !f;
        owned->solution = owned->fit.solve(noise, left_out.data, execution);
        const auto solved = owned->fit.weights(owned->solution, execution);
        std::copy(solved.begin(), solved.end(), weights.data);
        *errors = {owned->fit.errors(owned->solution, fitted.data()),
                   owned->fit.errors(owned->solution, left_out.data)};
      },
      [=](Napi::Env env) {
        Napi::Object object = Napi::Object::New(env);
        object["fitted"] = to_js(env, errors->fitted);
        object["heldOut"] = to_js(env, errors->held_out);
        return object;
      },
      {call[2], call[3]});
}

// fitMembers(fit, {energy, forces, stress}, leftOut: Uint8Array(members · groups),
//            weights: Float64Array(members · M), options)
Napi::Value members(const Napi::CallbackInfo& call) {
  const auto owned = unwrap<OwnedFit>(call[0], kFitTag, "fit");
  const Noise noise = noise_of(call[1]);
  const auto left_out = array<std::uint8_t>(call[2], "leftOut");
  const std::size_t count = left_out.size / owned->fit.groups();
  const auto weights = array<double>(call[3], "weights", count * owned->fit.kernel().size());
  return run_task(call.Env(), call[4],
                  [=](const Execution& execution) {
                    owned->fit.members(noise, left_out.data, count, weights.data, execution);
                  },
                  {}, {call[2], call[3]});
}

// fitCovariance(fit, posterior: Float32Array(M(M+1)/2), options)
Napi::Value covariance(const Napi::CallbackInfo& call) {
  const auto owned = unwrap<OwnedFit>(call[0], kFitTag, "fit");
  const std::size_t size = owned->fit.kernel().size();
  if (owned->solution.factor.rows() != static_cast<Eigen::Index>(size)) {
    throw Napi::Error::New(call.Env(), "the fit has not been solved");
  }
  float* const to = array<float>(call[1], "posterior", size * (size + 1) / 2).data;
  return run_task(call.Env(), call[2], [=](const Execution&) { pack(owned->solution.factor, to); },
                  {}, {call[1]});
}

// createPotential({...kernel, weights: Float64Array(M), baseline: Float64Array(channels),
//                  covariance: {posterior: Float32Array(M(M+1)/2), amplitude}}, options) → handle
Napi::Value create_potential(const Napi::CallbackInfo& call) {
  const auto object = call[0].As<Napi::Object>();
  const KernelParts kernel = parse_kernel(object);
  const auto weights = array<double>(object.Get("weights"), "weights", kernel.size);
  const auto baseline = array<double>(object.Get("baseline"), "baseline", kernel.channels);
  const auto covariance = object.Get("covariance").As<Napi::Object>();
  const Napi::Value posterior = covariance.Get("posterior");
  const float* const packed =
      array<float>(posterior, "posterior", kernel.size * (kernel.size + 1) / 2).data;
  const double amplitude = number(covariance, "amplitude");
  return make<SparsePotential>(
      call.Env(), call[1], kPotentialTag, {kernel.points, posterior},
      [=, build = kernel.build, w = std::vector<double>(weights.data, weights.data + weights.size),
       e = std::vector<double>(baseline.data, baseline.data + baseline.size)](
          const Execution& execution) {
        const auto potential = std::make_shared<SparsePotential>(build(execution), w, e, execution);
        potential->set_covariance(unpack(packed, static_cast<Eigen::Index>(w.size())), amplitude);
        return potential;
      });
}

// predict(potential, batch, {energy, atomEnergies?, forces?, stress?, variance?, forcesVariance?,
//         stressVariance?}, options)
Napi::Value predict(const Napi::CallbackInfo& call) {
  const auto potential = unwrap<SparsePotential>(call[0], kPotentialTag, "potential");
  const auto batch = std::make_shared<Batch>(call[1]);
  const auto wanted = call[2].As<Napi::Object>();
  const std::size_t structures = batch->structures(), atoms = batch->atoms();
  std::vector<Napi::Value> keep;
  const auto output = [&](const char* name, std::size_t size) {
    const Napi::Value value = wanted.Get(name);
    keep.push_back(value);
    return array<double>(value, name, size, true).data;
  };
  const Predictions out{output("energy", structures), output("atomEnergies", atoms),
                        output("forces", 3 * atoms), output("stress", 9 * structures)};
  double* const variance = output("variance", structures);
  const DerivativeVariances variances{output("forcesVariance", 3 * atoms),
                                      output("stressVariance", 9 * structures)};
  const bool derivatives = variances.forces != nullptr || variances.stress != nullptr;
  return run_task(
      call.Env(), call[3],
      [=](const Execution& execution) {
        const Execution quiet = execution.quiet();
        // Progress is that of what takes longest.
        potential->predict(batch->view(), out, derivatives ? quiet : execution);
        if (variance != nullptr) potential->variance(batch->view(), quiet, variance);
        if (derivatives) potential->derivative_variance(batch->view(), variances, execution);
      },
      {}, keep);
}

// potentialRigidity(potential, batch, rigidity: Float64Array(A), options)
Napi::Value rigidity(const Napi::CallbackInfo& call) {
  const auto potential = unwrap<SparsePotential>(call[0], kPotentialTag, "potential");
  const auto batch = std::make_shared<Batch>(call[1]);
  double* const out = array<double>(call[2], "rigidity", batch->atoms()).data;
  return run_task(
      call.Env(), call[3],
      [=](const Execution& execution) { potential->rigidity(batch->view(), execution, out); }, {},
      {call[2]});
}

// createCommittee({...kernel, weights: Float64Array(M N), members: N}, options) → handle
Napi::Value create_committee(const Napi::CallbackInfo& call) {
  const auto object = call[0].As<Napi::Object>();
  const KernelParts kernel = parse_kernel(object);
  const auto members = static_cast<std::size_t>(integer(object, "members"));
  const Napi::Value given = object.Get("weights");
  const auto weights = array<double>(given, "weights", kernel.size * members);
  return make<CommitteePotential>(call.Env(), call[1], kCommitteeTag, {kernel.points, given},
                                  [=, build = kernel.build](const Execution& execution) {
                                    return std::make_shared<CommitteePotential>(
                                        build(execution), weights.data, members, execution);
                                  });
}

// predictMembers(committee, batch, {energy?, forces?, stress?}: N times as long as for `predict`,
//                options)
Napi::Value predict_members(const Napi::CallbackInfo& call) {
  const auto committee = unwrap<CommitteePotential>(call[0], kCommitteeTag, "committee");
  const auto batch = std::make_shared<Batch>(call[1]);
  const auto wanted = call[2].As<Napi::Object>();
  const std::size_t members = committee->members();
  std::vector<Napi::Value> keep;
  const auto output = [&](const char* name, std::size_t size) {
    const Napi::Value value = wanted.Get(name);
    keep.push_back(value);
    return array<double>(value, name, members * size, true).data;
  };
  const Predictions out{output("energy", batch->structures()), nullptr,
                        output("forces", 3 * batch->atoms()),
                        output("stress", 9 * batch->structures())};
  return run_task(
      call.Env(), call[3],
      [=](const Execution& execution) { committee->predict(batch->view(), out, execution); }, {},
      keep);
}

}  // namespace

void export_regression(Napi::Env env, Napi::Object exports) {
  export_functions(env, exports,
                   {
                       {"createSparseFit", create_fit},
                       {"addToFit", add},
                       {"solveFit", solve},
                       {"potentialRigidity", rigidity},
                       {"fitMembers", members},
                       {"createCommittee", create_committee},
                       {"predictMembers", predict_members},
                       {"fitCovariance", covariance},
                       {"createPotential", create_potential},
                       {"predict", predict},
                   });
}

}  // namespace soapstone::binding
