#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "representations/batch.hpp"
#include "representations/jacobian.hpp"

namespace soapstone {

/// A representation and what its numbers are multiplied with.
struct WeightedPart {
  std::shared_ptr<const Representation> representation;
  double weight = 1.0;
};

/// Rows of several representations side by side, each times its weight; a single representation is
/// a composition of one. Parts may differ in everything, the cutoff too.
class Composition {
 public:
  explicit Composition(std::vector<WeightedPart> parts);

  const std::vector<WeightedPart>& parts() const { return parts_; }
  /// First column of a part.
  std::size_t column(std::size_t part) const { return columns_[part]; }
  std::size_t features() const { return columns_.back(); }

 private:
  std::vector<WeightedPart> parts_;
  std::vector<std::size_t> columns_;  // parts + 1
};

/// See compute_values of a representation; every part writes where its columns are.
template <typename Real>
void compute_values(const Composition& composition, const BatchView& batch, const AtomRows& rows,
                    const Execution& execution, Real* values);

/// See compute_vjp of a representation: the sum over the parts.
void compute_vjp(const Composition& composition, const BatchView& batch,
                 const double* features_gradient, const Execution& execution, double* positions,
                 double* strain);

/// What one part of several sees of an execution: progress of all of them, in the same units.
Execution within_parts(const Execution& execution, std::size_t part, std::size_t parts);

/// Sparse rows of derivatives: for each row of features one of three (xyz) × features for every
/// atom whose motion changes it, ascending.
class RowJacobian {
 public:
  virtual ~RowJacobian() = default;
  /// Rows of features + 1: those of row i are first[i] … first[i+1] − 1.
  const std::vector<std::int64_t>& first() const { return first_; }
  /// The moved atom of each row, an index in the batch.
  const std::vector<std::int32_t>& moved() const { return moved_; }
  /// Writes those of rows from … to − 1, as double or, rounded when stored, as float.
  virtual void compute(std::size_t from, std::size_t to, const Execution& execution,
                       double* values) const = 0;
  virtual void compute(std::size_t from, std::size_t to, const Execution& execution,
                       float* values) const = 0;

 protected:
  std::vector<std::int64_t> first_;
  std::vector<std::int32_t> moved_;
};

/// The Jacobian of a composition: of each centre the rows of all atoms that change any part.
class CompositionJacobian final : public RowJacobian {
 public:
  /// The batch must outlive this.
  CompositionJacobian(Composition composition, const BatchView& batch, const Execution& execution);
  void compute(std::size_t from, std::size_t to, const Execution& execution,
               double* values) const override;
  void compute(std::size_t from, std::size_t to, const Execution& execution,
               float* values) const override;

 private:
  template <typename Real>
  void compute_rows(std::size_t from, std::size_t to, const Execution& execution,
                    Real* values) const;

  Composition composition_;
  std::vector<std::unique_ptr<Jacobian>> parts_;
};

}  // namespace soapstone
