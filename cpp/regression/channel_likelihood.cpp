#include "regression/channel_likelihood.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <utility>

#include "common/error.hpp"
#include "common/parallel.hpp"
#include "kernels/sparse_kernel.hpp"

namespace soapstone {

namespace {

using Eigen::Index;

/// Samples, about, that a thread works on at a time.
constexpr std::size_t kBlockEnvironments = 128;
/// Environments whose features a thread computes at a time.
constexpr std::size_t kChunk = 64;

Index at(std::size_t n) { return static_cast<Index>(n); }

/// W of N labels.
Eigen::ArrayXd weights_of(const SampleLabels& labels, Index n) {
  if (labels.weights == nullptr) return Eigen::ArrayXd::Ones(n);
  return Eigen::Map<const Eigen::ArrayXd>(labels.weights, n);
}

[[noreturn]] void throw_not_positive_definite() {
  throw Error(ErrorCode::kNumerical, "the kernel matrix is not positive definite; use more noise");
}

double minus_log_likelihood(double variance, double log_determinant, Index samples) {
  constexpr double kLogTwoPi = 1.8378770664093453;
  return 0.5 *
         (static_cast<double>(samples) * (std::log(variance) + 1.0 + kLogTwoPi) + log_determinant);
}

/// Where a function of one variable is least: on a grid first, for there may be several minima,
/// then by golden section between the neighbours of the least one.
template <typename Function>
double least(double from, double to, const Function& function) {
  constexpr int kIntervals = 40;
  const double step = (to - from) / kIntervals;
  double best = from, value = function(from);
  for (int k = 1; step > 0.0 && k <= kIntervals; ++k) {
    const double x = from + k * step;
    if (const double other = function(x); other < value) best = x, value = other;
  }
  constexpr double kGolden = 0.6180339887498949, kAccuracy = 1e-3;
  double a = std::max(from, best - step), b = std::min(to, best + step);
  while (b - a > kAccuracy) {
    const double x = b - kGolden * (b - a), y = a + kGolden * (b - a);
    (function(x) < function(y) ? b : a) = function(x) < function(y) ? y : x;
  }
  const double middle = 0.5 * (a + b);
  return function(middle) < value ? middle : best;
}

}  // namespace

ChannelLikelihood::ChannelLikelihood(std::shared_ptr<const Representation> representation,
                                     const SphericalExpansion& species, const BatchView& batch,
                                     SampleKernel kernel, const Execution& execution)
    : representation_(std::move(representation)),
      kernel_(std::move(kernel)),
      coefficients_(species, batch, execution),
      species_(species.species().size()),
      channels_(representation_->expansion().channels()) {}

double ChannelLikelihood::weight(std::size_t s) const {
  return kernel_.mean ? 1.0 / static_cast<double>(kernel_.offsets[s + 1] - kernel_.offsets[s])
                      : 1.0;
}

ChannelLikelihood::Features ChannelLikelihood::features(const double* weights,
                                                        const Execution& execution) const {
  const std::size_t count = coefficients_.environments();
  Features result{RowMatrix(at(count), at(representation_->features())),
                  std::vector<double>(count, 0.0)};
  parallel_blocks(count, kChunk, execution, [&](std::size_t first, std::size_t own) {
    Environment environment;
    environment.coefficients.resize(representation_->expansion().coefficients_size());
    for (std::size_t i = first; i < first + own; ++i) {
      coefficients_.mix(i, weights, channels_, environment.coefficients.data());
      auto row = result.rows.row(at(i));
      representation_->values(&environment, 1, row.data(), representation_->features());
      const double norm = row.norm();
      if (norm > 0.0) result.inverse_norms[i] = 1.0 / norm;
      row *= result.inverse_norms[i];
    }
  });
  return result;
}

template <typename Body>
void ChannelLikelihood::for_each_block(const Execution& execution, const Body& body) const {
  std::vector<std::size_t> bounds{0};
  for (std::size_t s = 1; s <= samples(); ++s) {
    if (s == samples() || kernel_.offsets[s] - kernel_.offsets[bounds.back()] >= kBlockEnvironments)
      bounds.push_back(s);
  }
  const std::size_t blocks = bounds.size() - 1;
  parallel_for(blocks, resolve_threads(execution, blocks), execution,
               [&](std::size_t b, int) { body(bounds[b], bounds[b + 1]); });
}

RowMatrix ChannelLikelihood::kernel(const RowMatrix& rows, const Execution& execution) const {
  const std::vector<std::size_t>& offsets = kernel_.offsets;
  RowMatrix result(at(samples()), at(samples()));
  for_each_block(execution, [&](std::size_t from, std::size_t to) {
    const std::size_t first = offsets[from], last = offsets[to];
    // The lower triangle: environments before the end of the block.
    const RowMatrix similarity =
        rows.middleRows(at(first), at(last - first)) * rows.topRows(at(last)).transpose();
    for (std::size_t a = from; a < to; ++a) {
      for (std::size_t b = 0; b <= a; ++b) {
        double sum = 0.0;
        for (std::size_t i = offsets[a]; i < offsets[a + 1]; ++i) {
          for (std::size_t j = offsets[b]; j < offsets[b + 1]; ++j) {
            if (meet(i, j)) sum += integer_power(similarity(at(i - first), at(j)), kernel_.zeta);
          }
        }
        result(at(a), at(b)) = weight(a) * weight(b) * sum;
      }
    }
  });
  result.triangularView<Eigen::StrictlyUpper>() = result.transpose();
  return result;
}

// Σ_B W_AB dk(A, B) = Σ_{i ∈ A} dp̂_i · Σ_j W_AB ζ (p̂_i · p̂_j)^{ζ−1} p̂_j for the samples B of j,
// from there through p̂ = p/|p| and the adjoint of the representation to u.
RowMatrix ChannelLikelihood::kernel_jacobian(const double* weights, const Features& mixed,
                                             const RowMatrix& factors,
                                             const Execution& execution) const {
  const RowMatrix& rows = mixed.rows;
  const std::vector<std::size_t>& offsets = kernel_.offsets;
  RowMatrix result = RowMatrix::Zero(at(samples()), at(this->weights()));
  for_each_block(execution, [&](std::size_t from, std::size_t to) {
    const std::size_t first = offsets[from], last = offsets[to];
    RowMatrix slope = rows.middleRows(at(first), at(last - first)) * rows.transpose();
    for (std::size_t a = from; a < to; ++a) {
      for (std::size_t b = 0; b < samples(); ++b) {
        const double factor = kernel_.zeta * weight(a) * weight(b) * factors(at(a), at(b));
        for (std::size_t i = offsets[a]; i < offsets[a + 1]; ++i) {
          for (std::size_t j = offsets[b]; j < offsets[b + 1]; ++j) {
            double& u = slope(at(i - first), at(j));
            u = meet(i, j) ? factor * integer_power(u, kernel_.zeta - 1) : 0.0;
          }
        }
      }
    }
    const RowMatrix gradient = slope * rows;

    const std::size_t size = representation_->expansion().coefficients_size();
    Environment environment;
    environment.coefficients.resize(size);
    AlignedVector mixed_gradient(size);
    Eigen::RowVectorXd row(rows.cols());
    for (std::size_t a = from; a < to; ++a) {
      for (std::size_t i = offsets[a]; i < offsets[a + 1]; ++i) {
        const auto unit = rows.row(at(i));
        const auto own = gradient.row(at(i - first));
        row = mixed.inverse_norms[i] * (own - own.dot(unit) * unit);
        coefficients_.mix(i, weights, channels_, environment.coefficients.data());
        representation_->adjoint(&environment, 1, row.data(), representation_->features(),
                                 mixed_gradient.data());
        coefficients_.add_gradient(i, mixed_gradient.data(), channels_, result.row(at(a)).data());
      }
    }
  });
  return result;
}

ChannelLikelihood::Slope ChannelLikelihood::evaluate(const double* weights,
                                                     const SampleLabels& labels, double ridge,
                                                     const double* other, double other_weight,
                                                     const Execution& execution,
                                                     double* weights_gradient) const {
  const Execution quiet = execution.quiet();
  const Features mixed = features(weights, quiet);

  const Index n = at(samples());
  RowMatrix covariance = kernel(mixed.rows, quiet);
  // Copies: what sums round to depends on how their numbers are aligned.
  const RowMatrix added = Eigen::Map<const RowMatrix>(other, other ? n : 0, other ? n : 0);
  if (other) covariance += other_weight * added;
  const Eigen::ArrayXd counts = weights_of(labels, n);
  covariance.diagonal().array() += ridge / counts;
  Eigen::LLT<Eigen::MatrixXd> factor(covariance);
  if (factor.info() != Eigen::Success) throw_not_positive_definite();
  const Eigen::VectorXd y = Eigen::Map<const Eigen::VectorXd>(labels.values, n);
  const Eigen::VectorXd alpha = factor.solve(y);
  const double variance = y.dot(alpha) / static_cast<double>(n);
  const double log_determinant = 2.0 * factor.matrixLLT().diagonal().array().log().sum();
  Slope result{minus_log_likelihood(variance, log_determinant, n), 0.0, 0.0};

  // ∂(−ln p)/∂(K + λ W⁻¹) = ½ ((K + λ W⁻¹)⁻¹ − α αᵀ / s²).
  RowMatrix slope = factor.solve(Eigen::MatrixXd::Identity(n, n));
  slope -= alpha * alpha.transpose() / variance;
  slope *= 0.5;
  result.ridge_gradient = (slope.diagonal().array() / counts).sum();
  if (other) result.other_gradient = slope.cwiseProduct(added).sum();

  // Both samples of k(A, B) move; sample by sample, wherever the result lies.
  const RowMatrix parts = kernel_jacobian(weights, mixed, 2.0 * slope, quiet);
  std::fill_n(weights_gradient, this->weights(), 0.0);
  for (Index a = 0; a < n; ++a) {
    for (std::size_t k = 0; k < this->weights(); ++k) weights_gradient[k] += parts(a, at(k));
  }
  if (execution.progress) execution.progress(1, 1);
  return result;
}

// With the eigenvalues Λ and eigenvectors V of W^½ K W^½, any λ costs N: −ln p follows from
// ỹ = Vᵀ W^½ y and Λ + λ, for K + λ W⁻¹ = W^−½ (W^½ K W^½ + λ 1) W^−½.
ChannelLikelihood::Regression ChannelLikelihood::regress(const double* weights,
                                                         const SampleLabels& labels,
                                                         double least_ridge, double most_ridge,
                                                         const Execution& execution) const {
  const Execution quiet = execution.quiet();
  const Features mixed = features(weights, quiet);
  const Index n = at(samples());
  const RowMatrix covariance = kernel(mixed.rows, quiet);
  const Eigen::ArrayXd counts = weights_of(labels, n);
  const Eigen::VectorXd roots = counts.sqrt().matrix();
  const Eigen::MatrixXd weighted = roots.asDiagonal() * covariance * roots.asDiagonal();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(weighted);
  const Eigen::ArrayXd eigenvalues = solver.eigenvalues();
  if (solver.info() != Eigen::Success || !(eigenvalues(0) + least_ridge > 0.0))
    throw_not_positive_definite();
  const Eigen::VectorXd y = Eigen::Map<const Eigen::VectorXd>(labels.values, n);
  const Eigen::VectorXd projected =
      solver.eigenvectors().transpose() * roots.cwiseProduct(y).eval();
  const auto variance = [&](double ridge) {
    return (projected.array().square() / (eigenvalues + ridge)).mean();
  };
  const double log_counts = counts.log().sum();
  const auto value = [&](double log_ridge) {
    const double ridge = std::exp(log_ridge);
    const double log_determinant = (eigenvalues + ridge).log().sum() - log_counts;
    return minus_log_likelihood(variance(ridge), log_determinant, n);
  };
  const double log_ridge = least(std::log(least_ridge), std::log(most_ridge), value);
  const double ridge = std::exp(log_ridge);
  const Eigen::VectorXd alpha = roots.cwiseProduct(
      solver.eigenvectors() * (projected.array() / (eigenvalues + ridge)).matrix());
  if (execution.progress) execution.progress(1, 1);
  return {value(log_ridge), ridge, variance(ridge), alpha, covariance};
}

RowMatrix ChannelLikelihood::prediction_jacobian(const double* weights, const double* alpha,
                                                 const Execution& execution) const {
  const Execution quiet = execution.quiet();
  const Features mixed = features(weights, quiet);
  const Index n = at(samples());
  const RowMatrix factors = Eigen::Map<const Eigen::RowVectorXd>(alpha, n).replicate(n, 1);
  const RowMatrix result = kernel_jacobian(weights, mixed, factors, quiet);
  if (execution.progress) execution.progress(1, 1);
  return result;
}

}  // namespace soapstone
