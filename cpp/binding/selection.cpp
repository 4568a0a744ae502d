#include "regression/selection.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "binding/arguments.hpp"
#include "binding/stages.hpp"
#include "binding/task.hpp"
#include "math/row_matrix.hpp"
#include "regression/cur.hpp"
#include "regression/pcov.hpp"

namespace soapstone::binding {
namespace {

using Rows = Eigen::Map<const RowMatrix>;

/// A matrix of JavaScript whose rows or columns are to be picked, and what is to be learned of its
/// rows.
struct Candidates {
  const double* data;
  std::size_t rows, columns;
  bool pick_columns;
  const double* targets;  ///< rows × target_columns
  std::size_t target_columns;
  double mixing;

  std::size_t count() const { return pick_columns ? columns : rows; }
  std::size_t features() const { return pick_columns ? rows : columns; }

  /// The candidates as rows of a matrix, which `storage` holds if they are not already.
  const double* as_rows(std::vector<double>& storage) const {
    check_finite(data, rows, columns, "matrix");
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

  /// Nothing unless there are targets.
  std::optional<PcovTargets> as_targets() const {
    if (target_columns == 0) return {};
    check_finite(targets, rows, target_columns, "targets");
    const Rows values(targets, static_cast<Eigen::Index>(rows),
                      static_cast<Eigen::Index>(target_columns));
    return PcovTargets{values, mixing, pick_columns};
  }
};

/// Candidates as rows for the core, joined with their covariates where there are targets.
class JoinedRows {
 public:
  explicit JoinedRows(const Candidates& candidates)
      : data_(candidates.as_rows(storage_)), features_(candidates.features()) {
    const std::optional<PcovTargets> targets = candidates.as_targets();
    if (!targets) return;
    joined_ = with_covariates(Rows(data_, static_cast<Eigen::Index>(candidates.count()),
                                   static_cast<Eigen::Index>(features_)),
                              *targets);
    data_ = joined_.data();
    features_ = static_cast<std::size_t>(joined_.cols());
  }

  const double* data() const { return data_; }
  std::size_t features() const { return features_; }

