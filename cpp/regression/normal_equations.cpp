#include "regression/normal_equations.hpp"

#include <algorithm>
#include <utility>

#include "common/error.hpp"
#include "common/parallel.hpp"
#include "math/row_matrix.hpp"
#include "regression/cholesky.hpp"

namespace soapstone {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

/// Columns of the normal equations that are summed at a time.
constexpr Index kColumns = 64;

}  // namespace

NormalEquations::NormalEquations(MatrixXd prior, std::vector<std::size_t> first, std::size_t groups,
                                 std::size_t kinds, std::size_t targets)
    : prior_(std::move(prior)),
      first_(std::move(first)),
      groups_(groups),
      kinds_(kinds),
      targets_(targets),
      sums_(groups * kinds, GramAccumulator(points(), targets)) {}

void NormalEquations::check_whole() const {
  if (whole_) return;
  throw Error(ErrorCode::kInvalidInput,
              "this fit was interrupted while samples were added to it, and some are lost; make it "
              "anew");
}

void NormalEquations::flush_full(const Execution& execution) {
  for (GramAccumulator& sum : sums_) {
    if (sum.full()) sum.flush(prior_, first_, execution);
  }
}

void NormalEquations::flush(const Execution& execution) {
  check_whole();
  for (GramAccumulator& sum : sums_) {
    // To be stopped between sums only, which leaves them whole.
    execution.check_cancelled();
    change([&] { sum.flush(prior_, first_, {execution.threads, nullptr, nullptr}); });
  }
}

NormalEquations::Solution NormalEquations::solve(const double* noise, const std::uint8_t* left_out,
                                                 const Execution& execution) {
  flush(execution);
  std::vector<std::pair<double, const GramAccumulator*>> fitted;  // with 1 / σ²
  for (std::size_t g = 0; g < groups_; ++g) {
    for (std::size_t q = 0; q < kinds_; ++q) {
      if (left_out[g] || of(g, q).empty()) continue;
      if (!(noise[q] > 0.0)) {
        throw Error(ErrorCode::kInvalidInput, "the noise of labels must be greater than zero");
      }
      fitted.emplace_back(1.0 / (noise[q] * noise[q]), &of(g, q));
    }
  }
  const auto size = static_cast<Index>(points());
  Solution solution{MatrixXd::Zero(size, static_cast<Index>(targets_)),
                    MatrixXd::Identity(size, size)};
  const Execution quiet = execution.quiet();
  parallel_blocks(size, kColumns, quiet, [&](Index from, Index count) {
    for (Index c = from; c < from + count; ++c) {
      for (const auto& [weight, sum] : fitted) {
        solution.factor.col(c).tail(size - c) += weight * sum->gram().col(c).tail(size - c);
      }
    }
  });
  for (const auto& [weight, sum] : fitted) solution.whitened += weight * sum->moment();
  if (!cholesky(solution.factor, execution)) {
    throw Error(ErrorCode::kNumerical,
                "the normal equations are not positive definite; use a larger noise");
  }
  solve_lower(solution.factor, solution.whitened, quiet);
  solve_upper(solution.factor, solution.whitened, quiet);
  return solution;
}

void NormalEquations::weights(const Solution& solution, double* out,
                              const Execution& execution) const {
  MatrixXd weights = solution.whitened;
  solve_upper(prior_, weights, execution.quiet());
  Eigen::Map<RowMatrix>(out, weights.rows(), weights.cols()) = weights;
}

void NormalEquations::members(const double* noise, const std::uint8_t* left_out,
                              std::size_t members, double* out, const Execution& execution) {
  const Execution quiet = execution.quiet();
  for (std::size_t i = 0; i < members; ++i) {
    weights(solve(noise, left_out + i * groups_, quiet), out + i * points() * targets_, quiet);
    if (execution.progress) execution.progress(i + 1, members);
  }
}

}  // namespace soapstone
