#include "density/radial_projection.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "math/bessel.hpp"
#include "math/constants.hpp"
#include "math/jet.hpp"
#include "math/small_gemm.hpp"

namespace soapstone {

namespace {

/// Of a Gaussian there is nothing left at so many of its widths, e^{−40}.
constexpr double kReach = 9.0;

}  // namespace

RadialProjection::RadialProjection(double sigma, int max_angular, const RadialBasis& radial,
                                   double reach)
    : sigma_(sigma),
      max_angular_(max_angular),
      radial_(radial),
      stride_(padded(radial.count())),
      row_(static_cast<std::size_t>(max_angular + 1) * stride_) {
  if (sigma > 0.0) tabulate(reach);
}

void RadialProjection::tabulate(double reach) {
  // Sixteen points for four widths, or for as much as four radial functions share.
  const double end = std::min(radial_.extent(sigma_), reach + kReach * sigma_);
  const double width = 4.0 * std::min(sigma_, reach / double(count()));
  const auto panels = static_cast<std::size_t>(std::ceil(end / width));
  const Quadrature rule =
      radial_.rule() != nullptr ? *radial_.rule() : gauss_legendre_panels(16, panels, 0.0, end);

  const double prefactor = 4.0 * kPi * std::pow(kPi * sigma_ * sigma_, -0.75);
  const std::size_t size = padded(rule.nodes.size());
  nodes_.assign(size, rule.nodes.back());
  weights_.assign(size, 0.0);
  for (std::size_t q = 0; q < rule.nodes.size(); ++q) {
    nodes_[q] = rule.nodes[q];
    weights_[q] = prefactor * rule.weights[q] * nodes_[q] * nodes_[q];
  }
  const int angles = radial_.depends_on_angular() ? max_angular_ + 1 : 1;
  functions_.assign(static_cast<std::size_t>(angles) * size * stride_, 0.0);
  std::vector<Jet> jets(count());
  double* to = functions_.data();
  for (int l = 0; l < angles; ++l) {
    for (std::size_t q = 0; q < size; ++q, to += stride_) {
      radial_.evaluate(l, nodes_[q], jets.data());
      for (std::size_t n = 0; n < jets.size(); ++n) to[n] = jets[n].value;
    }
  }
}

void RadialProjection::evaluate(double r, double* jets) const {
  if (sigma_ > 0.0) {
    project_gaussian(r, jets);
  } else {
    project_point(r, jets);
  }
}

void RadialProjection::project_gaussian(double r, double* jets) const {
  const auto begin = nodes_.begin(), end = nodes_.end();
  const auto first =
      static_cast<std::size_t>(std::lower_bound(begin, end, r - kReach * sigma_) - begin) / kLanes *
      kLanes;
  const std::size_t last = padded(
      static_cast<std::size_t>(std::upper_bound(begin + first, end, r + kReach * sigma_) - begin));
  const std::size_t size = last - first;
  const auto angles = static_cast<std::size_t>(max_angular_ + 1);
  const double inverse = 1.0 / (sigma_ * sigma_);

  AlignedVector factors(kJet * angles * size);  // [derivative][l][node]
  std::vector<Lanes> bessel(angles + 2), slope(angles + 1);
  // i_l' = (l i_{l−1} + (l+1) i_{l+1}) / (2l+1), DLMF 10.51.5
  const auto differentiate = [](const Lanes* f, std::size_t l) {
    const Lanes above = double(l + 1) * f[l + 1];
    return (l > 0 ? double(l) * f[l - 1] + above : above) / double(2 * l + 1);
  };
  for (std::size_t q = 0; q < size; q += kLanes) {
    const Lanes s = load(&nodes_[first + q]);
    scaled_bessel_i(max_angular_ + 2, r * inverse * s, bessel.data());
    Lanes gaussian;
    for (std::size_t j = 0; j < kLanes; ++j) {
      gaussian[j] = std::exp(-0.5 * inverse * (r - s[j]) * (r - s[j]));
    }
    const Lanes weight = load(&weights_[first + q]) * gaussian;
    for (std::size_t l = 0; l <= angles; ++l) slope[l] = differentiate(bessel.data(), l);
    for (std::size_t l = 0; l < angles; ++l) {
      const Lanes curvature = differentiate(slope.data(), l);
      double* to = &factors[l * size + q];
      store(to, weight * bessel[l]);
      store(to + angles * size, weight * inverse * (s * slope[l] - r * bessel[l]));
      store(to + 2 * angles * size, weight * inverse * inverse *
                                        (s * s * curvature - 2.0 * r * s * slope[l] +
                                         (r * r - sigma_ * sigma_) * bessel[l]));
    }
  }
  const double* functions = functions_.data() + first * stride_;
  if (!radial_.depends_on_angular()) {
    small_gemm<false>({factors.data(), size, 1}, kJet * angles, functions, stride_, size, stride_,
                      jets, stride_);
    return;
  }
  for (std::size_t l = 0; l < angles; ++l) {
    small_gemm<false>({&factors[l * size], angles * size, 1}, kJet,
                      functions + l * nodes_.size() * stride_, stride_, size, stride_,
                      jets + l * stride_, row_);
  }
}

void RadialProjection::project_point(double r, double* jets) const {
  std::fill(jets, jets + kJet * row_, 0.0);
  std::vector<Jet> functions(count());
  for (int l = 0; l <= max_angular_; ++l) {
    radial_.evaluate(l, r, functions.data());
    double* to = jets + static_cast<std::size_t>(l) * stride_;
    for (std::size_t n = 0; n < functions.size(); ++n) {
      to[n] = functions[n].value;
      to[row_ + n] = functions[n].first;
      to[2 * row_ + n] = functions[n].second;
    }
  }
}

}  // namespace soapstone
