#include "density/reciprocal_integral.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "math/bessel.hpp"
#include "math/quadrature.hpp"
#include "math/quintic_hermite.hpp"
#include "math/small_gemm.hpp"

namespace soapstone {

namespace {

constexpr double kAccuracy = 1e-12;

/// j_l and two derivatives of eight arguments, l = 0 … max_angular: jets[kJet · l + derivative].
void bessel_jets(int max_angular, const Lanes& x, std::vector<Lanes>& work, Lanes* jets) {
  const auto count = static_cast<std::size_t>(max_angular);
  work.resize(2 * count + 5);
  Lanes* const slope = work.data() + count + 3;
  spherical_bessel_j(max_angular + 2, x, work.data());
  // j_l' = (l j_{l−1} − (l+1) j_{l+1}) / (2l+1), DLMF 10.51.2
  const auto differentiate = [](const Lanes* f, std::size_t l) {
    const Lanes above = double(l + 1) * f[l + 1];
    return (l > 0 ? double(l) * f[l - 1] - above : -above) / double(2 * l + 1);
  };
  for (std::size_t l = 0; l <= count + 1; ++l) slope[l] = differentiate(work.data(), l);
  for (std::size_t l = 0; l <= count; ++l) {
    jets[kJet * l] = work[l];
    jets[kJet * l + 1] = slope[l];
    jets[kJet * l + 2] = differentiate(slope, l);
  }
}

}  // namespace

Quadrature radial_rule(const RadialBasis& radial, double radius, double scale) {
  Quadrature rule;
  if (radial.rule() != nullptr) {
    rule = *radial.rule();
  } else {
    // Sixteen points for as much as three radial functions share.
    const double end = radial.extent(0.0);
    const double width = std::min(3.0 * radius / double(radial.count()), scale);
    rule = gauss_legendre_panels(16, static_cast<std::size_t>(std::ceil(end / width)), 0.0, end);
  }
  for (std::size_t q = 0; q < rule.nodes.size(); ++q) {
    rule.weights[q] *= rule.nodes[q] * rule.nodes[q];
  }
  return rule;
}

ReciprocalIntegral::ReciprocalIntegral(const RadialBasis& radial, int max_angular, double radius,
                                       double most)
    : stride_(padded(radial.count())), row_(static_cast<std::size_t>(max_angular + 1) * stride_) {
  const Quadrature rule = radial_rule(radial, radius, 8.0 / most);
  const auto angles = static_cast<std::size_t>(radial.depends_on_angular() ? max_angular + 1 : 1);
  const std::size_t size = padded(rule.nodes.size());
  std::vector<Jet> jets(radial.count());
  AlignedVector functions(angles * size * stride_, 0.0);  // [l][node][n], r² times the weight
  AlignedVector nodes(size, rule.nodes.back());
  std::copy(rule.nodes.begin(), rule.nodes.end(), nodes.begin());
  double largest = 0.0, sixth = 0.0;
  std::size_t last = 0;  // the tails of Gaussian-type orbitals are long and empty
  for (std::size_t l = 0; l < angles; ++l) {
    std::vector<double> whole(radial.count(), 0.0), moment(radial.count(), 0.0);
    for (std::size_t q = 0; q < rule.nodes.size(); ++q) {
      radial.evaluate(static_cast<int>(l), rule.nodes[q], jets.data());
      for (std::size_t n = 0; n < jets.size(); ++n) {
        const double f = rule.weights[q] * jets[n].value;
        functions[(l * size + q) * stride_ + n] = f;
        whole[n] += std::abs(f);
        moment[n] += std::abs(f) * std::pow(rule.nodes[q], 6) / 7.0;
        if (std::abs(f) > 1e-18 * whole[n]) last = std::max(last, q);
      }
    }
    for (std::size_t n = 0; n < jets.size(); ++n) {
      if (l == 0) largest = std::max(largest, whole[n]);
      sixth = std::max(sixth, moment[n]);
    }
  }
  const std::size_t used = padded(last + 1);

  const double wanted = std::pow(46080.0 * kAccuracy * largest / sixth, 1.0 / 6.0);
  intervals_ = static_cast<std::size_t>(std::ceil(most / wanted));
  step_ = most / double(intervals_);
  knots_.assign((intervals_ + 1) * kJet * row_, 0.0);
  const auto rows = static_cast<std::size_t>(max_angular + 1);
  AlignedVector factors(kJet * rows * used);  // [derivative][l][node]
  std::vector<Lanes> work, bessel(kJet * rows);
  for (std::size_t knot = 0; knot <= intervals_; ++knot) {
    const double k = step_ * double(knot);
    for (std::size_t q = 0; q < used; q += kLanes) {
      const Lanes r = load(&nodes[q]);
      bessel_jets(max_angular, k * r, work, bessel.data());
      const Lanes by_step = step_ * r;
      for (std::size_t l = 0; l < rows; ++l) {
        store(&factors[l * used + q], bessel[kJet * l]);
        store(&factors[(rows + l) * used + q], by_step * bessel[kJet * l + 1]);
        store(&factors[(2 * rows + l) * used + q], by_step * by_step * bessel[kJet * l + 2]);
      }
    }
    double* to = &knots_[knot * kJet * row_];
    if (angles == 1) {
      small_gemm<false>({factors.data(), used, 1}, kJet * rows, functions.data(), stride_, used,
                        stride_, to, stride_);
      continue;
    }
    for (std::size_t l = 0; l < rows; ++l) {
      small_gemm<false>({&factors[l * used], rows * used, 1}, kJet, &functions[l * size * stride_],
                        stride_, used, stride_, to + l * stride_, row_);
    }
  }
}

void ReciprocalIntegral::evaluate(double k, double* values, double* slopes) const {
  const double position = k / step_;
  const std::size_t interval = std::min(static_cast<std::size_t>(position), intervals_ - 1);
  const double t = position - double(interval);
  const QuinticHermite<double> factors(t);
  const double* const at = knots_.data() + interval * kJet * row_;
  for (std::size_t i = 0; i < row_; i += kLanes) {
    Lanes f{}, d{};
    unrolled<2 * kJet>([&](auto j) {
      const Lanes knot = load(at + j * row_ + i);
      f += factors.value[j] * knot;
      d += factors.slope[j] * knot;
    });
    store(values + i, f);
    if (slopes != nullptr) store(slopes + i, d / step_);
  }
}

}  // namespace soapstone
