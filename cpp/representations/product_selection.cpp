#include <cmath>
#include <set>
#include <string>

#include "common/error.hpp"
#include "representations/product_functions.hpp"

namespace soapstone {

namespace {

void check_columns(const std::vector<std::size_t>& columns, std::size_t features) {
  if (columns.back() < features) return;
  throw Error(ErrorCode::kInvalidInput, "columns: expected indices of the " +
                                            std::to_string(features) + " columns, got " +
                                            std::to_string(columns.back()));
}

}  // namespace

/// Leaves out all features but these, and forgets what only they were built on.
void ProductFunctions::keep(const std::vector<std::size_t>& columns) {
  check_columns(columns, feature_count_);
  for (auto& level : levels_) {
    for (Function& function : level) function.used = false;
  }
  std::vector<ProductBlock> blocks;
  std::vector<ProductGroup> groups;
  std::size_t group = 0, kept = 0;
  auto column = columns.begin();
  for (const ProductBlock& block : blocks_) {
    const auto components = static_cast<std::size_t>(2 * block.lambda + 1);
    std::vector<std::size_t> chosen;  // functions
    for (std::size_t mu = 0; mu < components; ++mu) {
      std::vector<std::size_t> of_mu;
      const std::size_t first = block.column + mu * block.functions;
      for (; column != columns.end() && *column < first + block.functions; ++column) {
        of_mu.push_back(*column - first);
      }
      if (mu == 0) chosen = of_mu;
      if (of_mu == chosen) continue;
      throw Error(
          ErrorCode::kInvalidInput,
          "columns: expected all components μ = −λ … λ of a tensor or none, got some of one "
          "of rank " +
              std::to_string(block.lambda));
    }
    const std::size_t end = block.column + block.functions;
    const auto order = static_cast<std::size_t>(block.order);
    ProductBlock left{block.order, block.lambda, block.sigma, kept, chosen.size(), {}, {}};
    auto next = chosen.begin();
    for (; group < features_.size() && features_[group].target < end; ++group) {
      const ProductGroup& from = features_[group];
      const std::size_t first = from.target - block.column;
      ProductGroup to{from.coupling, from.left, {}, {}, kept, chosen.size()};
      for (; next != chosen.end() && *next < first + from.right.size(); ++next) {
        to.right.push_back(from.right[*next - first]);
        to.scale.push_back(from.scale[*next - first]);
        const auto at = static_cast<std::ptrdiff_t>(*next * order);
        left.factors.insert(left.factors.end(), block.factors.begin() + at,
                            block.factors.begin() + at + block.order);
        left.ranks.insert(left.ranks.end(), block.ranks.begin() + at,
                          block.ranks.begin() + at + block.order);
      }
      if (to.right.empty()) continue;
      levels_[order - 1][to.left].used = true;
      kept += to.right.size();
      groups.push_back(std::move(to));
    }
    if (chosen.empty()) continue;
    kept = left.column + components * chosen.size();
    blocks.push_back(std::move(left));
  }
  blocks_ = std::move(blocks);
  features_ = std::move(groups);
  feature_count_ = kept;
}

ProductFunctions ProductFunctions::power_spectrum(const std::vector<std::size_t>& columns,
                                                  int channels, int radial_count, int max_angular) {
  ProductFunctions result;
  result.add_factors(channels, radial_count, max_angular, 1.0);
  ProductBlock block{2, 0, 1, 0, columns.size(), {}, {}};
  const auto factor = [&](int l, int channel, int n) {
    return result.first_of_l_[l] + static_cast<std::size_t>(channel * radial_count + n);
  };
  std::size_t row = 0;  // column of the first n' of a channel pair, l and n
  auto column = columns.begin();
  for (int a = 0; a < channels; ++a) {
    for (int b = a; b < channels; ++b) {
      for (int l = 0; l <= max_angular; ++l) {
        for (int n = 0; n < radial_count; ++n) {
          const int least = a == b ? n : 0;
          const std::size_t end = row + static_cast<std::size_t>(radial_count - least);
          const Coupling& coupling = result.coupling(l, l, 0);
          const double sign = coupling.terms[0].value < 0.0 ? -1.0 : 1.0;  // (−1)^l
          const std::size_t left = factor(l, a, n);
          ProductGroup group{&coupling, result.offset(left), {}, {}, result.feature_count_, 1};
          for (; column != columns.end() && *column < end; ++column) {
            const std::size_t right = factor(l, b, least + static_cast<int>(*column - row));
            const std::vector<int> both{static_cast<int>(left), static_cast<int>(right)};
            group.right.push_back(result.offset(right));
            group.scale.push_back(left == right ? sign : sign * std::sqrt(2.0));
            block.factors.insert(block.factors.end(), both.begin(), both.end());
            block.ranks.insert(block.ranks.end(), {l, 0});
          }
          result.feature_count_ += group.right.size();
          if (!group.right.empty()) result.features_.push_back(std::move(group));
          row = end;
        }
      }
    }
  }
  check_columns(columns, row);
  result.blocks_.push_back(std::move(block));
  result.note_what_is_read();
  return result;
}

/// Finds the factors that functions are made from.
void ProductFunctions::note_what_is_read() {
  std::set<std::uint32_t> read;
  for (const auto* groups : {&stored_, &features_}) {
    for (const ProductGroup& group : *groups) {
      read.insert(group.left);
      read.insert(group.right.begin(), group.right.end());
    }
  }
  for (std::size_t f = 0; f < factors_.size(); ++f) reads_.push_back(read.count(offset(f)) > 0);
}

}  // namespace soapstone
