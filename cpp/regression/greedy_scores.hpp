#pragma once

#include <Eigen/Dense>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "common/execution.hpp"
#include "regression/cur.hpp"

namespace soapstone {

/// Scores of picks are as exact as this, relative to themselves.
constexpr double kScoreError = 1e-3;

/// Which of the candidates that are left scores most; ties go to the lower index.
inline std::size_t best_left(const Eigen::VectorXd& scores, const std::vector<bool>& taken) {
  std::size_t best = taken.size();
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const bool better = best == taken.size() || scores(static_cast<Eigen::Index>(i)) >
                                                    scores(static_cast<Eigen::Index>(best));
    if (!taken[i] && better) best = i;
  }
  return best;
}

/// Whether the best score is known and no other can reach it, when the space of the leading
/// vectors may be turned by an angle: then |P̂ e| changes by no more than that, for the projection P̂
/// on the space and any unit vector e.
inline bool decided(Eigen::VectorXd scores, const std::vector<bool>& taken, double angle) {
  constexpr double kSafety = 2.0;  // gaps to next values are estimates
  const auto best = static_cast<Eigen::Index>(best_left(scores, taken));
  const double most = scores(best), error = kSafety * angle * (2.0 * std::sqrt(most) + angle);
  scores(best) = 0.0;
  const double next = scores(static_cast<Eigen::Index>(best_left(scores, taken)));
  return error <= kScoreError * most && most - next > 2.0 * error;
}

/// The greedy loop of CUR on what is left of a matrix after each pick: `Residual` gives the
/// scores(enough) of all candidates, of which no better ones are needed as soon as enough(scores,
/// angle); it can remove(candidate), and says when it is exhausted(). Ties go to the lower index.
///
/// Throws kNumerical when nothing is left before `options.count` are picked.
template <typename Residual>
CurSelection pick_by_scores(Residual& residual, std::size_t candidates, const CurOptions& options,
                            const Execution& execution) {
  CurSelection picked;
  std::vector<bool> taken(candidates, false);
  Eigen::VectorXd scores;
  const auto enough = [&](const Eigen::VectorXd& found, double angle) {
    return options.recompute_every == 1 && decided(found, taken, angle);
  };
  while (picked.indices.size() < options.count) {
    execution.check_cancelled();
    const std::size_t done = picked.indices.size();
    if (residual.exhausted()) {
      throw Error(ErrorCode::kNumerical, "only " + std::to_string(done) +
                                             " are linearly independent, cannot pick " +
                                             std::to_string(options.count));
    }
    if (done == 0 || (options.recompute_every > 0 && done % options.recompute_every == 0)) {
      scores = residual.scores(enough);
    }
    const std::size_t best = best_left(scores, taken);
    taken[best] = true;
    picked.indices.push_back(static_cast<std::int32_t>(best));
    picked.scores.push_back(scores(static_cast<Eigen::Index>(best)));
    if (options.recompute_every > 0) residual.remove(static_cast<Eigen::Index>(best));
    if (execution.progress) execution.progress(done + 1, options.count);
  }
  return picked;
}

}  // namespace soapstone
