#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "math/clebsch_gordan.hpp"

namespace soapstone {

/// Which products of expansion coefficients make up a basis.
struct ProductParameters {
  int least_order = 1;          ///< ν of the features, from
  int most_order = 1;           ///< to
  std::vector<int> lambdas{0};  ///< ranks λ of the features, ascending
  bool even = true;             ///< features that turn like proper tensors, σ = +1
  bool odd = false;             ///< features that turn like pseudotensors, σ = −1
  double most_degree = 1e30;    ///< largest Σ_k (n_k + 1 + angular_weight · l_k) over the factors
  double angular_weight = 1.0;  ///< what a unit of l costs, in units of n
  /// Which of these features to keep, ascending and whole tensors; empty: all.
  std::vector<std::size_t> columns{};
};

/// One factor c^α_nlm of a product; m is summed over.
struct Factor {
  int l;
  int channel;
  int n;
};

/// Functions that are computed together: one left factor coupled to several right ones of one l.
struct ProductGroup {
  const Coupling* coupling;
  std::uint32_t left;                ///< where the left factor's 2L + 1 components begin
  std::vector<std::uint32_t> right;  ///< where the components of each right factor begin
  /// Features: √ of the number of different orders of the factors, so that for ν ≤ 3 dot products
  /// are contractions over all of them; 1 for functions that others build on.
  std::vector<double> scale;
  std::size_t target;  ///< column of the first feature, or where the first function is stored
  std::size_t step;    ///< from one μ to the next; functions of a group follow each other
};

/// Features of one order ν, rank λ and parity σ: columns [μ][function].
struct ProductBlock {
  int order;
  int lambda;
  int sigma;                 ///< (−1)^(Σ l + λ): +1 for proper tensors, −1 for pseudotensors
  std::size_t column;        ///< of its first feature
  std::size_t functions;     ///< so that there are (2λ + 1) × functions columns
  std::vector<int> factors;  ///< functions × order, indices into ProductFunctions::factors()
  std::vector<int> ranks;    ///< functions × order: L of the first, of the first two, …; last λ
};

/// The functions of a product basis and the recursion that computes them, one factor at a time:
///
///   A^{(ν+1)}_{λμ} = Σ_{m m'} ⟨L m; l m'|λ μ⟩ A^{(ν)}_{Lm} c^α_nlm',   A^{(0)} = 1
///
/// (J. Nigam, S. Pozdnyakov, M. Ceriotti, J. Chem. Phys. 153, 121101 (2020); in the δ-limit the
/// B-basis of ACE, R. Drautz, Phys. Rev. B 99, 014104 (2019)). ν = 1 is the expansion, ν = 2 the
/// (equivariant) power spectrum, ν = 3 the bispectrum. The factors of a product ascend. Where one
/// comes several times, the chains of couplings are linearly dependent; those are kept that are
/// independent of the ones before, found numerically once for every pattern of l's.
class ProductFunctions {
 public:
  /// Throws InvalidInput where nothing is left.
  ProductFunctions(const ProductParameters& parameters, int channels, int radial_count,
                   int max_angular);

  /// The functions of some columns of a power spectrum, ascending, in its order (see
  /// PowerSpectrum): the same products, λ = 0 of order two. Throws InvalidInput for an index beyond
  /// its columns.
  static ProductFunctions power_spectrum(const std::vector<std::size_t>& columns, int channels,
                                         int radial_count, int max_angular);

  /// All factors, by l, then channel, then n.
  const std::vector<Factor>& factors() const { return factors_; }
  /// Where the components of a factor begin in the workspace; at 0 there is a 1.
  std::uint32_t offset(std::size_t factor) const { return levels_[1][factor].offset; }
  /// Whether any function is made from a factor.
  bool reads(std::size_t factor) const { return reads_[factor]; }
  /// Components of the 1, of all factors and of all stored functions.
  std::size_t workspace() const { return workspace_; }
  /// Functions that others build on, each group after those it uses; laid out [function][μ].
  const std::vector<ProductGroup>& stored() const { return stored_; }
  const std::vector<ProductGroup>& features() const { return features_; }
  std::size_t feature_count() const { return feature_count_; }
  const std::vector<ProductBlock>& blocks() const { return blocks_; }

 private:
  /// A product of the function `left` of the level below with one more factor.
  struct Function {
    std::size_t left;
    int factor;
    int rank;         // L
    int angular_sum;  // Σ l
    double degree;
    std::uint32_t offset = 0;
    bool used = false;
  };
  using Chain = std::vector<int>;  // L of the first factor, of the first two, …

  ProductFunctions() = default;

  void add_factors(int channels, int radial_count, int max_angular, double angular_weight);
  void add_level(const ProductParameters& parameters, int order);
  void add_features(const ProductParameters& parameters, int order);
  void add_block(const ProductParameters& parameters, int order, int lambda, int sigma);
  void keep(const std::vector<std::size_t>& columns);
  void store_used();
  void note_what_is_read();
  /// Throws where there are too many products.
  void count_product();

  /// Calls visit(factor) for the factors of an l that may follow a function.
  template <typename Visit>
  void for_each_next(const ProductParameters& parameters, const Function& function, int l,
                     double spare, const Visit& visit) const;
  bool is_independent(int order, const Function& left, int factor, int rank);
  const std::vector<Chain>& independent_chains(const std::vector<int>& angular,
                                               const std::vector<int>& same, int rank);
  std::vector<int> factors_of(int order, const Function& function) const;
  Chain chain_of(int order, const Function& function) const;
  const Coupling& coupling(int l1, int l2, int lambda);

  std::vector<Factor> factors_;
  std::vector<std::size_t> first_of_l_;        // factors of an l follow each other
  std::vector<std::vector<Function>> levels_;  // by the number of factors
  std::map<std::tuple<int, int, int>, Coupling> couplings_;
  std::map<std::tuple<std::vector<int>, std::vector<int>, int>, std::vector<Chain>> chains_;
  std::vector<ProductGroup> stored_, features_;
  std::vector<ProductBlock> blocks_;
  std::vector<bool> reads_;
  std::size_t products_ = 0;  // features, and what they are built on
  std::size_t workspace_ = 1;
  std::size_t feature_count_ = 0;
};

}  // namespace soapstone
