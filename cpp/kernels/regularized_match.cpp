#include "kernels/regularized_match.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>

#include "common/error.hpp"

namespace soapstone {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// The dual problem for one γ, in prices g of columns. With those prices of rows that make rows add
/// up to 1/n, P_ij = n⁻¹ e^{(C_ij + g_j)/γ} / Σ_k e^{(C_ik + g_k)/γ}, and
///
///   h(g) = m⁻¹ Σ_j g_j − γ n⁻¹ Σ_i ln Σ_j e^{(C_ij + g_j)/γ}
///
/// is concave, with ∂h/∂g_j what column j lacks of 1/m. Logarithms are taken from the largest of a
/// row, so that no γ is too small for the exponentials.
class Dual {
 public:
  Dual(const MatrixXd& gains, double gamma, VectorXd prices)
      : gains_(gains), gamma_(gamma), at_(evaluate(std::move(prices))) {}

  const VectorXd& prices() const { return at_.prices; }
  /// What columns lack of 1/m, in all.
  double lack() const { return at_.lack.lpNorm<1>(); }
  double sum() const { return at_.plan.cwiseProduct(gains_).sum(); }

  /// Sinkhorn's step: prices with which columns add up to 1/m, those of rows as they are.
  void sweep() {
    const double share = 1.0 / static_cast<double>(gains_.cols());
    VectorXd prices = at_.prices;
    for (Index j = 0; j < prices.size(); ++j) {
      prices(j) += gamma_ * (std::log(share) - log_column(j));
    }
    at_ = evaluate(std::move(prices));
  }

  /// A step of Newton's method, as long as it may be; false, and none, where it leads nowhere.
  bool newton() {
    // −γ ∂²h/∂g² = diag(Σ_i P_i) − n PᵀP; constant prices change nothing.
    const auto rows = static_cast<double>(gains_.rows());
    const Index size = gains_.cols();
    MatrixXd curvature = MatrixXd::Zero(size, size);
    curvature.selfadjointView<Eigen::Lower>().rankUpdate(at_.plan.transpose(), -rows);
    curvature.diagonal() += at_.plan.colwise().sum().transpose();
    const double share = 1.0 / static_cast<double>(size);
    curvature.array() += share * share;
    curvature.diagonal().array() += 1e-12 * share;
    const Eigen::LLT<Eigen::Ref<MatrixXd>> factor(curvature);
    if (factor.info() != Eigen::Success) return false;
    VectorXd step = gamma_ * factor.solve(at_.lack);
    // Far from the solution the curvature says little beyond some γ.
    step *= std::min(1.0, kLongestStep * gamma_ / step.lpNorm<Eigen::Infinity>());
    const double slope = step.dot(at_.lack);
    for (int halvings = 0; halvings < 6; ++halvings, step *= 0.5) {
      Point next = evaluate(at_.prices + step);
      const bool rises = next.value > at_.value + 1e-4 * std::ldexp(slope, -halvings);
      if (!rises && !(next.lack.lpNorm<1>() < 0.5 * lack())) continue;
      at_ = std::move(next);
      return true;
    }
    return false;
  }

 private:
  static constexpr double kLongestStep = 8.0;

  struct Point {
    VectorXd prices;
    MatrixXd plan;  ///< P
    VectorXd lack;
    double value;  ///< h
  };

  Point evaluate(VectorXd prices) const {
    const auto rows = static_cast<double>(gains_.rows());
    Point point;
    point.plan = (gains_.rowwise() + prices.transpose()) / gamma_;
    const VectorXd largest = point.plan.rowwise().maxCoeff();
    point.plan = (point.plan.colwise() - largest).array().exp();
    const VectorXd sums = point.plan.rowwise().sum();
    point.plan.array().colwise() /= rows * sums.array();
    point.value = prices.mean() - gamma_ * (largest.array() + sums.array().log()).mean();
    point.lack = 1.0 / static_cast<double>(gains_.cols()) - point.plan.colwise().sum().array();
    point.prices = std::move(prices);
    return point;
  }

  /// ln Σ_i P_ij, also where that is too small for a number.
  double log_column(Index j) const {
    const double sum = at_.plan.col(j).sum();
    if (sum > std::numeric_limits<double>::min()) return std::log(sum);
    VectorXd exponents(gains_.rows());
    for (Index i = 0; i < gains_.rows(); ++i) {
      const auto row = (gains_.row(i) + at_.prices.transpose()) / gamma_;
      const double largest = row.maxCoeff();
      exponents(i) = row(j) - largest - std::log((row.array() - largest).exp().sum());
    }
    const double largest = exponents.maxCoeff();
    return largest + std::log((exponents.array() - largest).exp().sum()) -
           std::log(static_cast<double>(gains_.rows()));
  }

  const MatrixXd& gains_;
  double gamma_;
  Point at_;
};

}  // namespace

// Sinkhorn's iteration (M. Cuturi, Adv. Neural Inf. Process. Syst. 26, 2292, 2013) takes 1/ε steps
// where two sets of environments are alike within but only to ε with each other, as elements are:
// where it is slow, Newton's method takes its place (C. Brauer et al., arXiv:1710.06635). For a
// small γ that begins at the solution for a larger one.
double regularized_match(const double* kernels, std::size_t n, std::size_t m, double gamma) {
  constexpr int kMostSteps = 300;
  constexpr double kFewGammas = 8.0, kFactor = 4.0;
  MatrixXd gains =
      Eigen::Map<const MatrixXd>(kernels, static_cast<Index>(m), static_cast<Index>(n));
  if (m <= n) gains.transposeInPlace();  // Newton's equations have the size of the shorter side
  // From the largest: the plan adds up to 1, and exponents keep the digits of differences.
  const double largest = gains.maxCoeff();
  gains.array() -= largest;
  const double range = -gains.minCoeff();
  VectorXd prices = VectorXd::Zero(gains.cols());
  for (double step = std::max(gamma, range / kFewGammas); std::isfinite(range);
       step = std::max(gamma, step / kFactor)) {
    const bool last = step <= gamma;
    // To the precision of exponents of range/γ, summed over the entries of the plan.
    const double round_off = std::numeric_limits<double>::epsilon() *
                             (32.0 + std::sqrt(static_cast<double>(gains.size())));
    const double tolerance = last ? 1e-12 + round_off * range / gamma : 1e-3;
    Dual dual(gains, step, std::move(prices));
    bool slow = false;
    for (int steps = 0; steps < kMostSteps && dual.lack() > tolerance; ++steps) {
      const double before = dual.lack();
      if (!slow || !dual.newton()) dual.sweep();
      slow = slow || dual.lack() > 0.3 * before;
    }
    if (!(dual.lack() <= tolerance)) break;
    if (last) return largest + dual.sum();
    prices = dual.prices();
  }
  throw Error(ErrorCode::kNumerical,
              "the regularised match of two structures does not converge: take a larger gamma");
}

}  // namespace soapstone
