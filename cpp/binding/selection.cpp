#include "regression/selection.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "binding/arguments.hpp"
#include "binding/stages.hpp"
#include "binding/task.hpp"
#include "regression/cur.hpp"

namespace soapstone::binding {
namespace {

/// A matrix of JavaScript whose rows or columns are to be picked.
struct Candidates {
  const double* data;
  std::size_t rows, columns;
  bool pick_columns;

  std::size_t count() const { return pick_columns ? columns : rows; }
  std::size_t features() const { return pick_columns ? rows : columns; }

  /// The candidates as rows of a matrix, which `storage` holds if they are not already.
  const double* as_rows(std::vector<double>& storage) const {
    for (std::size_t i = 0; i < rows * columns; ++i) {
      if (std::isfinite(data[i])) continue;
      throw Error(ErrorCode::kInvalidInput, "matrix: row " + std::to_string(i / columns) +
                                                ", column " + std::to_string(i % columns) +
                                                ": expected a finite number");
    }
    if (!pick_columns) return data;
    storage.resize(rows * columns);
    constexpr std::size_t kTile = 32;
    for (std::size_t i = 0; i < rows; i += kTile) {
      for (std::size_t j = 0; j < columns; j += kTile) {
        for (std::size_t k = j; k < std::min(j + kTile, columns); ++k) {
          for (std::size_t r = i; r < std::min(i + kTile, rows); ++r) {
            storage[k * rows + r] = data[r * columns + k];
          }
        }
      }
    }
    return storage.data();
  }
};

/// Parses (matrix: Float64Array(N·F), columns, pickColumns).
Candidates parse_candidates(const Napi::CallbackInfo& call) {
  const auto matrix = array<double>(call[0], "matrix");
  const auto columns = static_cast<std::size_t>(call[1].As<Napi::Number>().Int64Value());
  if (columns == 0 || matrix.size % columns != 0) {
    throw Napi::RangeError::New(call.Env(), "matrix: not one with these columns");
  }
  return {matrix.data, matrix.size / columns, columns, call[2].ToBoolean()};
}

/// Copies what was picked to JavaScript's arrays.
template <typename Picked>
void copy(const Picked& picked, const std::vector<double>& numbers,
          const Array<std::int32_t>& indices, const Array<double>& out) {
  std::copy(picked.indices.begin(), picked.indices.end(), indices.data);
  std::copy(numbers.begin(), numbers.end(), out.data);
}

// farthestPoints(matrix, columns, pickColumns, start, indices: Int32Array(count),
//                distances: Float64Array(count), options) → number picked
Napi::Value select_farthest(const Napi::CallbackInfo& call) {
  const Candidates candidates = parse_candidates(call);
  const auto start = static_cast<std::size_t>(call[3].As<Napi::Number>().Int64Value());
  const auto indices = array<std::int32_t>(call[4], "indices");
  const auto distances = array<double>(call[5], "distances", indices.size);
  if (start >= candidates.count()) throw Napi::RangeError::New(call.Env(), "start: out of range");
  const auto count = std::make_shared<std::size_t>(0);
  return run_task(
      call.Env(), call[6],
      [=](const Execution& execution) {
        std::vector<double> storage;
        const FarthestPoints picked =
            farthest_points(candidates.as_rows(storage), candidates.count(), candidates.features(),
                            indices.size, start, execution);
        copy(picked, picked.distances, indices, distances);
        *count = picked.indices.size();
      },
      [=](Napi::Env env) { return Napi::Number::New(env, static_cast<double>(*count)); },
      {call[0], call[4], call[5]});
}

// cur(matrix, columns, pickColumns, {leading, recomputeEvery}, indices: Int32Array(count),
//     scores: Float64Array(count), options)
Napi::Value select_cur(const Napi::CallbackInfo& call) {
  const Candidates candidates = parse_candidates(call);
  const auto parameters = call[3].As<Napi::Object>();
  const auto indices = array<std::int32_t>(call[4], "indices");
  const auto scores = array<double>(call[5], "scores", indices.size);
  const CurOptions options{indices.size, static_cast<std::size_t>(integer(parameters, "leading")),
                           static_cast<std::size_t>(integer(parameters, "recomputeEvery"))};
  if (options.count > candidates.count()) {
    throw Napi::RangeError::New(call.Env(), "indices: more than there are candidates");
  }
  return run_task(call.Env(), call[6],
                  [=](const Execution& execution) {
                    std::vector<double> storage;
                    const CurSelection picked = cur(candidates.as_rows(storage), candidates.count(),
                                                    candidates.features(), options, execution);
                    copy(picked, picked.scores, indices, scores);
                  },
                  {}, {call[0], call[4], call[5]});
}

}  // namespace

void export_selection(Napi::Env env, Napi::Object exports) {
  exports["farthestPoints"] = Napi::Function::New(env, select_farthest);
  exports["cur"] = Napi::Function::New(env, select_cur);
}

}  // namespace soapstone::binding
