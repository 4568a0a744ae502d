#include "representations/selected_columns.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "common/error.hpp"

namespace soapstone {

SelectedColumns::SelectedColumns(std::shared_ptr<const Representation> inner,
                                 std::vector<std::size_t> columns)
    : inner_(std::move(inner)), columns_(std::move(columns)) {
  if (columns_.back() >= inner_->features()) {
    throw Error(ErrorCode::kInvalidInput, "columns: expected indices of the " +
                                              std::to_string(inner_->features()) +
                                              " columns, got " + std::to_string(columns_.back()));
  }
  for (std::size_t channel = 0; channel < expansion().channels(); ++channel) {
    const std::vector<std::size_t>& all = inner_->touched(channel);
    touched_.emplace_back();
    touched_from_.emplace_back();
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      const auto found = std::lower_bound(all.begin(), all.end(), columns_[k]);
      if (found == all.end() || *found != columns_[k]) continue;
      touched_.back().push_back(k);
      touched_from_.back().push_back(static_cast<std::size_t>(found - all.begin()));
    }
  }
}

void SelectedColumns::values(const Environment* environments, std::size_t count, double* features,
                             std::size_t step) const {
  thread_local AlignedVector all;
  const std::size_t size = inner_->features();
  all.resize(count * size);
  inner_->values(environments, count, all.data(), size);
  for (std::size_t e = 0; e < count; ++e) {
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      features[e * step + k] = all[e * size + columns_[k]];
    }
  }
}

void SelectedColumns::adjoint(const Environment* environments, std::size_t count,
                              const double* features_gradient, std::size_t step,
                              double* coefficients_gradient) const {
  thread_local AlignedVector all;
  const std::size_t size = inner_->features();
  all.assign(count * size, 0.0);
  for (std::size_t e = 0; e < count; ++e) {
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      all[e * size + columns_[k]] = features_gradient[e * step + k];
    }
  }
  inner_->adjoint(environments, count, all.data(), size, coefficients_gradient);
}

void SelectedColumns::jacobian(const Environment& environment, std::size_t channel,
                               const double* coefficients_derivative, double* rows,
                               std::size_t step) const {
  thread_local AlignedVector all;
  const std::size_t size = inner_->touched(channel).size();
  all.resize(3 * size);
  inner_->jacobian(environment, channel, coefficients_derivative, all.data(), size);
  const std::vector<std::size_t>& from = touched_from_[channel];
  for (std::size_t axis = 0; axis < 3; ++axis) {
    for (std::size_t k = 0; k < from.size(); ++k) {
      rows[axis * step + k] = all[axis * size + from[k]];
    }
  }
}

}  // namespace soapstone
