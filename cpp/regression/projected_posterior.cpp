#include "regression/projected_posterior.hpp"

#include <algorithm>
#include <utility>

#include "common/parallel.hpp"

namespace soapstone {

namespace {

using Eigen::Index;

/// Samples that go through the products together: as many as stay in the second-level cache.
constexpr std::size_t kSamples = 96;

}  // namespace

ProjectedPosterior::ProjectedPosterior(const Eigen::MatrixXd& prior, std::vector<std::size_t> first,
                                       const Eigen::MatrixXd& factor, const Execution& execution)
    : first_(std::move(first)), factor_(factor, execution) {
  for (std::size_t c = 0; c + 1 < first_.size(); ++c) {
    const auto from = static_cast<Index>(first_[c]);
    const Index count = static_cast<Index>(first_[c + 1]) - from;
    prior_.emplace_back(prior.block(from, from, count, count), execution);
  }
}

void ProjectedPosterior::variance(const double* kernels, const double* own, std::size_t rows,
                                  double* out, const Execution& execution) const {
  const std::size_t step = size();
  parallel_blocks(rows, kSamples, execution, [&](std::size_t begin, std::size_t count) {
    thread_local std::vector<double> whitened;
    grow(whitened, count * step);
    double explained[kSamples] = {}, left[kSamples] = {};
    for (std::size_t c = 0; c < prior_.size(); ++c) {
      prior_[c].apply(kernels + begin * step + first_[c], step, count, whitened.data() + first_[c],
                      step, explained);
    }
    factor_.apply(whitened.data(), step, count, nullptr, 0, left);
    for (std::size_t s = 0; s < count; ++s) {
      out[begin + s] = std::max(own[begin + s] - explained[s], 0.0) + left[s];
    }
  });
}

}  // namespace soapstone
