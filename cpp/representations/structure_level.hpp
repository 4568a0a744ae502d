#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "representations/composition.hpp"

namespace soapstone {

/// How the rows of a structure's atoms become one (DScribe's `average`; L. Himanen et al., Comput.
/// Phys. Commun. 247, 106949 (2020)): outer, Σ_i f(c_i), or inner, f(Σ_i c_i), each sum divided by
/// the number of atoms for a mean. A structure without atoms has f = 0 or c = 0.
struct StructureLevel {
  bool inner = false;
  bool mean = true;
};

/// Writes structures × features. Holds a few dozen partial sums for each structure and never the
/// rows of all its atoms; the threads share the atoms of one structure as well.
template <typename Real>
void compute_structure_values(const Composition& composition, const StructureLevel& level,
                              const BatchView& batch, const Execution& execution, Real* values);

/// See compute_vjp; features_gradient is structures × features.
void compute_structure_vjp(const Composition& composition, const StructureLevel& level,
                           const BatchView& batch, const double* features_gradient,
                           const Execution& execution, double* positions, double* strain);

/// The Jacobian of the row of each structure: a row for every atom of it.
class StructureJacobian final : public RowJacobian {
 public:
  /// The batch must outlive this.
  StructureJacobian(Composition composition, const StructureLevel& level, const BatchView& batch,
                    const Execution& execution);
  void compute(std::size_t from, std::size_t to, const Execution& execution,
               double* values) const override;
  void compute(std::size_t from, std::size_t to, const Execution& execution,
               float* values) const override;

 private:
  template <typename Real>
  void compute_rows(std::size_t from, std::size_t to, const Execution& execution,
                    Real* values) const;
  void sum_over_centres(const Jacobian& jacobian, std::size_t features, std::size_t structure,
                        const Execution& execution, AlignedVector& sums) const;

  Composition composition_;
  StructureLevel level_;
  BatchView batch_;
  /// What is summed over centres: the parts, or the coefficients that they are made of.
  std::vector<std::shared_ptr<const Representation>> summed_;
  std::vector<std::unique_ptr<Jacobian>> jacobians_;
};

}  // namespace soapstone
