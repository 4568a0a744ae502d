#include "representations/product_functions.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <random>

#include "common/error.hpp"

namespace soapstone {

namespace {

bool triangle(int l1, int l2, int lambda) {
  return std::abs(l1 - l2) <= lambda && lambda <= l1 + l2;
}

/// √ of the number of different orders of sorted factors.
double multiplicity(const std::vector<int>& factors) {
  double orders = 1.0;
  double run = 0.0;
  for (std::size_t k = 0; k < factors.size(); ++k) {
    run = k > 0 && factors[k] == factors[k - 1] ? run + 1.0 : 1.0;
    orders *= double(k + 1) / run;
  }
  return std::sqrt(orders);
}

}  // namespace

ProductFunctions::ProductFunctions(const ProductParameters& parameters, int channels,
                                   int radial_count, int max_angular) {
  add_factors(channels, radial_count, max_angular, parameters.angular_weight);
  for (int order = 2; order < parameters.most_order; ++order) add_level(parameters, order);
  for (int order = parameters.least_order; order <= parameters.most_order; ++order) {
    add_features(parameters, order);
  }
  if (feature_count_ == 0) {
    throw Error(ErrorCode::kInvalidInput,
                "no product of coefficients has the orders, ranks, parities and degree asked for");
  }
  if (!parameters.columns.empty()) keep(parameters.columns);
  store_used();
  note_what_is_read();
}

void ProductFunctions::add_factors(int channels, int radial_count, int max_angular,
                                   double angular_weight) {
  for (int l = 0; l <= max_angular; ++l) {
    first_of_l_.push_back(factors_.size());
    for (int a = 0; a < channels; ++a) {
      for (int n = 0; n < radial_count; ++n) factors_.push_back({l, a, n});
    }
  }
  first_of_l_.push_back(factors_.size());

  levels_.push_back({{0, -1, 0, 0, 0.0}});
  levels_.emplace_back();
  for (std::size_t f = 0; f < factors_.size(); ++f) {
    const Factor& factor = factors_[f];
    const double degree = factor.n + 1.0 + angular_weight * factor.l;
    levels_[1].push_back({0, static_cast<int>(f), factor.l, factor.l, degree,
                          static_cast<std::uint32_t>(workspace_)});
    workspace_ += static_cast<std::size_t>(2 * factor.l + 1);
  }
}

template <typename Visit>
void ProductFunctions::for_each_next(const ProductParameters& parameters, const Function& function,
                                     int l, double spare, const Visit& visit) const {
  const std::size_t from =
      std::max(first_of_l_[l], static_cast<std::size_t>(std::max(function.factor, 0)));
  for (std::size_t f = from; f < first_of_l_[l + 1]; ++f) {
    if (function.degree + levels_[1][f].degree + spare <= parameters.most_degree + 1e-9) {
      visit(static_cast<int>(f));
    }
  }
}

void ProductFunctions::add_level(const ProductParameters& parameters, int order) {
  const int max_angular = static_cast<int>(first_of_l_.size()) - 2;
  const int remaining = parameters.most_order - order;
  const int reach = remaining * max_angular + parameters.lambdas.back();
  std::vector<Function> level;
  for (std::size_t left = 0; left < levels_[order - 1].size(); ++left) {
    const Function& function = levels_[order - 1][left];
    for (int l = factors_[function.factor].l; l <= max_angular; ++l) {
      for (int rank = std::abs(function.rank - l); rank <= std::min(function.rank + l, reach);
           ++rank) {
        for_each_next(parameters, function, l, remaining, [&](int factor) {
          if (!is_independent(order, function, factor, rank)) return;
          count_product();
          level.push_back({left, factor, rank, function.angular_sum + l,
                           function.degree + levels_[1][factor].degree});
        });
      }
    }
  }
  levels_.push_back(std::move(level));
}

void ProductFunctions::count_product() {
  // About a gigabyte of what is known of them.
  constexpr std::size_t kMostProducts = 10'000'000;
  if (++products_ <= kMostProducts) return;
  throw Error(ErrorCode::kMemoryLimit,
              "this basis has more than " + std::to_string(kMostProducts) +
                  " products of coefficients: take fewer orders, a lower degree, a smaller basis, "
                  "fewer elements or channels that mix them");
}

void ProductFunctions::add_features(const ProductParameters& parameters, int order) {
  for (const int lambda : parameters.lambdas) {
    if (parameters.even) add_block(parameters, order, lambda, 1);
    if (parameters.odd) add_block(parameters, order, lambda, -1);
  }
}

void ProductFunctions::add_block(const ProductParameters& parameters, int order, int lambda,
                                 int sigma) {
  const int max_angular = static_cast<int>(first_of_l_.size()) - 2;
  ProductBlock block{order, lambda, sigma, feature_count_, 0, {}, {}};
  const std::size_t first_group = features_.size();
  for (Function& function : levels_[order - 1]) {
    const int least = function.factor < 0 ? 0 : factors_[function.factor].l;
    for (int l = least; l <= max_angular; ++l) {
      const int parity = (function.angular_sum + l + lambda) % 2 == 0 ? 1 : -1;
      if (parity != sigma || !triangle(function.rank, l, lambda)) continue;
      ProductGroup group{&coupling(function.rank, l, lambda), 0, {}, {}, 0, 0};
      std::vector<int> factors = factors_of(order - 1, function);
      const Chain chain = chain_of(order - 1, function);
      for_each_next(parameters, function, l, 0.0, [&](int factor) {
        if (!is_independent(order, function, factor, lambda)) return;
        count_product();
        factors.push_back(factor);
        group.right.push_back(offset(factor));
        group.scale.push_back(multiplicity(factors));
        block.factors.insert(block.factors.end(), factors.begin(), factors.end());
        block.ranks.insert(block.ranks.end(), chain.begin(), chain.end());
        block.ranks.push_back(lambda);
        factors.pop_back();
      });
      if (group.right.empty()) continue;
      function.used = true;
      group.target = block.functions;  // made absolute below, as is `left` in store_used
      group.left = static_cast<std::uint32_t>(&function - levels_[order - 1].data());
      block.functions += group.right.size();
      features_.push_back(std::move(group));
    }
  }
  if (block.functions == 0) return;
  for (std::size_t g = first_group; g < features_.size(); ++g) {
    features_[g].target += block.column;
    features_[g].step = block.functions;
  }
  feature_count_ += static_cast<std::size_t>(2 * lambda + 1) * block.functions;
  blocks_.push_back(std::move(block));
}

/// Gives every function that others build on its place in the workspace.
void ProductFunctions::store_used() {
  for (std::size_t order = levels_.size() - 1; order >= 2; --order) {
    for (const Function& function : levels_[order]) {
      if (function.used) levels_[order - 1][function.left].used = true;
    }
  }
  for (std::size_t order = 2; order < levels_.size(); ++order) {
    const Function* last = nullptr;
    for (Function& function : levels_[order]) {
      if (!function.used) continue;
      const int l = factors_[function.factor].l;
      const bool joins = last != nullptr && last->left == function.left &&
                         last->rank == function.rank && factors_[last->factor].l == l;
      const Function& left = levels_[order - 1][function.left];
      if (!joins) {
        stored_.push_back(
            {&coupling(left.rank, l, function.rank), left.offset, {}, {}, workspace_, 1});
      }
      stored_.back().right.push_back(offset(function.factor));
      stored_.back().scale.push_back(1.0);
      function.offset = static_cast<std::uint32_t>(workspace_);
      workspace_ += static_cast<std::size_t>(2 * function.rank + 1);
      last = &function;
    }
  }
  std::size_t group = 0;
  for (const ProductBlock& block : blocks_) {
    const std::size_t end = block.column + block.functions;
    for (; group < features_.size() && features_[group].target < end; ++group) {
      features_[group].left = levels_[block.order - 1][features_[group].left].offset;
    }
  }
}

std::vector<int> ProductFunctions::factors_of(int order, const Function& function) const {
  std::vector<int> result(static_cast<std::size_t>(order));
  const Function* f = &function;
  for (int k = order; k > 0; --k) {
    result[k - 1] = f->factor;
    f = &levels_[k - 1][f->left];
  }
  return result;
}

ProductFunctions::Chain ProductFunctions::chain_of(int order, const Function& function) const {
  Chain result(static_cast<std::size_t>(order));
  const Function* f = &function;
  for (int k = order; k > 0; --k) {
    result[k - 1] = f->rank;
    f = &levels_[k - 1][f->left];
  }
  return result;
}

const Coupling& ProductFunctions::coupling(int l1, int l2, int lambda) {
  const auto key = std::tuple(l1, l2, lambda);
  const auto found = couplings_.find(key);
  if (found != couplings_.end()) return found->second;
  return couplings_.emplace(key, Coupling(l1, l2, lambda)).first->second;
}

/// Whether the function's chain, extended by a factor and coupled to `rank`, is to be kept.
bool ProductFunctions::is_independent(int order, const Function& left, int factor, int rank) {
  if (factor != left.factor) return true;  // products of different factors all are
  std::vector<int> factors = factors_of(order - 1, left);
  factors.push_back(factor);
  std::vector<int> angular, same;  // same[k]: factor k is factor k − 1
  for (std::size_t k = 0; k < factors.size(); ++k) {
    angular.push_back(factors_[factors[k]].l);
    same.push_back(k > 0 && factors[k] == factors[k - 1]);
  }
  Chain chain = chain_of(order - 1, left);
  chain.push_back(rank);
  const std::vector<Chain>& kept = independent_chains(angular, same, rank);
  return std::find(kept.begin(), kept.end(), chain) != kept.end();
}

const std::vector<ProductFunctions::Chain>& ProductFunctions::independent_chains(
    const std::vector<int>& angular, const std::vector<int>& same, int rank) {
  const auto key = std::tuple(angular, same, rank);
  if (const auto found = chains_.find(key); found != chains_.end()) return found->second;

  std::vector<Chain> candidates;
  const std::size_t order = angular.size();
  if (order == 1) {
    if (rank == angular[0]) candidates.push_back({rank});
    return chains_[key] = candidates;
  }
  const std::vector<int> below(angular.begin(), angular.end() - 1);
  const std::vector<int> below_same(same.begin(), same.end() - 1);
  for (int l = std::abs(rank - angular.back()); l <= rank + angular.back(); ++l) {
    for (Chain chain : independent_chains(below, below_same, l)) {
      chain.push_back(rank);
      candidates.push_back(std::move(chain));
    }
  }
  if (!same.back() || candidates.empty()) return chains_[key] = candidates;

  // Columns: the candidates on random coefficients. Gram–Schmidt keeps what is new.
  std::mt19937 random(17);
  std::normal_distribution<double> normal;
  const std::size_t samples = candidates.size() + 4;
  const auto components = static_cast<std::size_t>(2 * rank + 1);
  Eigen::MatrixXd columns(samples * components, candidates.size());
  for (std::size_t s = 0; s < samples; ++s) {
    std::vector<std::vector<double>> tensors;
    for (std::size_t k = 0; k < order; ++k) {
      if (same[k]) {
        tensors.push_back(tensors.back());
        continue;
      }
      tensors.emplace_back(static_cast<std::size_t>(2 * angular[k] + 1));
      for (double& x : tensors.back()) x = normal(random);
    }
    for (std::size_t c = 0; c < candidates.size(); ++c) {
      std::vector<double> product = tensors[0];
      for (std::size_t k = 1; k < order; ++k) {
        const int l = candidates[c][k];
        std::vector<double> next(static_cast<std::size_t>(2 * l + 1), 0.0);
        for (const CouplingTerm& t : coupling(candidates[c][k - 1], angular[k], l).terms) {
          next[t.mu] += t.value * product[t.m1] * tensors[k][t.m2];
        }
        product = std::move(next);
      }
      for (std::size_t mu = 0; mu < components; ++mu) {
        columns(static_cast<Eigen::Index>(s * components + mu), static_cast<Eigen::Index>(c)) =
            product[mu];
      }
    }
  }
  std::vector<Chain> kept;
  std::vector<Eigen::VectorXd> directions;
  for (std::size_t c = 0; c < candidates.size(); ++c) {
    Eigen::VectorXd column = columns.col(static_cast<Eigen::Index>(c));
    const double norm = column.norm();
    for (int pass = 0; pass < 2; ++pass) {
      for (const Eigen::VectorXd& d : directions) column -= d.dot(column) * d;
    }
    if (norm < 1e-10 || column.norm() < 1e-8 * norm) continue;  // vanishes, or is not new
    directions.push_back(column.normalized());
    kept.push_back(candidates[c]);
  }
  return chains_[key] = kept;
}

}  // namespace soapstone
