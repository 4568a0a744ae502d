#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/execution.hpp"
#include "common/structures.hpp"
#include "neighbours/neighbour_list.hpp"
#include "representations/neighbour_jacobian.hpp"
#include "representations/representation.hpp"

namespace soapstone {

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
  class CentreRows;

  /// Features first … first + count − 1.
  struct Run {
    std::size_t first, count;
  };
  /// What the motion of an atom touches, ascending, as few runs.
  struct Touched {
    explicit Touched(const std::vector<std::size_t>& indices);
    std::size_t features;
    std::vector<Run> runs;
  };

  void find_moved(std::size_t structure);

  const Representation& representation_;
  NeighbourJacobian neighbours_;
  BatchView batch_;
  std::vector<NeighbourList> lists_;
  std::vector<std::size_t> structure_;  // of each atom
  std::vector<std::int64_t> first_;
  std::vector<std::int32_t> moved_;
  std::vector<Touched> near_, far_;  // by atoms of each species: as neighbours, from afar
};

}  // namespace soapstone
