#include "representations/batch.hpp"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "common/huge_pages.hpp"
#include "common/parallel.hpp"
#include "math/streaming.hpp"
#include "neighbours/shard.hpp"
#include "representations/long_range_rows.hpp"

namespace soapstone {

namespace {

/// Calls body(first centre within the shard, count, thread) for all atoms of a shard, up to a tile
/// of centres at a time; which ones come together does not depend on the number of threads.
template <typename Body>
void for_each_tile(const Shard& shard, const Traversal& traversal, const Execution& execution,
                   const Body& body) {
  const std::size_t tile = traversal.tile;
  const std::size_t size = traversal.item_atoms(shard);
  const std::size_t items = (shard.atoms + size - 1) / size;
  parallel_for(items, resolve_threads(execution, items), execution,
               [&](std::size_t item, int thread) {
                 const std::size_t to = std::min((item + 1) * size, shard.atoms);
                 for (std::size_t i = item * size; i < to; i += tile) {
                   body(i, std::min(tile, to - i), thread);
                 }
               });
}

void report(const Execution& execution, const Shard& shard, const BatchView& batch) {
  if (execution.progress) execution.progress(shard.first_atom + shard.atoms, batch.atoms());
}

/// How results reach their array: formed there, or formed in the cache and copied, where they are
/// to be rounded or the array is so large that they are streamed to memory.
template <typename Real>
class Delivery {
 public:
  explicit Delivery(std::size_t numbers) : streamed_(beyond_cache(numbers * sizeof(Real))) {}

  /// Where `size` numbers bound for `values` are formed.
  double* workplace(Real* values, std::size_t size, AlignedVector& cache) const {
    if constexpr (std::is_same_v<Real, double>) {
      if (!streamed_) return values;
    }
    cache.resize(size);
    return cache.data();
  }

  /// Moves numbers from their workplace to `values`.
  void deliver(const double* from, std::size_t size, Real* values) const {
    if (streamed_) {
      stream(from, size, values);
    } else if constexpr (!std::is_same_v<Real, double>) {
      std::copy_n(from, size, values);
    }
  }

  /// When a thread has delivered a piece.
  void done() const {
    if (streamed_) streaming_done();
  }

