#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "binding/arguments.hpp"
#include "binding/stages.hpp"
#include "binding/task.hpp"
#include "common/bulk_vector.hpp"
#include "common/huge_pages.hpp"
#include "neighbours/batch.hpp"
#include "neighbours/neighbour_list.hpp"

namespace soapstone::binding {
namespace {

constexpr napi_type_tag kSearchTag{0x2d0c4a7e91b3486f, 0x9a5e6c1fd4708b23};

/// The pairs of a batch between counting and filling, with the structures they are of.
struct Searches {
  std::shared_ptr<Batch> batch;
  std::vector<NeighbourSearch> each;
  bool kept = false;  ///< their memory serves another count
};

// countNeighbours(batch, cutoff, first: Float64Array(A + S), search?, options) → search
Napi::Value count(const Napi::CallbackInfo& call) {
  const bool again = !call[3].IsUndefined();
  const auto searches = again ? unwrap<Searches>(call[3], kSearchTag, "neighbour search")
                              : std::make_shared<Searches>();
  searches->kept = again;
  searches->batch = std::make_shared<Batch>(call[0]);
  const std::size_t structures = searches->batch->structures();
  searches->each.resize(structures);
  const double cutoff = call[1].As<Napi::Number>().DoubleValue();
  double* const target =
      array<double>(call[2], "first", searches->batch->atoms() + structures).data;
  return run_task(
      call.Env(), call[4],
      [=](const Execution& execution) {
        const BatchView view = searches->batch->view();
        for_each_structure(view, execution, [&](std::size_t s, const Execution& inner) {
          thread_local BulkVector<std::int64_t> first;
          first.resize(view[s].size + 1);
          searches->each[s].count(view[s], cutoff, first.data(), inner);
          std::copy(first.begin(), first.end(),
                    target + static_cast<std::size_t>(view.offsets[s]) + s);
        });
      },
      [=](Napi::Env env) { return wrap(env, searches, kSearchTag); }, {call[2]});
}

// fillNeighbours(search, {neighbours: Int32Array(P), shifts: Int32Array(3P),
//                         vectors: Float64Array(3P)}, options)
Napi::Value fill(const Napi::CallbackInfo& call) {
  const auto searches = unwrap<Searches>(call[0], kSearchTag, "neighbour search");
  std::vector<std::size_t> first{0};  // pair of each structure
  for (const NeighbourSearch& search : searches->each) {
    first.push_back(first.back() + search.pairs());
  }
  const std::size_t pairs = first.back();
  const auto object = call[1].As<Napi::Object>();
  const NeighbourArrays all{array<std::int32_t>(object.Get("neighbours"), "neighbours", pairs).data,
                            array<std::int32_t>(object.Get("shifts"), "shifts", 3 * pairs).data,
                            array<double>(object.Get("vectors"), "vectors", 3 * pairs).data};
  return run_task(call.Env(), call[2],
                  [=](const Execution& execution) {
                    prefer_huge_pages(all.neighbour, pairs * sizeof(std::int32_t));
                    prefer_huge_pages(all.shift, 3 * pairs * sizeof(std::int32_t));
                    prefer_huge_pages(all.vector, 3 * pairs * sizeof(double));
                    const BatchView view = searches->batch->view();
                    for_each_structure(view, execution, [&](std::size_t s, const Execution& inner) {
                      const std::size_t at = first[s];
                      searches->each[s].fill(
                          {all.neighbour + at, all.shift + 3 * at, all.vector + 3 * at}, inner);
                      // JavaScript may keep the handle for long.
                      if (!searches->kept) searches->each[s] = {};
                    });
                  },
                  {}, {call[1]});
}

}  // namespace

void export_neighbours(Napi::Env env, Napi::Object exports) {
  export_functions(env, exports,
                   {
                       {"countNeighbours", count},
                       {"fillNeighbours", fill},
                   });
}

}  // namespace soapstone::binding
