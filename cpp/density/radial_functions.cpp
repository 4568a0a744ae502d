#include "density/radial_functions.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace soapstone {
namespace {

template <typename Function>
void evaluate(const Function& function, const double* distances, std::size_t count, double* values,
              double* slopes) {
  for (std::size_t k = 0; k < count; ++k) {
    const Jet jet = function(distances[k]);
    values[k] = jet.value;
    if (slopes != nullptr) slopes[k] = jet.first;
  }
}

}  // namespace

void evaluate_cutoff(const Cutoff& cutoff, const double* distances, std::size_t count,
                     double* values, double* slopes) {
  evaluate(cutoff, distances, count, values, slopes);
}

void evaluate_scaling(const RadialScaling& scaling, const double* distances, std::size_t count,
                      double* values, double* slopes) {
  evaluate(scaling, distances, count, values, slopes);
}

void evaluate_radial_basis(const DensityParameters& density, const BasisParameters& basis,
                           const double* distances, std::size_t count, double* values,
                           double* slopes) {
  const auto radial =
      make_radial_basis(basis.radial, basis.radial_count, density.cutoff.radius, basis.max_angular);
  std::vector<Jet> functions(radial->count());
  for (std::size_t k = 0; k < count; ++k) {
    for (int l = 0; l <= basis.max_angular; ++l) {
      radial->evaluate(l, distances[k], functions.data());
      for (const Jet& jet : functions) {
        *values++ = jet.value;
        if (slopes != nullptr) *slopes++ = jet.first;
      }
    }
  }
}

void evaluate_radial_integrals(const DensityParameters& density, const BasisParameters& basis,
                               const double* distances, std::size_t count, double* values,
                               double* slopes) {
  const auto radial =
      make_radial_basis(basis.radial, basis.radial_count, density.cutoff.radius, basis.max_angular);
  const RadialIntegral integral(density, basis, *radial);
  const std::size_t ranks = static_cast<std::size_t>(basis.max_angular) + 1;
  const std::size_t functions = radial->count(), numbers = ranks * functions;
  AlignedVector distance(kLanes), value(kLanes * integral.row()), slope(kLanes * integral.row());
  for (std::size_t k = 0; k < count; ++k) {
    if (distances[k] >= density.cutoff.radius) {
      std::fill(values + k * numbers, values + (k + 1) * numbers, 0.0);
      if (slopes != nullptr) std::fill(slopes + k * numbers, slopes + (k + 1) * numbers, 0.0);
      continue;
    }
    distance[0] = distances[k];
    integral.evaluate(distance.data(), 1, value.data(), slope.data());
    for (std::size_t l = 0; l < ranks; ++l) {
      const std::size_t from = l * integral.radial_stride(), to = k * numbers + l * functions;
      std::copy_n(&value[from], functions, values + to);
      if (slopes != nullptr) std::copy_n(&slope[from], functions, slopes + to);
    }
  }
}

}  // namespace soapstone