 private:
  bool streamed_;
};

/// Features first … first + count − 1.
struct Run {
  std::size_t first, count;
};

/// Ascending indices as few runs.
std::vector<Run> runs_of(const std::vector<std::size_t>& indices) {
  std::vector<Run> runs;
  for (std::size_t index : indices) {
    if (runs.empty() || runs.back().first + runs.back().count != index) runs.push_back({index, 0});
    ++runs.back().count;
  }
  return runs;
}

}  // namespace

std::size_t Traversal::item_atoms(const Shard& shard) const {
  constexpr std::size_t kLeast = 16;
  const std::size_t share = shard.atoms / most_items;
  return std::max(kLeast, (share + kLeast - 1) / kLeast * kLeast);
}

void for_each_environment(const SphericalExpansion& expansion, const BatchView& batch,
                          const Traversal& traversal, const Execution& requested,
                          const std::function<void(const Shard&)>& before,
                          const std::function<void(const Shard&, std::size_t, std::size_t,
                                                   const Environment*, int)>& visit,
                          const std::function<void(const Shard&)>& after) {
  const Execution execution = for_atoms(requested, batch.atoms());
  std::vector<std::vector<Environment>> workspaces(
      static_cast<std::size_t>(resolve_threads(execution, batch.atoms())));
  LongRangeRows long_range(expansion, batch);
  for_each_shard(
      batch, expansion.cutoff(), traversal.shard_atoms, execution, [&](const Shard& shard) {
        before(shard);
        long_range.compute(shard.first_structure, shard.structures, execution);
        for_each_tile(shard, traversal, execution.quiet(),
                      [&](std::size_t from, std::size_t count, int thread) {
                        auto& environments = workspaces[static_cast<std::size_t>(thread)];
                        environments.resize(traversal.tile);
                        for (std::size_t k = 0; k < count; ++k) {
                          const std::size_t s = shard.structure[from + k];
                          expansion.compute(batch[shard.first_structure + s], shard.lists[s],
                                            from + k - shard.offset[s], false, environments[k],
                                            long_range.row(from + k));
                        }
                        visit(shard, from, count, environments.data(), thread);
                      });
        after(shard);
        report(execution, shard, batch);
      });
}

template <typename Real>
void compute_values(const Representation& representation, const BatchView& batch,
                    const Execution& execution, Real* values) {
  prefer_huge_pages(values, batch.atoms() * representation.features() * sizeof(Real));
  compute_values(representation, batch, execution, 1.0, values, representation.features());
}

template <typename Real>
void compute_values(const Representation& representation, const BatchView& batch,
                    const Execution& execution, double weight, Real* values, std::size_t step) {
  const std::size_t features = representation.features();
  const Delivery<Real> delivery(batch.atoms() * step);
  std::vector<AlignedVector> caches(
      static_cast<std::size_t>(resolve_threads(execution, batch.atoms())));
  const auto nothing = [](const Shard&) {};
  for_each_environment(
      representation.expansion(), batch, Traversal{representation.tile()}, execution, nothing,
      [&](const Shard& shard, std::size_t from, std::size_t count, const Environment* environments,
          int thread) {
        Real* const out = values + (shard.first_atom + from) * step;
        AlignedVector& cache = caches[static_cast<std::size_t>(thread)];
        double* const rows = delivery.workplace(out, count * features, cache);
        const std::size_t row_step = rows == cache.data() ? features : step;
        representation.values(environments, count, rows, row_step);
        for (std::size_t k = 0; k < count; ++k) {
          double* const row = rows + k * row_step;
          if (weight != 1.0) {
            for (std::size_t f = 0; f < features; ++f) row[f] *= weight;
          }
          delivery.deliver(row, features, out + k * step);
        }
        delivery.done();
      },
      nothing);
}

template void compute_values(const Representation&, const BatchView&, const Execution&, double*);
template void compute_values(const Representation&, const BatchView&, const Execution&, float*);
template void compute_values(const Representation&, const BatchView&, const Execution&, double,
                             double*, std::size_t);
template void compute_values(const Representation&, const BatchView&, const Execution&, double,
                             float*, std::size_t);

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
  std::vector<Workspace> workspaces(
      static_cast<std::size_t>(resolve_threads(execution, batch.atoms())));
  std::vector<double> pair_gradient;
  LongRangeRows long_range(expansion, batch);
  for_each_shard(
      batch, expansion.cutoff(), traversal.shard_atoms, execution, [&](const Shard& shard) {
        long_range.compute(shard.first_structure, shard.structures, execution);
        const std::vector<std::size_t> first_pair = first_pairs(shard);
        pair_gradient.resize(3 * first_pair.back());
        for_each_tile(shard, traversal, execution.quiet(),
                      [&](std::size_t from, std::size_t count, int thread) {
                        Workspace& w = workspaces[static_cast<std::size_t>(thread)];
                        w.environments.resize(tile);
                        const std::size_t size = expansion.coefficients_size();
                        w.coefficients_gradient.resize(tile * size);
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
                          w.neighbours_gradient.resize(3 * environment.neighbours);
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

Jacobian::Jacobian(const Representation& representation, const BatchView& batch,
                   const Execution& execution)
    : representation_(representation),
      neighbours_(representation),
      batch_(batch),
      lists_(batch.structures) {
  parallel_for(batch.structures, resolve_threads(execution, batch.structures), execution.quiet(),
               [&](std::size_t s, int) {
                 find_neighbours(batch[s], representation.expansion().cutoff(), lists_[s]);
               });
  first_.push_back(0);
  for (std::size_t s = 0; s < batch.structures; ++s) {
    const auto offset = batch.offsets[s];
    const NeighbourList& list = lists_[s];
    for (std::size_t i = 0; i < batch[s].size; ++i) {
      structure_.push_back(s);
      const auto begin = moved_.size();
      if (representation.expansion().long_range() != nullptr) {
        for (std::size_t k = 0; k < batch[s].size; ++k) {
          moved_.push_back(offset + static_cast<std::int32_t>(k));
        }
        first_.push_back(static_cast<std::int64_t>(moved_.size()));
        continue;
      }
      moved_.push_back(offset + static_cast<std::int32_t>(i));
      for (auto p = list.first[i]; p < list.first[i + 1]; ++p) {
        moved_.push_back(offset + list.neighbour[static_cast<std::size_t>(p)]);
      }
      const auto from = moved_.begin() + static_cast<std::ptrdiff_t>(begin);
      std::sort(from, moved_.end());
      moved_.erase(std::unique(from, moved_.end()), moved_.end());
      first_.push_back(static_cast<std::int64_t>(moved_.size()));
    }
  }
}

template <typename Real>
void Jacobian::compute(std::size_t from, std::size_t to, const Execution& execution,
                       Real* values) const {
  const SphericalExpansion& expansion = representation_.expansion();
  const std::size_t features = representation_.features();
  const std::size_t numbers = static_cast<std::size_t>(first_[to] - first_[from]) * 3 * features;
  prefer_huge_pages(values, numbers * sizeof(Real));
  const Delivery<Real> delivery(numbers);
  // What motion of an atom touches: of each species, and of each long-range channel.
  std::vector<std::vector<Run>> runs, far_runs;
  for (std::size_t a = 0; expansion.local_channels() > 0 && a < expansion.species().size(); ++a) {
    runs.push_back(runs_of(neighbours_.touched(a)));
  }
  for (std::size_t c = expansion.local_channels(); c < expansion.channels(); ++c) {
    far_runs.push_back(runs_of(representation_.touched(c)));
  }
  struct Workspace {
    Environment environment;
    std::vector<double> rows;
    AlignedVector block;
    AlignedVector derivatives;  // of the long-range coefficients by the position of each atom
  };
  std::vector<Workspace> workspaces(
      static_cast<std::size_t>(resolve_threads(execution, to - from)));
  const auto origin = first_[from];
  if (from == to) return;
  const LongRangeExpansion* const far = expansion.long_range();
  LongRangeRows long_range(expansion, batch_);
  long_range.compute(structure_[from], structure_[to - 1] + 1 - structure_[from],
                     execution.quiet());
  const auto first_atom = static_cast<std::size_t>(batch_.offsets[structure_[from]]);
  parallel_for(
      to - from, static_cast<int>(workspaces.size()), execution, [&](std::size_t item, int thread) {
        const std::size_t i = from + item;
        const std::size_t s = structure_[i];
        const auto offset = static_cast<std::size_t>(batch_.offsets[s]);
        Workspace& w = workspaces[static_cast<std::size_t>(thread)];
        expansion.compute(batch_[s], lists_[s], i - offset, true, w.environment,
                          long_range.row(i - first_atom));

        const auto size = static_cast<std::size_t>(first_[i + 1] - first_[i]) * 3 * features;
        Real* const out = values + static_cast<std::size_t>(first_[i] - origin) * 3 * features;
        double* const block = delivery.workplace(out, size, w.block);
        const auto row_of = [&](std::size_t atom) {
          const auto begin = moved_.begin() + first_[i];
          const auto end = moved_.begin() + first_[i + 1];
          const auto found = std::lower_bound(begin, end, static_cast<std::int32_t>(atom));
          return block + static_cast<std::size_t>(found - begin) * 3 * features;
        };
        double* own = row_of(i);
        std::fill_n(own, 3 * features, 0.0);
        if (far != nullptr) std::fill_n(block, size, 0.0);
        // Takes the derivatives in w.rows for the other atom, and against them for the centre.
        const auto add = [&](const std::vector<Run>& moved, std::size_t touched, double* other,
                             bool first) {
          const double* d = w.rows.data();
          // Where there are pairs of species that the atom has no part in, its rows have gaps.
          if (first && touched < features) std::fill_n(other, 3 * features, 0.0);
          for (std::size_t axis = 0; axis < 3; ++axis) {
            for (const Run& run : moved) {
              double* to = other + axis * features + run.first;
              double* from_own = own + axis * features + run.first;
              for (std::size_t k = 0; k < run.count; ++k) {
                to[k] = first ? d[k] : to[k] + d[k];
                from_own[k] -= d[k];
              }
              d += run.count;
            }
          }
        };
        std::size_t previous = i;  // images of an atom follow each other
        for (std::size_t a = 0; a < runs.size(); ++a) {
          const std::size_t touched = neighbours_.touched(a).size();
          w.rows.resize(3 * touched);
          for (std::size_t j = w.environment.first[a]; j < w.environment.first[a + 1]; ++j) {
            const std::size_t atom = offset + static_cast<std::size_t>(w.environment.atom[j]);
            if (atom == i) continue;  // an image of the centre moves with it
            neighbours_.rows(w.environment, a, j, w.rows.data(), touched);
            add(runs[a], touched, row_of(atom), far == nullptr && atom != previous);
            previous = atom;
          }
        }
        if (far != nullptr) {
          const StructureView structure = batch_[s];
          const std::size_t step = 3 * expansion.channel_size();
          w.derivatives.resize(structure.size * step);
          far->derivatives(structure, i - offset, w.derivatives.data());
          for (std::size_t j = 0; j < structure.size; ++j) {
            if (offset + j == i) continue;
            const std::size_t a = expansion.channel_of(structure.species[j]);
            const std::size_t channel = expansion.local_channels() + a;
            const std::size_t touched = representation_.touched(channel).size();
            w.rows.resize(3 * touched);
            representation_.jacobian(w.environment, channel, w.derivatives.data() + j * step,
                                     w.rows.data(), touched);
            add(far_runs[a], touched, row_of(offset + j), false);
          }
        }
        delivery.deliver(block, size, out);
        delivery.done();
      });
}

template void Jacobian::compute(std::size_t, std::size_t, const Execution&, double*) const;
template void Jacobian::compute(std::size_t, std::size_t, const Execution&, float*) const;

}  // namespace soapstone
