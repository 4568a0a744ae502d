#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "binding/arguments.hpp"
#include "binding/stages.hpp"
#include "binding/task.hpp"
#include "common/parallel.hpp"
#include "neighbours/neighbour_list.hpp"

namespace soapstone::binding {
namespace {

constexpr napi_type_tag kListsTag{0xc4e07a195bd3f268, 0x3d96b8f1e0724a5c};

using NeighbourLists = std::vector<NeighbourList>;

// findNeighbours(batch, cutoff, options) → handle
Napi::Value find(const Napi::CallbackInfo& call) {
  const auto batch = std::make_shared<Batch>(call[0]);
  const double cutoff = call[1].As<Napi::Number>().DoubleValue();
  const auto lists = std::make_shared<NeighbourLists>();
  return run_task(
      call.Env(), call[2],
      [=](const Execution& execution) {
        find_neighbours(batch->view(), cutoff, *lists, execution);
      },
      [=](Napi::Env env) { return wrap(env, lists, kListsTag); });
}

// neighbourPairs(lists, pairs: Float64Array(S)): the number of pairs of each structure
Napi::Value pairs(const Napi::CallbackInfo& call) {
  const auto lists = unwrap<NeighbourLists>(call[0], kListsTag, "list of neighbours");
  double* out = array<double>(call[1], "pairs", lists->size()).data;
  for (const NeighbourList& list : *lists) *out++ = static_cast<double>(list.pairs());
  return call.Env().Undefined();
}

/// The arrays of one structure, where its list goes.
struct Target {
  double* first;
  std::int32_t* neighbours;
  std::int32_t* shifts;
  double* vectors;
};

// takeNeighbours(lists, {first: Float64Array(N + 1), neighbours: Int32Array(P),
//                        shifts: Int32Array(3P), vectors: Float64Array(3P)}[S], options)
// The lists are given up as they are copied, so that they are not in memory twice.
Napi::Value take(const Napi::CallbackInfo& call) {
  const auto lists = unwrap<NeighbourLists>(call[0], kListsTag, "list of neighbours");
  const auto objects = call[1].As<Napi::Array>();
  if (objects.Length() != lists->size()) {
    throw Napi::RangeError::New(call.Env(), "expected arrays for every structure");
  }
  std::vector<Target> targets;
  targets.reserve(lists->size());
  for (const NeighbourList& list : *lists) {
    const auto object = objects.Get(static_cast<std::uint32_t>(targets.size())).As<Napi::Object>();
    const std::size_t size = list.pairs();
    targets.push_back({array<double>(object.Get("first"), "first", list.first.size()).data,
                       array<std::int32_t>(object.Get("neighbours"), "neighbours", size).data,
                       array<std::int32_t>(object.Get("shifts"), "shifts", 3 * size).data,
                       array<double>(object.Get("vectors"), "vectors", 3 * size).data});
  }
  return run_task(call.Env(), call[2],
                  [lists, targets = std::move(targets)](const Execution& execution) {
                    const int threads = resolve_threads(execution, lists->size());
                    parallel_for(lists->size(), threads, execution, [&](std::size_t s, int) {
                      const NeighbourList list = std::move((*lists)[s]);
                      const Target& target = targets[s];
                      std::copy(list.first.begin(), list.first.end(), target.first);
                      std::copy(list.neighbour.begin(), list.neighbour.end(), target.neighbours);
                      std::copy(list.shift.begin(), list.shift.end(), target.shifts);
                      std::copy(list.vector.begin(), list.vector.end(), target.vectors);
                    });
                  },
                  {}, {call[1]});
}

}  // namespace

void export_neighbours(Napi::Env env, Napi::Object exports) {
  exports["findNeighbours"] = Napi::Function::New(env, find);
  exports["neighbourPairs"] = Napi::Function::New(env, pairs);
  exports["takeNeighbours"] = Napi::Function::New(env, take);
}

}  // namespace soapstone::binding
