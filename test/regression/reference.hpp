#pragma once

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/reference.hpp"
#include "regression/sparse_fit.hpp"
#include "structures/systems.hpp"

namespace soapstone::testing {

/// Labels of some structures; NaN where there is none.
struct Labels {
  std::vector<double> energy, forces, stress;

  Targets targets() const { return {energy.data(), forces.data(), stress.data()}; }
};

inline double cell_volume(const System& system) {
  return std::abs(Eigen::Map<const Eigen::Matrix3d>(system.cell.data()).determinant());
}

/// The projected process (the review's Eq. 20) as the textbook writes it, in long double: the rows
/// of K_NM are divided by the noise of their label, and
///
///   K̃ = K_MM + K_NMᵀ K_NM,   weights = K̃⁻¹ K_NMᵀ y.
class DenseFit {
 public:
  using Matrix = Eigen::Matrix<long double, Eigen::Dynamic, Eigen::Dynamic>;
  using Vector = Eigen::Matrix<long double, Eigen::Dynamic, 1>;

  explicit DenseFit(const SparseKernel& kernel)
      : kernel_(kernel), prior_(Matrix::Zero(size(), size())), moment_(Vector::Zero(size())) {
    for (std::size_t a = 0; a + 1 < kernel.first().size(); ++a) {
      const auto from = static_cast<Eigen::Index>(kernel.first()[a]);
      const auto count = static_cast<Eigen::Index>(kernel.first()[a + 1]) - from;
      Eigen::MatrixXd block(count, count);
      if (count > 0) kernel.block(a, block.data());
      prior_.block(from, from, count, count) = block.cast<long double>();
    }
    normal_ = prior_;
  }

  void add(const System& system, const double* energy, const double* forces, const double* stress,
           const Noise& noise) {
    const Rows rows = kernel_rows(kernel_, system);
    const double atoms = static_cast<double>(system.size());
    if (energy != nullptr) {
      add_row(rows.energy.data(), 1.0, *energy, noise[kEnergy] * std::sqrt(atoms));
    }
    for (std::size_t x = 0; forces != nullptr && x < 3 * system.size(); ++x) {
      add_row(&rows.positions[x * kernel_.size()], -1.0, forces[x], noise[kForces]);
    }
    for (std::size_t e = 0; stress != nullptr && e < 9; ++e) {
      add_row(&rows.strain[e * kernel_.size()], 1.0 / cell_volume(system), stress[e],
              noise[kStress]);
    }
  }

  /// All labels that are there.
  void add(const Systems& systems, const Labels& labels, const Noise& noise) {
    std::size_t atom = 0;
    for (std::size_t s = 0; s < systems.size(); ++s) {
      const auto given = [](const double* label) { return std::isnan(*label) ? nullptr : label; };
      add(systems[s], given(&labels.energy[s]), given(&labels.forces[3 * atom]),
          given(&labels.stress[9 * s]), noise);
      atom += systems[s].size();
    }
  }

  std::vector<double> weights() const {
    const Vector solution = normal_.ldlt().solve(moment_);
    std::vector<double> result;
    for (Eigen::Index m = 0; m < size(); ++m) result.push_back(static_cast<double>(solution(m)));
    return result;
  }

  /// k(A,A) − k_AM (K_MM⁻¹ − K̃⁻¹) k_MA of a structure's energy.
  double variance(const System& system) const {
    return variance(structure_kernel(kernel_, system, system), kernel_row(kernel_, system).data());
  }

  /// The same of anything whose kernels with itself and with the points are known.
  double variance(double own, const double* row) const {
    Vector k(size());
    for (Eigen::Index m = 0; m < size(); ++m) k(m) = row[m];
    return static_cast<double>(own - k.dot(prior_.ldlt().solve(k)) +
                               k.dot(normal_.ldlt().solve(k)));
  }

 private:
  Eigen::Index size() const { return static_cast<Eigen::Index>(kernel_.size()); }

  void add_row(const double* row, double scale, double label, double noise) {
    Vector k(size());
    for (Eigen::Index m = 0; m < size(); ++m) k(m) = scale * row[m] / noise;
    normal_ += k * k.transpose();
    moment_ += k * (label / noise);
  }

  const SparseKernel& kernel_;
  Matrix prior_, normal_;
  Vector moment_;
};

}  // namespace soapstone::testing
