#include "density/radial_basis.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "common/error.hpp"

namespace soapstone {

GtoBasis::GtoBasis(std::size_t count, double cutoff)
    : count_(count), cutoff_(cutoff), exponents_(count), transformation_(count * count) {
  std::vector<double> norms(count);
  // ∫ r^{p} exp(−a r²) dr = ½ Γ((p+1)/2) a^{−(p+1)/2}
  const auto moment = [](double p, double a) {
    return 0.5 * std::exp(std::lgamma(0.5 * (p + 1.0)) - 0.5 * (p + 1.0) * std::log(a));
  };
  for (std::size_t n = 0; n < count; ++n) {
    const double width = cutoff * std::max(std::sqrt(double(n)), 1.0) / double(count);
    exponents_[n] = 0.5 / (width * width);
    norms[n] = 1.0 / std::sqrt(moment(2.0 * n + 2.0, 2.0 * exponents_[n]));
  }
  Eigen::MatrixXd overlap(count, count);
  for (std::size_t n = 0; n < count; ++n) {
    for (std::size_t m = 0; m < count; ++m) {
      overlap(n, m) = norms[n] * norms[m] * moment(n + m + 2.0, exponents_[n] + exponents_[m]);
    }
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(overlap);
  if (eigen.eigenvalues()(0) < 1e-14) {
    throw Error(
        ErrorCode::kNumerical,
        "basis.radial.count: " + std::to_string(count) +
            " Gaussian-type orbitals are linearly dependent in double precision; use fewer");
  }
  const Eigen::MatrixXd root = eigen.operatorInverseSqrt();
  for (std::size_t n = 0; n < count; ++n) {
    for (std::size_t m = 0; m < count; ++m) transformation_[n * count + m] = root(n, m) * norms[m];
  }
}

double GtoBasis::extent(double sigma) const {
  // The widest primitive has σ_n < r_c; its product with a Gaussian centred within the cutoff is
  // below 1e-18 from here on.
  return cutoff_ + 9.0 * sigma;
}

void GtoBasis::evaluate(double r, double* values) const {
  std::vector<double> primitives(count_);
  double power = 1.0;
  for (std::size_t n = 0; n < count_; ++n) {
    primitives[n] = power * std::exp(-exponents_[n] * r * r);
    power *= r;
  }
  for (std::size_t n = 0; n < count_; ++n) {
    values[n] = 0.0;
    for (std::size_t m = 0; m < count_; ++m) {
      values[n] += transformation_[n * count_ + m] * primitives[m];
    }
  }
}

}  // namespace soapstone