 private:
  std::vector<double> storage_;
  RowMatrix joined_;
  const double* data_;
  std::size_t features_;
};

/// Parses (matrix: Float64Array(N·F), columns, pickColumns, targets: Float64Array(N·P), mixing); of
/// no targets there are none.
Candidates parse_candidates(const Napi::CallbackInfo& call) {
  const auto matrix = array<double>(call[0], "matrix");
  const std::size_t columns = count_of(call[1]);
  if (columns == 0 || matrix.size % columns != 0) {
    throw Napi::RangeError::New(call.Env(), "matrix: not one with these columns");
  }
  const std::size_t rows = matrix.size / columns;
  const auto targets = array<double>(call[3], "targets");
  if (rows == 0 || targets.size % rows != 0) {
    throw Napi::RangeError::New(call.Env(), "targets: not as many as rows");
  }
  return {matrix.data,
          rows,
          columns,
          call[2].ToBoolean(),
          targets.data,
          targets.size / rows,
          call[4].As<Napi::Number>().DoubleValue()};
}

/// Copies what was picked to JavaScript's arrays.
template <typename Picked>
void copy(const Picked& picked, const std::vector<double>& numbers,
          const Array<std::int32_t>& indices, const Array<double>& out) {
  std::copy(picked.indices.begin(), picked.indices.end(), indices.data);
  std::copy(numbers.begin(), numbers.end(), out.data);
}

// farthestPoints(matrix, columns, pickColumns, targets, mixing, start, indices: Int32Array(count),
//                distances: Float64Array(count), options) → number picked
Napi::Value select_farthest(const Napi::CallbackInfo& call) {
  const Candidates candidates = parse_candidates(call);
  const std::size_t start = count_of(call[5]);
  const auto indices = array<std::int32_t>(call[6], "indices");
  const auto distances = array<double>(call[7], "distances", indices.size);
  if (start >= candidates.count()) throw Napi::RangeError::New(call.Env(), "start: out of range");
  const auto count = std::make_shared<std::size_t>(0);
  return run_task(
      call.Env(), call[8],
      [=](const Execution& execution) {
        const JoinedRows rows(candidates);
        const FarthestPoints picked = farthest_points(
            rows.data(), candidates.count(), rows.features(), indices.size, start, execution);
        copy(picked, picked.distances, indices, distances);
        *count = picked.indices.size();
      },
      [=](Napi::Env env) { return Napi::Number::New(env, static_cast<double>(*count)); },
      {call[0], call[3], call[6], call[7]});
}

// The same for rows of single precision: farthestRows(matrix: Float32Array(N·F), columns, start,
//                                        indices: Int32Array(count), options) → number picked
Napi::Value select_farthest_rows(const Napi::CallbackInfo& call) {
  const auto matrix = array<float>(call[0], "matrix");
  const std::size_t columns = count_of(call[1]), start = count_of(call[2]);
  const auto indices = array<std::int32_t>(call[3], "indices");
  if (columns == 0 || matrix.size % columns != 0) {
    throw Napi::RangeError::New(call.Env(), "matrix: not one with these columns");
  }
  const std::size_t rows = matrix.size / columns;
  if (start >= rows) throw Napi::RangeError::New(call.Env(), "start: out of range");
  const auto count = std::make_shared<std::size_t>(0);
  return run_task(
      call.Env(), call[4],
      [=](const Execution& execution) {
        const auto picked =
            farthest_points(matrix.data, rows, columns, indices.size, start, execution);
        *count = picked.indices.size();
        std::copy(picked.indices.begin(), picked.indices.end(), indices.data);
      },
      [=](Napi::Env env) { return Napi::Number::New(env, static_cast<double>(*count)); },
      {call[0], call[3]});
}

// cur(matrix, columns, pickColumns, targets, mixing, {leading, recomputeEvery},
//     indices: Int32Array(count), scores: Float64Array(count), options)
Napi::Value select_cur(const Napi::CallbackInfo& call) {
  const Candidates candidates = parse_candidates(call);
  const auto parameters = call[5].As<Napi::Object>();
  const auto indices = array<std::int32_t>(call[6], "indices");
  const auto scores = array<double>(call[7], "scores", indices.size);
  const CurOptions options{indices.size,
                           count_of(parameters.Get("leading"), "leading", 1, candidates.count()),
                           count_of(parameters.Get("recomputeEvery"))};
  if (options.count > candidates.count()) {
    throw Napi::RangeError::New(call.Env(), "indices: more than there are candidates");
  }
  return run_task(call.Env(), call[8],
                  [=](const Execution& execution) {
                    std::vector<double> storage;
                    const double* data = candidates.as_rows(storage);
                    const std::size_t count = candidates.count(), features = candidates.features();
                    const std::optional<PcovTargets> targets = candidates.as_targets();
                    const CurSelection picked =
                        targets ? pcov_cur(Rows(data, static_cast<Eigen::Index>(count),
                                                static_cast<Eigen::Index>(features)),
                                           *targets, options, execution)
                                : cur(data, count, features, options, execution);
                    copy(picked, picked.scores, indices, scores);
                  },
                  {}, {call[0], call[3], call[6], call[7]});
}

// leverageScores(matrix, columns, pickColumns, targets, mixing, leading,
//                scores: Float64Array(N or F), options)
Napi::Value score_leverage(const Napi::CallbackInfo& call) {
  const Candidates candidates = parse_candidates(call);
  const std::size_t leading = count_of(call[5], "leading", 1, candidates.count());
  const auto scores = array<double>(call[6], "scores", candidates.count());
  return run_task(call.Env(), call[7],
                  [=](const Execution& execution) {
                    const JoinedRows rows(candidates);
                    const std::vector<double> found = leverage_scores(
                        rows.data(), candidates.count(), rows.features(), leading, execution);
                    std::copy(found.begin(), found.end(), scores.data);
                  },
                  {}, {call[0], call[3], call[6]});
}

}  // namespace

void export_selection(Napi::Env env, Napi::Object exports) {
  export_functions(env, exports,
                   {
                       {"farthestPoints", select_farthest},
                       {"farthestRows", select_farthest_rows},
                       {"cur", select_cur},
                       {"leverageScores", score_leverage},
                   });
}

}  // namespace soapstone::binding
