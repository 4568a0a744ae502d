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

constexpr napi_type_tag kSearchTag{0x2d0c4a7e91b3486f, 0x9a5e6c1fd4708b23};

/// The pairs of a batch between counting and filling, with the structures they are of.
struct Searches {
  std::shared_ptr<Batch> batch;
  std::vector<NeighbourSearch> each;
};

// countNeighbours(batch, cutoff, first: Float64Array(N + 1)[S], options) → search
Napi::Value count(const Napi::CallbackInfo& call) {
  const auto searches = std::make_shared<Searches>();
  searches->batch = std::make_shared<Batch>(call[0]);
  searches->each.resize(searches->batch->structures());
  const double cutoff = call[1].As<Napi::Number>().DoubleValue();
  std::vector<double*> targets;
  for (const Napi::Object& first : objects(call[2], *searches->batch)) {
    const std::size_t atoms = searches->batch->view()[targets.size()].size;
    targets.push_back(array<double>(first, "first", atoms + 1).data);
  }
  return run_task(
      call.Env(), call[3],
      [=](const Execution& execution) {
        const BatchView view = searches->batch->view();
        for_each_structure(view, execution, [&](std::size_t s, const Execution& inner) {
          std::vector<std::int64_t> first(view[s].size + 1);
          searches->each[s].count(view[s], cutoff, first.data(), inner);
          std::copy(first.begin(), first.end(), targets[s]);
        });
      },
      [=](Napi::Env env) { return wrap(env, searches, kSearchTag); }, {call[2]});
}

/// The arrays of JavaScript for what `search` has found.
NeighbourArrays parse_target(const Napi::Object& list, const NeighbourSearch& search) {
  const std::size_t pairs = search.pairs();
  return {array<std::int32_t>(list.Get("neighbours"), "neighbours", pairs).data,
          array<std::int32_t>(list.Get("shifts"), "shifts", 3 * pairs).data,
          array<double>(list.Get("vectors"), "vectors", 3 * pairs).data};
}

// fillNeighbours(search, {neighbours: Int32Array(P), shifts: Int32Array(3P),
//                         vectors: Float64Array(3P)}[S], options)
Napi::Value fill(const Napi::CallbackInfo& call) {
  const auto searches = unwrap<Searches>(call[0], kSearchTag, "neighbour search");
  std::vector<NeighbourArrays> targets;
  for (const Napi::Object& list : objects(call[1], *searches->batch)) {
    targets.push_back(parse_target(list, searches->each[targets.size()]));
  }
  return run_task(call.Env(), call[2],
                  [=](const Execution& execution) {
                    const BatchView view = searches->batch->view();
                    for_each_structure(view, execution, [&](std::size_t s, const Execution& inner) {
                      searches->each[s].fill(targets[s], inner);
                      searches->each[s] = {};  // JavaScript may keep the handle for long
                    });
                  },
                  {}, {call[1]});
}

}  // namespace

void export_neighbours(Napi::Env env, Napi::Object exports) {
  exports["countNeighbours"] = Napi::Function::New(env, count);
  exports["fillNeighbours"] = Napi::Function::New(env, fill);
}

}  // namespace soapstone::binding
