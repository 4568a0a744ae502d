#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "common/execution.hpp"
#include "common/structures.hpp"
#include "neighbours/shard.hpp"
#include "representations/representation.hpp"

namespace soapstone {

/// The same drivers serve every representation; they see it only through its interface.

/// Which atoms of a batch have a row of features, and which one.
struct AtomRows {
  std::size_t count;             ///< of rows
  const std::int32_t* of_atoms;  ///< of each atom, −1 where it has none; null: all in their order

  bool has(std::size_t atom) const { return of_atoms == nullptr || of_atoms[atom] >= 0; }
  std::size_t of(std::size_t atom) const {
    return of_atoms == nullptr ? atom : static_cast<std::size_t>(of_atoms[atom]);
  }
};

/// Writes the features of all A atoms of the batch, A × features(). Real is double or float: a
/// float is a double that was rounded when it was stored, |error| ≤ 2⁻²⁴ |feature|.
template <typename Real>
void compute_values(const Representation& representation, const BatchView& batch,
                    const Execution& execution, Real* values);

/// The same for the atoms that have rows, a row every `step` numbers, times a weight: one part of
/// longer rows.
template <typename Real>
void compute_values(const Representation& representation, const BatchView& batch,
                    const AtomRows& rows, const Execution& execution, double weight, Real* values,
                    std::size_t step);

/// How the environments of a batch are gone through.
struct Traversal {
  std::size_t tile = 1;                                   ///< most environments at a time
  std::size_t shard_atoms = 8192;                         ///< see for_each_shard
  std::size_t most_items = static_cast<std::size_t>(-1);  ///< of a shard, about

  /// Of so many centres of a shard, those that follow each other and that one thread works on;
  /// tiles do not reach over their end.
  std::size_t item_size(std::size_t centres) const;
};

/// Calls before(shard) for each shard, then visit(shard, centres within it, count, environments,
/// thread) for all environments of a batch, or those of atoms that have rows, from any of
/// resolve_threads(execution, atoms) threads, and after(shard) when those of a shard are done. What
/// comes together does not depend on the number of threads.
void for_each_environment(const SphericalExpansion& expansion, const BatchView& batch,
                          const AtomRows& rows, const Traversal& traversal,
                          const Execution& execution,
                          const std::function<void(const Shard&)>& before,
                          const std::function<void(const Shard&, const std::size_t*, std::size_t,
                                                   const Environment*, int)>& visit,
                          const std::function<void(const Shard&)>& after);

/// Writes ∂L/∂c of environments, visited as above; one after the other.
using CoefficientsGradient = std::function<void(const Shard&, std::size_t, std::size_t,
                                                const Environment*, double* gradient)>;

/// The derivative by positions, A × 3, and, unless null, strain, structures × 9, from that by
/// coefficients; adds to what is there.
void add_vjp(const SphericalExpansion& expansion, std::size_t tile, const BatchView& batch,
             const CoefficientsGradient& coefficients_gradient, const Execution& execution,
             double* positions, double* strain);

/// The vector–Jacobian product. Given ∂L/∂features, A × features(), writes ∂L/∂positions, A × 3,
/// and, unless null, ∂L/∂strain, structures × 9 (strain[3a + b] = Σ r_a ∂L/∂r_b). Costs about one
/// more forward pass; ∂features/∂r never exists.
void compute_vjp(const Representation& representation, const BatchView& batch,
                 const double* features_gradient, const Execution& execution, double* positions,
                 double* strain);

}  // namespace soapstone
