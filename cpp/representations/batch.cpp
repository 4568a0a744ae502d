#include "representations/batch.hpp"

#include <algorithm>
#include <vector>

#include "common/huge_pages.hpp"
#include "common/parallel.hpp"
#include "neighbours/shard.hpp"
#include "representations/delivery.hpp"
#include "representations/long_range_rows.hpp"

namespace soapstone {

namespace {

/// Calls body(first, count, thread) for all centres of a shard, up to a tile of them at a time;
/// which ones come together does not depend on the number of threads.
template <typename Body>
void for_each_tile(std::size_t centres, const Traversal& traversal, const Execution& execution,
                   const Body& body) {
  const std::size_t tile = traversal.tile;
  const std::size_t size = traversal.item_size(centres);
  const std::size_t items = (centres + size - 1) / size;
  parallel_for(items, resolve_threads(execution, items), execution,
               [&](std::size_t item, int thread) {
                 const std::size_t to = std::min((item + 1) * size, centres);
                 for (std::size_t i = item * size; i < to; i += tile) {
                   body(i, std::min(tile, to - i), thread);
                 }
               });
}

void report(const Execution& execution, const Shard& shard, const BatchView& batch) {
  if (execution.progress) execution.progress(shard.first_atom + shard.atoms, batch.atoms());
}

}  // namespace

std::size_t Traversal::item_size(std::size_t centres) const {
  constexpr std::size_t kLeast = 16;
  const std::size_t share = centres / most_items;
  return std::max(kLeast, (share + kLeast - 1) / kLeast * kLeast);
}

void for_each_environment(const SphericalExpansion& expansion, const BatchView& batch,
                          const AtomRows& rows, const Traversal& traversal,
                          const Execution& requested,
                          const std::function<void(const Shard&)>& before,
                          const std::function<void(const Shard&, const std::size_t*, std::size_t,
                                                   const Environment*, int)>& visit,
                          const std::function<void(const Shard&)>& after) {
  const Execution execution = for_atoms(requested, batch.atoms());
  struct Workspace {
    std::vector<Environment> environments;
  };
  auto* const workspaces = kept_workspaces<Workspace>(resolve_threads(execution, batch.atoms()));
  LongRangeRows long_range(expansion, batch);
  std::vector<std::size_t> centres;
  for_each_shard(
      batch, expansion.cutoff(), traversal.shard_atoms, execution, [&](const Shard& shard) {
        before(shard);
        long_range.compute(shard.first_structure, shard.structures, execution);
        centres.clear();
        for (std::size_t i = 0; i < shard.atoms; ++i) {
          if (rows.has(shard.first_atom + i)) centres.push_back(i);
        }
        for_each_tile(centres.size(), traversal, execution.quiet(),
                      [&](std::size_t from, std::size_t count, int thread) {
                        auto& environments = workspaces[thread].environments;
                        grow(environments, traversal.tile);
                        for (std::size_t k = 0; k < count; ++k) {
                          const std::size_t i = centres[from + k], s = shard.structure[i];
                          expansion.compute(batch[shard.first_structure + s], shard.lists[s],
                                            i - shard.offset[s], false, environments[k],
                                            long_range.row(i));
                        }
                        visit(shard, centres.data() + from, count, environments.data(), thread);
                      });
        after(shard);
        report(execution, shard, batch);
      });
}

template <typename Real>
void compute_values(const Representation& representation, const BatchView& batch,
                    const Execution& execution, Real* values) {
  prefer_huge_pages(values, batch.atoms() * representation.features() * sizeof(Real));
  compute_values(representation, batch, {batch.atoms(), nullptr}, execution, 1.0, values,
                 representation.features());
}

template <typename Real>
void compute_values(const Representation& representation, const BatchView& batch,
                    const AtomRows& rows, const Execution& execution, double weight, Real* values,
                    std::size_t step) {
  const std::size_t features = representation.features();
  const bool in_order = rows.of_atoms == nullptr;
  const Delivery<Real> delivery(rows.count * step, in_order);
  struct Cache {
    AlignedVector rows;
  };
  auto* const caches = kept_workspaces<Cache>(resolve_threads(execution, batch.atoms()));
  const auto nothing = [](const Shard&) {};
  for_each_environment(
      representation.expansion(), batch, rows, Traversal{representation.tile()}, execution, nothing,
      [&](const Shard& shard, const std::size_t* centres, std::size_t count,
          const Environment* environments, int thread) {
        const auto out = [&](std::size_t k) {
          return values + rows.of(shard.first_atom + centres[k]) * step;
        };
        AlignedVector& cache = caches[thread].rows;
        double* const formed = delivery.workplace(out(0), count * features, cache);
        const std::size_t row_step = formed == cache.data() ? features : step;
        representation.values(environments, count, formed, row_step);
        for (std::size_t k = 0; k < count; ++k) {
          double* const row = formed + k * row_step;
          if (weight != 1.0) {
            for (std::size_t f = 0; f < features; ++f) row[f] *= weight;
          }
          delivery.deliver(row, features, out(k));
        }
        delivery.done();
      },
      nothing);
}

template void compute_values(const Representation&, const BatchView&, const Execution&, double*);
template void compute_values(const Representation&, const BatchView&, const Execution&, float*);
template void compute_values(const Representation&, const BatchView&, const AtomRows&,
                             const Execution&, double, double*, std::size_t);
template void compute_values(const Representation&, const BatchView&, const AtomRows&,
                             const Execution&, double, float*, std::size_t);

void compute_vjp(const Representation& representation, const BatchView& batch,
                 const double* features_gradient, const Execution& execution, double* positions,
                 double* strain) {
  std::fill_n(positions, 3 * batch.atoms(), 0.0);
  if (strain != nullptr) std::fill_n(strain, 9 * batch.structures, 0.0);
  const std::size_t features = representation.features();
  add_vjp(
      representation.expansion(), representation.tile(), batch,
      [&](const Shard& shard, std::size_t from, std::size_t count, const Environment* environments,
          double* coefficients_gradient) {
        representation.adjoint(environments, count,
                               features_gradient + (shard.first_atom + from) * features, features,
                               coefficients_gradient);
      },
      execution, positions, strain);
}

void add_vjp(const SphericalExpansion& expansion, std::size_t tile, const BatchView& batch,
             const CoefficientsGradient& coefficients_gradient, const Execution& requested,
             double* positions, double* strain) {
  const Execution execution = for_atoms(requested, batch.atoms());
  const Traversal traversal{tile};
  struct Workspace {
    std::vector<Environment> environments;
    AlignedVector coefficients_gradient;
    std::vector<double> neighbours_gradient;
  };
  auto* const workspaces = kept_workspaces<Workspace>(resolve_threads(execution, batch.atoms()));
  std::vector<double> pair_gradient;
  LongRangeRows long_range(expansion, batch);
  for_each_shard(
      batch, expansion.cutoff(), traversal.shard_atoms, execution, [&](const Shard& shard) {
        long_range.compute(shard.first_structure, shard.structures, execution);
        const std::vector<std::size_t> first_pair = first_pairs(shard);
        pair_gradient.resize(3 * first_pair.back());
        for_each_tile(shard.atoms, traversal, execution.quiet(),
                      [&](std::size_t from, std::size_t count, int thread) {
                        Workspace& w = workspaces[thread];
                        const std::size_t size = expansion.coefficients_size();
                        grow(w.environments, tile);
                        grow(w.coefficients_gradient, tile * size);
                        for (std::size_t k = 0; k < count; ++k) {
                          const std::size_t s = shard.structure[from + k];
                          expansion.compute(batch[shard.first_structure + s], shard.lists[s],
                                            from + k - shard.offset[s], true, w.environments[k],
                                            long_range.row(from + k));
                        }
                        coefficients_gradient(shard, from, count, w.environments.data(),
                                              w.coefficients_gradient.data());
                        for (std::size_t k = 0; k < count; ++k) {
                          const Environment& environment = w.environments[k];
                          const double* gradient = w.coefficients_gradient.data() + k * size;
                          long_range.take_gradient(from + k, gradient);
                          const std::size_t s = shard.structure[from + k];
                          grow(w.neighbours_gradient, 3 * environment.neighbours);
                          expansion.adjoint(environment, gradient, w.neighbours_gradient.data());
                          for (std::size_t j = 0; j < environment.neighbours; ++j) {
                            const std::size_t pair =
                                first_pair[s] + static_cast<std::size_t>(environment.pair[j]);
                            std::copy_n(&w.neighbours_gradient[3 * j], 3, &pair_gradient[3 * pair]);
                          }
                        }
                      });
        parallel_for(shard.structures, resolve_threads(execution, shard.structures),
                     execution.quiet(), [&](std::size_t s, int) {
                       scatter_pair_gradients(
                           shard.lists[s], pair_gradient.data() + 3 * first_pair[s],
                           positions + 3 * (shard.first_atom + shard.offset[s]),
                           strain == nullptr ? nullptr : strain + 9 * (shard.first_structure + s));
                     });
        long_range.adjoint(execution, positions + 3 * shard.first_atom,
                           strain == nullptr ? nullptr : strain + 9 * shard.first_structure);
        report(execution, shard, batch);
      });
}

}  // namespace soapstone
