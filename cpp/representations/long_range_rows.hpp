#pragma once

#include <cstddef>
#include <vector>

#include "common/execution.hpp"
#include "common/structures.hpp"
#include "density/expansion.hpp"
#include "math/simd.hpp"

namespace soapstone {

/// The long-range coefficients of all atoms of a few consecutive structures, which are made
/// structure by structure and not centre by centre; empty where the expansion has none. A
/// workspace that is filled again and again.
class LongRangeRows {
 public:
  /// The expansion and the batch must outlive this.
  LongRangeRows(const SphericalExpansion& expansion, const BatchView& batch)
      : expansion_(expansion), batch_(batch) {}

  /// Makes the coefficients of `count` structures from `first` on.
  void compute(std::size_t first, std::size_t count, const Execution& execution);

  /// Those of an atom, counted from the first of these structures; null where there are none.
  const double* row(std::size_t atom) const {
    return size() > 0 ? coefficients_.data() + atom * size() : nullptr;
  }

  /// Takes ∂L/∂c of an atom, of all channels of the expansion, for `adjoint`.
  void take_gradient(std::size_t atom, const double* coefficients_gradient);

  /// Adds ∂L/∂r of these structures to `positions`, that of their atoms × 3, and, unless it is
  /// null, the derivative by strain to `strain`, theirs × 9. Gradients of all atoms must be taken.
  void adjoint(const Execution& execution, double* positions, double* strain) const;

 private:
  std::size_t size() const {
    return expansion_.long_range() != nullptr ? expansion_.long_range()->size() : 0;
  }
  /// Calls body(number, structure, its first atom, the channels of its atoms, execution) for all of
  /// them; see share_structures.
  template <typename Body>
  void for_each_structure(const Execution& execution, const Body& body) const;

  const SphericalExpansion& expansion_;
  BatchView batch_;
  std::size_t first_ = 0, count_ = 0;
  AlignedVector coefficients_, gradient_;  // atoms × size()
};

}  // namespace soapstone
