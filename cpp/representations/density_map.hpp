#pragma once

#include <cstddef>
#include <vector>

#include "density/expansion.hpp"

namespace soapstone {

/// Linear combinations of the channels of a density, the same for every l and m,
///
///   a_qlm = Σ_αn W_q,αn c^α_nlm,
///
/// in groups of densities q. Sums over species or radial functions, mixtures and projections are
/// all of this form.
struct DensityWeights {
  std::vector<std::size_t> counts;  ///< densities q of each group
  std::vector<double> weights;      ///< [group][q][channel][n]
};

/// The map, its tangent and its adjoint. A group that is one channel as it stands costs nothing:
/// its densities are the coefficients of that channel. Channels without a weight in a group are
/// left out, and multiples of whole channels are sums without a matrix.
class DensityMap {
 public:
  /// Throws InvalidInput if there are not as many weights as the expansion asks for.
  DensityMap(const DensityWeights& weights, const SphericalExpansion& expansion);

  std::size_t groups() const { return groups_.size(); }
  std::size_t count(std::size_t group) const { return groups_[group].count; }
  std::size_t stride(std::size_t group) const { return groups_[group].stride; }  ///< count, padded
  /// Whether densities of the group depend on a channel.
  bool touches(std::size_t group, std::size_t channel) const;

  /// Numbers of the groups that are computed, each [lm][q].
  std::size_t size() const { return size_; }
  /// Computes them.
  void apply(const double* coefficients, double* densities) const;
  /// Densities [lm][q] of a group, q padded by zeros, computed or among the coefficients.
  const double* group(std::size_t group, const double* coefficients, const double* densities) const;

  /// Densities [lm][q] of a group for coefficients [lm][n] of one channel that it depends on, in
  /// `out` or where they already stand.
  const double* tangent(std::size_t group, std::size_t channel, const double* coefficients,
                        double* out) const;

  /// Where ∂L/∂a of a group belongs: among the gradients of computed densities or, for a group that
  /// is a channel as it stands, of coefficients.
  double* group(std::size_t group, double* coefficients_gradient, double* densities_gradient) const;
  /// Adds what the gradients of the computed densities say of the coefficients.
  void add_adjoint(const double* densities_gradient, double* coefficients_gradient) const;

 private:
  /// What one channel gives to the densities of a group: a multiple, or a matrix.
  struct Term {
    std::size_t channel;
    double multiple;           // if there is no matrix
    AlignedVector matrix;      // n × q padded
    AlignedVector transposed;  // q × n padded
  };
  struct Group {
    std::size_t count;
    std::size_t stride;
    std::size_t offset;  // among the computed densities, or of its channel's coefficients
    bool computed;
    std::vector<Term> terms;
  };

  void add_term(const Group& group, const Term& term, const double* channel, bool first,
                double* out) const;

  std::size_t lm_count_, radial_count_, radial_stride_, channel_size_;
  std::size_t size_ = 0;
  std::vector<Group> groups_;
};

}  // namespace soapstone
