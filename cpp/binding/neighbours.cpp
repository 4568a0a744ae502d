#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "binding/arguments.hpp"
#include "binding/stages.hpp"
#include "binding/task.hpp"
#include "neighbours/batch.hpp"
#include "neighbours/neighbour_list.hpp"

namespace soapstone::binding {
namespace {

/// The objects of an array that must hold one for every structure.
std::vector<Napi::Object> objects(const Napi::Value& value, const Batch& batch) {
  const auto array = value.As<Napi::Array>();
  if (array.Length() != batch.structures()) {
    throw Napi::RangeError::New(value.Env(), "expected one object for every structure");
  }
  std::vector<Napi::Object> result;
  for (std::uint32_t s = 0; s < array.Length(); ++s) {
    result.push_back(array.Get(s).As<Napi::Object>());
  }
  return result;
}

// countNeighbours(batch, cutoff, first: Float64Array(N + 1)[S], options)
Napi::Value count(const Napi::CallbackInfo& call) {
  const auto batch = std::make_shared<Batch>(call[0]);
  const double cutoff = call[1].As<Napi::Number>().DoubleValue();
  std::vector<double*> targets;
  for (const Napi::Object& first : objects(call[2], *batch)) {
    const std::size_t atoms = batch->view()[targets.size()].size;
    targets.push_back(array<double>(first, "first", atoms + 1).data);
  }
  return run_task(call.Env(), call[3],
                  [=](const Execution& execution) {
                    const BatchView view = batch->view();
                    for_each_structure(view, execution, [&](std::size_t s, const Execution& inner) {
                      std::vector<std::int64_t> first(view[s].size + 1);
                      count_neighbours(view[s], cutoff, first.data(), inner);
                      std::copy(first.begin(), first.end(), targets[s]);
                    });
                  },
                  {}, {call[2]});
}

/// A list in the arrays of JavaScript.
struct Target {
  std::vector<std::int64_t> first;
  std::int32_t* neighbours;
  std::int32_t* shifts;
  double* vectors;
};

Target parse_target(const Napi::Object& list, std::size_t atoms) {
  const auto first = array<double>(list.Get("first"), "first", atoms + 1);
  const auto neighbours = array<std::int32_t>(list.Get("neighbours"), "neighbours");
  const std::size_t pairs = neighbours.size;
  if (first.data[0] != 0 || first.data[atoms] != static_cast<double>(pairs) ||
      !std::is_sorted(first.data, first.data + first.size)) {
    throw Napi::RangeError::New(list.Env(), "first: does not span the pairs");
  }
  return {{first.data, first.data + first.size},
          neighbours.data,
          array<std::int32_t>(list.Get("shifts"), "shifts", 3 * pairs).data,
          array<double>(list.Get("vectors"), "vectors", 3 * pairs).data};
}

// fillNeighbours(batch, cutoff, {first: Float64Array(N + 1) as counted, neighbours: Int32Array(P),
//                                shifts: Int32Array(3P), vectors: Float64Array(3P)}[S], options)
Napi::Value fill(const Napi::CallbackInfo& call) {
  const auto batch = std::make_shared<Batch>(call[0]);
  const double cutoff = call[1].As<Napi::Number>().DoubleValue();
  const auto targets = std::make_shared<std::vector<Target>>();
  for (const Napi::Object& list : objects(call[2], *batch)) {
    targets->push_back(parse_target(list, batch->view()[targets->size()].size));
  }
  return run_task(call.Env(), call[3],
                  [=](const Execution& execution) {
                    const BatchView view = batch->view();
                    for_each_structure(view, execution, [&](std::size_t s, const Execution& inner) {
                      Target& to = (*targets)[s];
                      fill_neighbours(view[s], cutoff,
                                      {to.first.data(), to.neighbours, to.shifts, to.vectors},
                                      inner);
                    });
                  },
                  {}, {call[2]});
}

}  // namespace

void export_neighbours(Napi::Env env, Napi::Object exports) {
  exports["countNeighbours"] = Napi::Function::New(env, count);
  exports["fillNeighbours"] = Napi::Function::New(env, fill);
}

}  // namespace soapstone::binding
