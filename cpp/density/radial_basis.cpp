#include "density/radial_basis.hpp"

#include <cmath>
#include <string>
#include <utility>

#include "common/error.hpp"
#include "density/orthonormal_basis.hpp"

namespace soapstone {

namespace {

/// Discrete variable representation: functions at the points r_n of Gauss–Legendre quadrature, with
/// integrals defined by this quadrature, ∫ r² R_n f dr = √w_n r_n f(r_n). J. C. Light, T.
/// Carrington, Adv. Chem. Phys. 114, 263 (2000).
class LegendreDvrBasis final : public RadialBasis {
 public:
  LegendreDvrBasis(std::size_t count, double radius)
      : radius_(radius), rule_(gauss_legendre(static_cast<int>(count), 0.0, radius)) {}

  std::size_t count() const override { return rule_.nodes.size(); }
  double extent(double) const override { return radius_; }
  const Quadrature* rule() const override { return &rule_; }

  /// 1/(√w_n r_n) at r_n and 0 at all other points; defined at the points only.
  void evaluate(int, double r, Jet* functions) const override {
    for (std::size_t n = 0; n < count(); ++n) {
      const bool here = std::abs(r - rule_.nodes[n]) < 1e-9 * radius_;
      functions[n] = {here ? 1.0 / (std::sqrt(rule_.weights[n]) * rule_.nodes[n]) : 0.0, 0.0, 0.0};
    }
  }

 private:
  double radius_;
  Quadrature rule_;
};

/// Fewer functions made of those of another basis, R'_nl = Σ_k u^l_nk R_kl. With u from the
/// principal components of coefficients these are the optimal radial basis of A. Goscinski, F.
/// Musil, S. Pozdnyakov, J. Nigam, M. Ceriotti, J. Chem. Phys. 155, 104106 (2021).
class ContractedBasis final : public RadialBasis {
 public:
  ContractedBasis(std::unique_ptr<RadialBasis> inner, std::size_t count,
                  std::vector<double> contraction)
      : inner_(std::move(inner)), count_(count), contraction_(std::move(contraction)) {}

  std::size_t count() const override { return count_; }
  bool depends_on_angular() const override { return true; }
  double extent(double sigma) const override { return inner_->extent(sigma); }
  const Quadrature* rule() const override { return inner_->rule(); }

  void evaluate(int l, double r, Jet* functions) const override {
    const std::size_t inner = inner_->count();
    std::vector<Jet> all(inner);
    inner_->evaluate(l, r, all.data());
    const double* u = contraction_.data() + static_cast<std::size_t>(l) * count_ * inner;
    for (std::size_t n = 0; n < count_; ++n) {
      functions[n] = {0.0, 0.0, 0.0};
      for (std::size_t k = 0; k < inner; ++k)
        functions[n] = functions[n] + u[n * inner + k] * all[k];
    }
  }

 private:
  std::unique_ptr<RadialBasis> inner_;
  std::size_t count_;
  std::vector<double> contraction_;
};

std::unique_ptr<RadialBasis> make_whole_basis(const RadialBasisParameters& p, std::size_t count,
                                              double radius, int max_angular) {
  using Type = RadialBasisParameters::Type;
  switch (p.type) {
    case Type::kMonomial:
      return std::make_unique<MonomialBasis>(count, radius, max_angular);
    case Type::kChebyshev:
      return std::make_unique<ChebyshevBasis>(count, radius);
    case Type::kBernstein:
      return std::make_unique<BernsteinBasis>(count, radius);
    case Type::kBessel:
      return std::make_unique<BesselBasis>(count, radius, max_angular);
    case Type::kLegendreDvr:
      return std::make_unique<LegendreDvrBasis>(count, radius);
    case Type::kSpline:
      if (p.points.size() % count != 0 || p.points.size() / count < 4) {
        throw Error(ErrorCode::kInvalidInput,
                    "basis.radial.points: expected the same number of values, 4 or more, for each "
                    "of the " +
                        std::to_string(count) + " functions");
      }
      return std::make_unique<SplineBasis>(count, radius, p.points);
    case Type::kGto:
      break;
  }
  return std::make_unique<GtoBasis>(count, radius);
}

}  // namespace

std::unique_ptr<RadialBasis> make_radial_basis(const RadialBasisParameters& parameters, int count,
                                               double radius, int max_angular,
                                               std::size_t channel) {
  const auto functions = static_cast<std::size_t>(count);
  const std::vector<double>& contraction = parameters.contraction;
  if (contraction.empty()) return make_whole_basis(parameters, functions, radius, max_angular);
  const auto inner = static_cast<std::size_t>(parameters.contracted_from);
  const std::size_t size = static_cast<std::size_t>(max_angular + 1) * functions * inner;
  if (contraction.size() % size != 0 || contraction.size() < (channel + 1) * size) {
    throw Error(ErrorCode::kInvalidInput, "basis.radial.coefficients: expected " +
                                              std::to_string(size) +
                                              " numbers for each element, got " +
                                              std::to_string(contraction.size()) + " in all");
  }
  const auto begin = contraction.begin() + static_cast<std::ptrdiff_t>(channel * size);
  return std::make_unique<ContractedBasis>(
      make_whole_basis(parameters, inner, radius, max_angular), functions,
      std::vector<double>(begin, begin + static_cast<std::ptrdiff_t>(size)));
}

}  // namespace soapstone
