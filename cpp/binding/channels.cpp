#include <algorithm>
#include <memory>
#include <vector>

#include "binding/arguments.hpp"
#include "binding/expansion.hpp"
#include "binding/representations.hpp"
#include "binding/stages.hpp"
#include "binding/task.hpp"
#include "regression/channel_likelihood.hpp"

namespace soapstone::binding {
namespace {

constexpr napi_type_tag kLikelihoodTag{0x3e90c4a7f1b85d26, 0xa2d7186f0b4ce953};

// createChannelLikelihood(representation, expansion of species, batch, {offsets: Int32Array(N + 1),
//                         zeta, mean, sameSpecies}, options) → handle
Napi::Value create(const Napi::CallbackInfo& call) {
  const auto representation = unwrap_representation(call[0]);
  const ExpansionParameters e = expansion_parameters(call[1]);
  const auto batch = std::make_shared<Batch>(call[2]);
  const auto k = call[3].As<Napi::Object>();
  const auto first = offsets(k.Get("offsets"), "offsets", batch->atoms(), true);
  if (first.size < 2) throw Napi::RangeError::New(call.Env(), "offsets: no sample");
  const SampleKernel kernel{{first.data, first.data + first.size},
                            integer(k, "zeta"),
                            flag(k, "mean"),
                            flag(k, "sameSpecies")};
  return make<ChannelLikelihood>(call.Env(), call[4], kLikelihoodTag, {},
                                 [=](const Execution& execution) {
                                   const SphericalExpansion species(e.density, e.basis, e.species);
                                   return std::make_shared<ChannelLikelihood>(
                                       representation, species, batch->view(), kernel, execution);
                                 });
}

/// Parses {values: Float64Array(N), weights: Float64Array(N) | undefined}; `keep`: both.
SampleLabels sample_labels(const Napi::Value& value, std::size_t samples,
                           std::vector<Napi::Value>& keep) {
  const auto object = value.As<Napi::Object>();
  for (const char* name : {"values", "weights"}) keep.push_back(object.Get(name));
  return {array<double>(object.Get("values"), "labels", samples).data,
          array<double>(object.Get("weights"), "sampleWeights", samples, true).data};
}

// channelLikelihood(handle, weights: Float64Array(species · channels), labels: {values, weights},
//                   ridge, other: Float64Array(N²) | undefined, otherWeight,
//                   out: Float64Array(3: value, ∂/∂ridge, ∂/∂otherWeight),
//                   gradient: Float64Array(species · channels), options)
Napi::Value evaluate(const Napi::CallbackInfo& call) {
  const auto likelihood = unwrap<ChannelLikelihood>(call[0], kLikelihoodTag, "channel likelihood");
  const std::size_t samples = likelihood->samples();
  const auto weights = array<double>(call[1], "weights", likelihood->weights());
  std::vector<Napi::Value> keep{call[1], call[4], call[6], call[7]};
  const SampleLabels labels = sample_labels(call[2], samples, keep);
  const double ridge = call[3].As<Napi::Number>().DoubleValue();
  const double* other =
      call[4].IsUndefined() ? nullptr : array<double>(call[4], "other", samples * samples).data;
  const double other_weight = call[5].As<Napi::Number>().DoubleValue();
  const auto out = array<double>(call[6], "out", 3);
  const auto gradient = array<double>(call[7], "gradient", likelihood->weights());
  return run_task(
      call.Env(), call[8],
      [=](const Execution& execution) {
        const ChannelLikelihood::Slope slope = likelihood->evaluate(
            weights.data, labels, ridge, other, other_weight, execution, gradient.data);
        out.data[0] = slope.value;
        out.data[1] = slope.ridge_gradient;
        out.data[2] = slope.other_gradient;
      },
      {}, keep);
}

// channelRegression(handle, weights: Float64Array(species · channels), labels: {values, weights},
//                   leastRidge, mostRidge, out: Float64Array(3: value, ridge, variance),
//                   alpha: Float64Array(N), kernel: Float64Array(N²), options)
Napi::Value regress(const Napi::CallbackInfo& call) {
  const auto likelihood = unwrap<ChannelLikelihood>(call[0], kLikelihoodTag, "channel likelihood");
  const std::size_t samples = likelihood->samples();
  const auto weights = array<double>(call[1], "weights", likelihood->weights());
  std::vector<Napi::Value> keep{call[1], call[5], call[6], call[7]};
  const SampleLabels labels = sample_labels(call[2], samples, keep);
  const double least_ridge = call[3].As<Napi::Number>().DoubleValue();
  const double most_ridge = call[4].As<Napi::Number>().DoubleValue();
  const auto out = array<double>(call[5], "out", 3);
  const auto alpha = array<double>(call[6], "alpha", samples);
  const auto kernel = array<double>(call[7], "kernel", samples * samples);
  return run_task(
      call.Env(), call[8],
      [=](const Execution& execution) {
        const ChannelLikelihood::Regression regression =
            likelihood->regress(weights.data, labels, least_ridge, most_ridge, execution);
        out.data[0] = regression.value;
        out.data[1] = regression.ridge;
        out.data[2] = regression.variance;
        std::copy_n(regression.alpha.data(), samples, alpha.data);
        std::copy_n(regression.kernel.data(), kernel.size, kernel.data);
      },
      {}, keep);
}

// channelJacobian(handle, weights: Float64Array(species · channels), alpha: Float64Array(N),
//                 jacobian: Float64Array(N · species · channels), options)
Napi::Value jacobian(const Napi::CallbackInfo& call) {
  const auto likelihood = unwrap<ChannelLikelihood>(call[0], kLikelihoodTag, "channel likelihood");
  const std::size_t samples = likelihood->samples();
  const auto weights = array<double>(call[1], "weights", likelihood->weights());
  const auto alpha = array<double>(call[2], "alpha", samples);
  const auto result = array<double>(call[3], "jacobian", samples * likelihood->weights());
  return run_task(call.Env(), call[4],
                  [=](const Execution& execution) {
                    const RowMatrix rows =
                        likelihood->prediction_jacobian(weights.data, alpha.data, execution);
                    std::copy_n(rows.data(), result.size, result.data);
                  },
                  {}, {call[1], call[2], call[3]});
}

}  // namespace

void export_channels(Napi::Env env, Napi::Object exports) {
  export_functions(env, exports,
                   {
                       {"createChannelLikelihood", create},
                       {"channelLikelihood", evaluate},
                       {"channelRegression", regress},
                       {"channelJacobian", jacobian},
                   });
}

}  // namespace soapstone::binding
