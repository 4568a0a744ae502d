#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/execution.hpp"
#include "common/structures.hpp"
#include "neighbours/neighbour_list.hpp"
#include "representations/representation.hpp"

namespace soapstone {

/// The same drivers serve every representation; they see it only through its interface.

/// Writes the features of all A atoms of the batch, A × features(). Real is double or float: a
/// float is a double that was rounded when it was stored, |error| ≤ 2⁻²⁴ |feature|.
template <typename Real>
void compute_values(const Representation& representation, const BatchView& batch,
                    const Execution& execution, Real* values);

/// The vector–Jacobian product. Given ∂L/∂features, A × features(), writes ∂L/∂positions, A × 3,
/// and, unless null, ∂L/∂strain, structures × 9 (strain[3a + b] = Σ r_a ∂L/∂r_b). Costs about one
/// more forward pass; ∂features/∂r never exists.
void compute_vjp(const Representation& representation, const BatchView& batch,
                 const double* features_gradient, const Execution& execution, double* positions,
                 double* strain);

/// The Jacobian as sparse rows: for each centre i, one row of three (xyz) × features() for every
/// atom k whose motion changes i's features: i itself and its neighbours, ascending; with a
/// long-range density all atoms of its structure.
class Jacobian {
 public:
  /// Finds the rows; computes nothing yet. The representation and the batch must outlive this.
  Jacobian(const Representation& representation, const BatchView& batch,
           const Execution& execution);

  std::size_t rows() const { return moved_.size(); }
  /// A + 1: rows of atom (centre) i are first[i] … first[i+1] − 1.
  const std::vector<std::int64_t>& first() const { return first_; }
  /// The moved atom of each row, an index in the batch.
  const std::vector<std::int32_t>& moved() const { return moved_; }

  /// Writes the rows of centres from … to − 1: (first[to] − first[from]) × 3 × features(), as
  /// double or, rounded when stored, as float.
  template <typename Real>
  void compute(std::size_t from, std::size_t to, const Execution& execution, Real* values) const;

 private:
  const Representation& representation_;
  BatchView batch_;
  std::vector<NeighbourList> lists_;
  std::vector<std::size_t> structure_;  // of each atom
  std::vector<std::int64_t> first_;
  std::vector<std::int32_t> moved_;
};

}  // namespace soapstone
