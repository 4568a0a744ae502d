#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>

#include "common/execution.hpp"
#include "regression/normal_equations.hpp"

namespace soapstone {

/// Sparse Gaussian process regression of T numbers on given kernels with M reference points, whose
/// samples have weights: see NormalEquations.
class ProjectedProcess {
 public:
  using Solution = NormalEquations::Solution;

  /// `point_kernel`: M × M. Throws Numerical where it is not positive semidefinite.
  ProjectedProcess(const double* point_kernel, std::size_t points, std::size_t groups,
                   std::size_t targets, const Execution& execution);

  std::size_t points() const { return equations_.points(); }
  std::size_t groups() const { return equations_.groups(); }
  std::size_t targets() const { return equations_.targets(); }

  /// Adds samples to a group. `kernels`: rows × M, `labels`: rows × T, `weights`: rows or null.
  /// Where it is aborted, samples are lost: everything but the destructor then throws InvalidInput.
  void add(const double* kernels, const double* labels, const double* weights, std::size_t rows,
           std::size_t group, const Execution& execution);

  /// `left_out`: of each group, whether it is.
  Solution solve(double noise, const std::uint8_t* left_out, const Execution& execution) {
    return equations_.solve(&noise, left_out, execution);
  }
  /// M × T row-major.
  void weights(const Solution& solution, double* out, const Execution& execution) const {
    equations_.weights(solution, out, execution);
  }
  /// Weights of a committee, each member fitted without some groups; members × M × T.
  /// `left_out`: members × groups.
  void members(double noise, const std::uint8_t* left_out, std::size_t members, double* out,
               const Execution& execution) {
    equations_.members(&noise, left_out, members, out, execution);
  }
  /// Weighted root-mean-square errors, groups × T; NaN for a group without samples.
  void errors(const Solution& solution, double* out);

 private:
  NormalEquations equations_;
};

}  // namespace soapstone
