#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <vector>

#include "kernels/kernel_rows.hpp"
#include "kernels/sparse_kernel.hpp"
#include "representations/batch.hpp"
#include "structures/systems.hpp"

namespace soapstone::testing {

/// Features of all atoms of some structures, each divided by its norm: atoms × features.
inline std::vector<double> normalised_features(const Representation& representation,
                                               const Systems& systems) {
  const std::size_t features = representation.features();
  std::vector<double> values(systems.atoms() * features);
  compute_values(representation, systems.view(), {1, nullptr, nullptr}, values.data());
  for (std::size_t i = 0; i < systems.atoms(); ++i) {
    double square = 0.0;
    for (std::size_t k = 0; k < features; ++k) square += std::pow(values[i * features + k], 2);
    const double scale = square > 0.0 ? 1.0 / std::sqrt(square) : 0.0;
    for (std::size_t k = 0; k < features; ++k) values[i * features + k] *= scale;
  }
  return values;
}

/// A kernel whose sparse points are the first environments of some structures, at most
/// `per_channel` of each species.
inline std::shared_ptr<const SparseKernel> make_kernel(
    std::shared_ptr<const Representation> representation, const Systems& systems,
    std::size_t per_channel, int zeta) {
  const std::size_t features = representation->features();
  const std::vector<double> all = normalised_features(*representation, systems);
  const BatchView batch = systems.view();
  std::vector<double> points;
  std::vector<std::size_t> first{0};
  for (std::size_t a = 0; a < representation->expansion().channels(); ++a) {
    std::size_t found = 0;
    for (std::size_t i = 0; i < batch.atoms() && found < per_channel; ++i) {
      if (representation->expansion().channel_of(batch.species[i]) != a) continue;
      points.insert(points.end(), &all[i * features], &all[i * features] + features);
      ++found;
    }
    first.push_back(first.back() + found);
  }
  return std::make_shared<const SparseKernel>(std::move(representation), points.data(), first,
                                              zeta);
}

/// k(X, X') = (p̂ · p̂')^ζ by its definition.
inline double environment_kernel(const double* a, const double* b, std::size_t features, int zeta) {
  double u = 0.0;
  for (std::size_t k = 0; k < features; ++k) u += a[k] * b[k];
  return std::pow(u, zeta);
}

/// Σ_i k(X_i, X_m) over the environments of a structure, for all M sparse points.
inline std::vector<double> kernel_row(const SparseKernel& kernel, const System& system) {
  const Representation& representation = kernel.representation();
  const std::size_t features = representation.features();
  const std::vector<double> p = normalised_features(representation, Systems({system}));
  std::vector<double> row(kernel.size(), 0.0);
  for (std::size_t i = 0; i < system.size(); ++i) {
    const std::size_t a = representation.expansion().channel_of(system.species[i]);
    for (std::size_t m = kernel.first()[a]; m < kernel.first()[a + 1]; ++m) {
      row[m] += environment_kernel(&p[i * features], kernel.points() + m * features, features,
                                   kernel.zeta());
    }
  }
  return row;
}

/// The kernel of two structures, Σ_ij k(X_i, X_j).
inline double structure_kernel(const SparseKernel& kernel, const System& a, const System& b) {
  const Representation& representation = kernel.representation();
  const std::size_t features = representation.features();
  const std::vector<double> p = normalised_features(representation, Systems({a}));
  const std::vector<double> q = normalised_features(representation, Systems({b}));
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < b.size(); ++j) {
      if (a.species[i] != b.species[j]) continue;
      sum += environment_kernel(&p[i * features], &q[j * features], features, kernel.zeta());
    }
  }
  return sum;
}

/// What KernelRowBuilder::add adds to zeroed rows: M columns each.
struct Rows {
  std::vector<double> energy, positions, strain;
};

/// Derivatives that are wanted besides the energy's row.
struct RowParts {
  bool positions = true, strain = true;
};

inline Rows kernel_rows(const SparseKernel& kernel, const System& system,
                        const RowParts& parts = {}, int threads = 1) {
  const std::size_t size = kernel.size();
  NeighbourList list;
  find_neighbours(system.view(), kernel.representation().expansion().cutoff(), list);
  Rows rows{std::vector<double>(size, 0.0), std::vector<double>(3 * system.size() * size, 0.0),
            std::vector<double>(9 * size, 0.0)};
  KernelRows wanted{system.view(), &list, size, rows.energy.data()};
  if (parts.positions) wanted.positions = rows.positions.data(), wanted.last = system.size();
  if (parts.strain) wanted.strain = rows.strain.data();
  KernelRowBuilder(kernel, {}).add({wanted}, {threads, nullptr, nullptr});
  return rows;
}

}  // namespace soapstone::testing
