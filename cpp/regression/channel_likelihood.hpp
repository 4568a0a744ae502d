#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/execution.hpp"
#include "common/structures.hpp"
#include "math/row_matrix.hpp"
#include "representations/representation.hpp"
#include "representations/species_coefficients.hpp"

namespace soapstone {

/// The kernel between samples that a likelihood is of: sums or means, over the environments of each
/// sample, of (p̂ · p̂')^ζ.
struct SampleKernel {
  std::vector<std::size_t>
      offsets;  ///< samples + 1, in environments, of which each has one or more
  int zeta = 2;
  bool mean = false;
  bool same_species = false;  ///< only between environments whose centres are of one species
};

/// Labels of N samples, and how much each counts: w divides the variance of its noise. Null: 1.
struct SampleLabels {
  const double* values;
  const double* weights = nullptr;
};

/// How likely a Gaussian process finds labels, as a function of the weights u_αJ with which species
/// are mixed to channels of the density (the review's Eq. 25), and its exact derivative. With C =
/// s² (K + λ W⁻¹), W the weights of labels, the ridge λ = σ²/s² of a noise σ, and the variance s²
/// that is most likely,
///
///   −ln p = N/2 ln(yᵀ (K + λ W⁻¹)⁻¹ y / N) + ½ ln |K + λ W⁻¹| + N/2 (1 + ln 2π).
///
/// Coefficients of the species are computed once; from there to the kernel, and back from ∂(−ln
/// p)/∂K to ∂(−ln p)/∂u, the way is that of the representation and its adjoint. The two factors of
/// the regression by itself, its weights α at given u and its predictions as functions of u at
/// given α, are what alternating least squares need.
class ChannelLikelihood {
 public:
  /// `representation`: of as many channels as there will be weights for each species of `species`,
  /// which has a channel for each of them.
  ChannelLikelihood(std::shared_ptr<const Representation> representation,
                    const SphericalExpansion& species, const BatchView& batch, SampleKernel kernel,
                    const Execution& execution);

  std::size_t samples() const { return kernel_.offsets.size() - 1; }
  /// Weights u: species × channels.
  std::size_t weights() const { return species_ * channels_; }

  struct Slope {
    double value;           ///< −ln p
    double ridge_gradient;  ///< by λ
    double other_gradient;  ///< by the weight of the other kernel
  };
  /// −ln p of `labels` with its derivatives, those by u written to `weights_gradient`. `other`: a
  /// kernel between the samples that is added with a weight, or null. Throws Numerical where K + λ
  /// W⁻¹ is not positive definite.
  Slope evaluate(const double* weights, const SampleLabels& labels, double ridge,
                 const double* other, double other_weight, const Execution& execution,
                 double* weights_gradient) const;

  struct Regression {
    double value;           ///< −ln p
    double ridge;           ///< λ
    double variance;        ///< s²
    Eigen::VectorXd alpha;  ///< (K + λ W⁻¹)⁻¹ y
    RowMatrix kernel;       ///< K
  };
  /// The process on `labels` y with the most likely λ from `least_ridge` to `most_ridge`. Throws
  /// Numerical where K + λ W⁻¹ is not positive definite.
  Regression regress(const double* weights, const SampleLabels& labels, double least_ridge,
                     double most_ridge, const Execution& execution) const;

  /// ∂f_A/∂u, samples × weights, of the predictions
  ///
  ///   f_A(u) = Σ_B α_B k(A(u), B)
  ///
  /// of a model whose references B stay what they are at these weights.
  RowMatrix prediction_jacobian(const double* weights, const double* alpha,
                                const Execution& execution) const;

 private:
  /// Normalised features of all environments, and the inverse of what they were divided by.
  struct Features {
    RowMatrix rows;
    std::vector<double> inverse_norms;
  };
  Features features(const double* weights, const Execution& execution) const;
  RowMatrix kernel(const RowMatrix& rows, const Execution& execution) const;
  /// Σ_B W_AB ∂k(A(u), B)/∂u, samples A × weights, for a matrix W and samples B that stay what they
  /// are.
  RowMatrix kernel_jacobian(const double* weights, const Features& mixed, const RowMatrix& factors,
                            const Execution& execution) const;
  /// Calls body(first, last sample) for blocks of samples, on all threads.
  template <typename Body>
  void for_each_block(const Execution& execution, const Body& body) const;
  double weight(std::size_t sample) const;
  bool meet(std::size_t i, std::size_t j) const {
    return !kernel_.same_species || coefficients_.centre(i) == coefficients_.centre(j);
  }

  std::shared_ptr<const Representation> representation_;
  SampleKernel kernel_;
  SpeciesCoefficients coefficients_;
  std::size_t species_, channels_;
};

}  // namespace soapstone
