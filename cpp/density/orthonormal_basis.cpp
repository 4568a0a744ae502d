#include "density/orthonormal_basis.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <string>

#include "common/error.hpp"
#include "math/bessel.hpp"
#include "math/row_matrix.hpp"

namespace soapstone {

// --- What they share ----------------------------------------------------------------------------

void OrthonormalBasis::orthonormalize(int max_angular, bool per_angular) {
  const auto size = static_cast<Eigen::Index>(count_);
  const Quadrature rule = this->rule() ? *this->rule() : gauss_legendre_panels(40, 10, 0.0, end_);
  std::vector<Jet> jets(count_);
  for (int l = 0; l <= (per_angular ? max_angular : 0); ++l) {
    Eigen::MatrixXd values(size, static_cast<Eigen::Index>(rule.nodes.size()));
    for (std::size_t q = 0; q < rule.nodes.size(); ++q) {
      primitives(l, rule.nodes[q], jets.data());
      const double weight = rule.nodes[q] * std::sqrt(rule.weights[q]);
      for (Eigen::Index n = 0; n < size; ++n) {
        values(n, static_cast<Eigen::Index>(q)) = weight * jets[static_cast<std::size_t>(n)].value;
      }
    }
    const Eigen::VectorXd norms = values.rowwise().norm();
    values = norms.cwiseInverse().asDiagonal() * values;
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(values * values.transpose());
    if (!(eigen.eigenvalues()(0) >= 1e-14)) {
      throw Error(ErrorCode::kNumerical, "basis.radial.count: " + std::to_string(count_) +
                                             " functions of this type are linearly dependent in "
                                             "double precision; use fewer");
    }
    const Eigen::MatrixXd transformation =
        eigen.operatorInverseSqrt() * norms.cwiseInverse().asDiagonal();
    std::vector<double>& rows = transformations_.emplace_back(count_ * count_);
    Eigen::Map<RowMatrix>(rows.data(), size, size) = transformation;
  }
}

double OrthonormalBasis::extent(double) const { return end_; }

void OrthonormalBasis::evaluate(int l, double r, Jet* functions) const {
  std::fill_n(functions, count_, Jet{0.0, 0.0, 0.0});
  if (r > end_ && !reaches_beyond_) return;
  std::vector<Jet> jets(count_);
  primitives(l, r, jets.data());
  const std::vector<double>& rows =
      transformations_[std::min(static_cast<std::size_t>(l), transformations_.size() - 1)];
  for (std::size_t n = 0; n < count_; ++n) {
    for (std::size_t k = 0; k < count_; ++k) {
      functions[n] = functions[n] + rows[n * count_ + k] * jets[k];
    }
  }
}

// --- The functions ------------------------------------------------------------------------------

// The widest orbital has σ_n < r_c: beyond ten of these nothing is left.
GtoBasis::GtoBasis(std::size_t count, double radius)
    : OrthonormalBasis(count, 10.0 * radius, true), radius_(radius) {
  orthonormalize(0, false);
}

void GtoBasis::primitives(int, double r, Jet* functions) const {
  for (std::size_t n = 0; n < count(); ++n) {
    const double width = radius_ * std::max(std::sqrt(double(n)), 1.0) / double(count());
    const Jet x = (1.0 / radius_) * variable(r);
    const Jet gaussian = exp(-0.5 / (width * width) * (variable(r) * variable(r)));
    functions[n] = power(x, static_cast<int>(n)) * gaussian;
  }
}

MonomialBasis::MonomialBasis(std::size_t count, double radius, int max_angular)
    : OrthonormalBasis(count, radius, false), radius_(radius) {
  orthonormalize(max_angular, true);
}

void MonomialBasis::primitives(int l, double r, Jet* functions) const {
  for (std::size_t n = 0; n < count(); ++n) {
    functions[n] = power((1.0 / radius_) * variable(r), l + 2 * static_cast<int>(n));
  }
}

ChebyshevBasis::ChebyshevBasis(std::size_t count, double radius)
    : OrthonormalBasis(count, radius, false), radius_(radius) {
  orthonormalize(0, false);
}

void ChebyshevBasis::primitives(int, double r, Jet* functions) const {
  const Jet x = (2.0 / radius_) * variable(r) - constant(1.0);
  functions[0] = {1.0, 0.0, 0.0};
  if (count() > 1) functions[1] = x;
  for (std::size_t n = 2; n < count(); ++n) {
    functions[n] = 2.0 * (x * functions[n - 1]) - functions[n - 2];
  }
}

BernsteinBasis::BernsteinBasis(std::size_t count, double radius)
    : OrthonormalBasis(count, radius, false), radius_(radius) {
  orthonormalize(0, false);
}

void BernsteinBasis::primitives(int, double r, Jet* functions) const {
  const Jet x = (1.0 / radius_) * variable(r);
  const Jet rest = constant(1.0) - x;
  const int degree = static_cast<int>(count()) - 1;
  double binomial = 1.0;
  for (int n = 0; n <= degree; ++n) {
    functions[n] = binomial * (power(x, n) * power(rest, degree - n));
    binomial *= double(degree - n) / double(n + 1);
  }
}

BesselBasis::BesselBasis(std::size_t count, double radius, int max_angular)
    : OrthonormalBasis(count, radius, false),
      radius_(radius),
      zeros_(spherical_bessel_zeros(max_angular, count)) {
  orthonormalize(max_angular, true);
}

void BesselBasis::primitives(int l, double r, Jet* functions) const {
  std::vector<double> j(static_cast<std::size_t>(l) + 3);
  const auto slope = [&](int k) {  // DLMF 10.51.2
    return ((k > 0 ? k * j[k - 1] : 0.0) - (k + 1) * j[k + 1]) / (2 * k + 1);
  };
  for (std::size_t n = 0; n < count(); ++n) {
    const Jet x = (zeros_[l][n] / radius_) * variable(r);
    spherical_bessel_j(l + 2, x.value, j.data());
    const double curvature =
        ((l > 0 ? l * slope(l - 1) : 0.0) - (l + 1) * slope(l + 1)) / (2 * l + 1);
    functions[n] = chain({j[l], slope(l), curvature}, x);
  }
}

SplineBasis::SplineBasis(std::size_t count, double radius, const std::vector<double>& points)
    : OrthonormalBasis(count, radius, false),
      intervals_(points.size() / count - 1),
      values_(points),
      curvatures_(points.size(), 0.0) {
  step_ = radius / double(intervals_);
  // Natural: the second derivative vanishes at both ends. Thomas' algorithm.
  const std::size_t knots = intervals_ + 1;
  for (std::size_t n = 0; n < count; ++n) {
    const double* f = values_.data() + n * knots;
    double* m = curvatures_.data() + n * knots;
    std::vector<double> pivot(knots, 1.0);
    for (std::size_t k = 1; k < intervals_; ++k) {
      const double right = 6.0 * (f[k + 1] - 2.0 * f[k] + f[k - 1]) / (step_ * step_);
      pivot[k] = 4.0 - (k > 1 ? 1.0 / pivot[k - 1] : 0.0);
      m[k] = (right - (k > 1 ? m[k - 1] : 0.0)) / pivot[k];
    }
    for (std::size_t k = intervals_ - 1; k > 0; --k) m[k] -= m[k + 1] / pivot[k];
  }
  rule_ = gauss_legendre_panels(8, intervals_, 0.0, radius);
  orthonormalize(0, false);
}

void SplineBasis::primitives(int, double r, Jet* functions) const {
  const std::size_t interval = std::min(static_cast<std::size_t>(r / step_), intervals_ - 1);
  const Jet t = (1.0 / step_) * variable(r) - constant(double(interval));
  const Jet s = constant(1.0) - t;
  const double h2 = step_ * step_ / 6.0;
  for (std::size_t n = 0; n < count(); ++n) {
    const std::size_t at = n * (intervals_ + 1) + interval;
    functions[n] = values_[at] * s + values_[at + 1] * t +
                   (h2 * curvatures_[at]) * (power(s, 3) - s) +
                   (h2 * curvatures_[at + 1]) * (power(t, 3) - t);
  }
}

}  // namespace soapstone
