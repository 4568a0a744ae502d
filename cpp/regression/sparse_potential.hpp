#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "common/execution.hpp"
#include "common/structures.hpp"
#include "kernels/sparse_kernel.hpp"
#include "math/row_matrix.hpp"
#include "regression/channel_energy.hpp"
#include "regression/projected_posterior.hpp"

namespace soapstone {

/// Where predictions go; a null pointer is a quantity that is not wanted and not computed.
struct Predictions {
  double* energy = nullptr;         ///< structures, eV
  double* atom_energies = nullptr;  ///< A, eV; they add up to the energies
  double* forces = nullptr;         ///< A × 3, eV/Å, −∂E/∂r
  double* stress = nullptr;  ///< structures × 9, eV/Å³, (1/V) ∂E/∂ε; zero where V = 0
};

/// Where variances of derivatives of the energy go; a null pointer is a quantity that is not
/// wanted.
struct DerivativeVariances {
  double* forces = nullptr;  ///< A × 3, (eV/Å)²
  double* stress = nullptr;  ///< structures × 9, (eV/Å³)²; zero where V = 0
};

/// A trained sparse Gaussian process as a potential: E = Σ_i (e_α(i) + Σ_m w_m k(X_i, X_m)), forces
/// and stress its exact derivatives.
class SparsePotential {
 public:
  /// `weights`: one per sparse point, eV; `baseline`: energy of one atom per channel, eV.
  SparsePotential(std::shared_ptr<const SparseKernel> kernel, const std::vector<double>& weights,
                  std::vector<double> baseline, const Execution& execution);

  /// Gives the model what its variance needs: the lower Cholesky factor of 1 + Σ σ⁻² ΦᵀΦ (see
  /// SparseFit) and the variance of the prior, eV².
  void set_covariance(Eigen::MatrixXd factor, double amplitude);
  bool has_covariance() const { return has_covariance_; }

  void predict(const BatchView& batch, const Predictions& out, const Execution& execution) const;

  /// Writes the predictive variance of each structure's energy, eV², the review's Eq. 20:
  ///   σ² = k(A,A) − k_AM (K_MM⁻¹ − K̃⁻¹) k_MA,
  /// where k(A,A) sums the kernel over all pairs of environments of the structure, N² dot products.
  void variance(const BatchView& batch, const Execution& execution, double* variance) const;

  /// Writes the predictive variances of components of forces and stress. The same as of energies,
  /// with derivatives of kernels for kernels: k_AM → ∂k_AM/∂x, k(A,A) → ∂²k(A,A')/∂x∂x'. Some
  /// hundred derivatives at a time, whose rows of K_NM each thread keeps.
  void derivative_variance(const BatchView& batch, const DerivativeVariances& out,
                           const Execution& execution) const;

  /// Writes the local prediction rigidity of each atom's environment (S. Chong et al., J. Chem.
  /// Theory Comput. 19, 8020, 2023): the inverse of the variance of its energy for a prior of 1.
  void rigidity(const BatchView& batch, const Execution& execution, double* rigidity) const;

 private:
  /// Atoms whose neighbours are kept at a time.
  static constexpr std::size_t kShardAtoms = 4096;

  struct Workspace;
  void predict_tile(const BatchView& batch, const struct Shard& shard,
                    const std::vector<std::size_t>& centres, std::size_t channel, bool derivatives,
                    const std::vector<std::size_t>& first_pair, Workspace& workspace,
                    double* atom_energies, double* pair_gradient) const;

  // sparse_potential_variance.cpp
  struct Derivatives;
  /// Structures from … to − 1 of a shard, which are worked on together.
  struct Block {
    std::size_t from, to;
  };
  /// Calls work(shard, block) for all structures, from any thread. What comes together does not
  /// depend on the number of threads.
  template <typename Work>
  void for_each_block(const BatchView& batch, const Execution& execution, const Work& work) const;
  /// Normalised features of the atoms of a channel, whose places in the shard go to `centres`,
  /// ascending.
  RowMatrix features_of(const BatchView& batch, const struct Shard& shard, const Block& block,
                        std::size_t channel, std::vector<std::size_t>& centres) const;
  /// Made of the covariance, whose memory it frees, at the first variance.
  const ProjectedPosterior& posterior(const Execution& execution) const;
  /// Derivatives of one structure of a shard: by the positions of atoms first … last − 1, and by
  /// the strain.
  struct Part {
    std::size_t structure, first, last;
    bool strain;
  };
  /// Parts that are worked on together: small structures, or some of the atoms of one.
  std::vector<std::vector<Part>> derivative_blocks(const BatchView& batch,
                                                   const struct Shard& shard,
                                                   const DerivativeVariances& wanted) const;
  void derivative_variance(const BatchView& batch, const struct Shard& shard,
                           const std::vector<Part>& block, const DerivativeVariances& out,
                           const Execution& execution) const;

  std::shared_ptr<const SparseKernel> kernel_;
  std::vector<ChannelEnergy> energies_;  // per channel
  std::vector<double> baseline_;
  bool has_covariance_ = false;
  mutable Eigen::MatrixXd factor_;
  mutable std::once_flag posterior_made_;
  mutable std::unique_ptr<const ProjectedPosterior> posterior_;
  mutable std::once_flag derivatives_made_;
  mutable std::shared_ptr<const Derivatives> derivatives_;
  double amplitude_ = 1.0;
};

}  // namespace soapstone
