#pragma once

#include <Eigen/Dense>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "common/execution.hpp"
#include "math/leading_eigenvectors.hpp"
#include "regression/cur.hpp"

namespace soapstone {

/// The greedy loop of CUR on what is left of a matrix after each pick: `Residual` gives the
/// scores(pairs) of all candidates by a search for eigenpairs of size(), can remove(candidate), and
/// says when it is exhausted(). Ties go to the lower index.
///
/// Throws kNumerical when nothing is left before `options.count` are picked.
template <typename Residual>
CurSelection pick_by_scores(Residual& residual, std::size_t candidates, const CurOptions& options,
                            const Execution& execution) {
  LeadingEigenvectors pairs(residual.size(), static_cast<Eigen::Index>(options.leading));
  CurSelection picked;
  std::vector<bool> taken(candidates, false);
  Eigen::VectorXd scores;
  while (picked.indices.size() < options.count) {
    execution.check_cancelled();
    const std::size_t done = picked.indices.size();
    if (residual.exhausted()) {
      throw Error(ErrorCode::kNumerical, "only " + std::to_string(done) +
                                             " are linearly independent, cannot pick " +
                                             std::to_string(options.count));
    }
    if (done == 0 || (options.recompute_every > 0 && done % options.recompute_every == 0)) {
      scores = residual.scores(pairs);
    }
    std::size_t best = candidates;
    for (std::size_t i = 0; i < candidates; ++i) {
      const bool better = best == candidates || scores(static_cast<Eigen::Index>(i)) >
                                                    scores(static_cast<Eigen::Index>(best));
      if (!taken[i] && better) best = i;
    }
    taken[best] = true;
    picked.indices.push_back(static_cast<std::int32_t>(best));
    picked.scores.push_back(scores(static_cast<Eigen::Index>(best)));
    if (options.recompute_every > 0) residual.remove(static_cast<Eigen::Index>(best));
    if (execution.progress) execution.progress(done + 1, options.count);
  }
  return picked;
}

}  // namespace soapstone
