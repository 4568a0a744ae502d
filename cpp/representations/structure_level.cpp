#include "representations/structure_level.hpp"

#include <algorithm>
#include <utility>

#include "common/parallel.hpp"
#include "representations/batch.hpp"
#include "representations/expansion_coefficients.hpp"

namespace soapstone {

namespace {

/// What the sum over a structure's atoms is multiplied with.
double share(const StructureLevel& level, std::size_t atoms) {
  return level.mean && atoms > 0 ? 1.0 / static_cast<double>(atoms) : 1.0;
}

/// Calls take(structure, Σ_i features of its atoms) for all structures. Atoms are summed in pieces
/// that do not depend on the number of threads, and the pieces of a structure in their order.
template <typename Take>
void for_each_sum(const Representation& representation, const BatchView& batch,
                  const Execution& execution, const Take& take) {
  const std::size_t features = representation.features();
  const Traversal traversal{representation.tile(), 1024, 64};
  const auto threads = static_cast<std::size_t>(resolve_threads(execution, batch.atoms()));
  std::vector<AlignedVector> rows(threads);
  // The part of structure s in item k has slot k + s: no two have the same, and along the atoms
  // slots ascend.
  std::vector<double> slots;
  const auto visit = [&](const Shard& shard, const std::size_t* centres, std::size_t count,
                         const Environment* environments, int thread) {
    AlignedVector& own = rows[static_cast<std::size_t>(thread)];
    own.resize(traversal.tile * features);
    representation.values(environments, count, own.data(), features);
    const std::size_t item = centres[0] / traversal.item_size(shard.atoms);
    for (std::size_t k = 0; k < count; ++k) {
      double* const sum = slots.data() + (item + shard.structure[centres[k]]) * features;
      const double* const row = own.data() + k * features;
      for (std::size_t f = 0; f < features; ++f) sum[f] += row[f];
    }
  };
  const auto before = [&](const Shard& shard) {
    const std::size_t items = shard.atoms / traversal.item_size(shard.atoms) + 1;
    slots.assign((items + shard.structures) * features, 0.0);
  };
  const auto after = [&](const Shard& shard) {
    const auto structure = [&](std::size_t s, int thread) {
      AlignedVector& own = rows[static_cast<std::size_t>(thread)];
      own.assign(features, 0.0);
      const std::size_t begin = shard.offset[s], end = shard.offset[s + 1];
      const std::size_t size = traversal.item_size(shard.atoms);
      for (std::size_t item = begin / size; begin < end && item <= (end - 1) / size; ++item) {
        const double* const sum = slots.data() + (item + s) * features;
        for (std::size_t f = 0; f < features; ++f) own[f] += sum[f];
      }
      take(shard.first_structure + s, own.data());
    };
    const int most =
        std::min(static_cast<int>(threads), resolve_threads(execution, shard.structures));
    parallel_for(shard.structures, most, execution.quiet(), structure);
  };
  for_each_environment(representation.expansion(), batch, {batch.atoms(), nullptr}, traversal,
                       execution, before, visit, after);
}

/// An environment of which only the coefficients are known.
Environment environment_of(const double* coefficients, std::size_t size) {
  Environment environment;
  environment.coefficients.assign(coefficients, coefficients + size);
  return environment;
}

/// The coefficients of each structure, summed over its atoms or averaged: structures × size.
AlignedVector structure_coefficients(const std::shared_ptr<const Representation>& representation,
                                     const StructureLevel& level, const BatchView& batch,
                                     const Execution& execution) {
  const ExpansionCoefficients coefficients(representation);
  const std::size_t size = coefficients.features();
  AlignedVector result(batch.structures * size);
  for_each_sum(coefficients, batch, execution, [&](std::size_t s, const double* sum) {
    const double factor = share(level, batch[s].size);
    for (std::size_t k = 0; k < size; ++k) result[s * size + k] = factor * sum[k];
  });
  return result;
}

/// ∂f/∂r = Σ over channels of ∂f/∂c̄ ∂c̄/∂r, 3 × features, from ∂c̄/∂r of one atom, 3 × size.
AlignedVector pull_back(const Representation& representation, const Environment& mean,
                        const double* coefficients_derivative) {
  const SphericalExpansion& expansion = representation.expansion();
  const std::size_t features = representation.features(), size = expansion.coefficients_size();
  const std::size_t channel_size = expansion.channel_size();
  AlignedVector derivative(3 * channel_size), rows, result(3 * features, 0.0);
  for (std::size_t channel = 0; channel < expansion.channels(); ++channel) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      std::copy_n(coefficients_derivative + axis * size + channel * channel_size, channel_size,
                  &derivative[axis * channel_size]);
    }
    const std::vector<std::size_t>& touched = representation.touched(channel);
    rows.resize(3 * touched.size());
    representation.jacobian(mean, channel, derivative.data(), rows.data(), touched.size());
    for (std::size_t axis = 0; axis < 3; ++axis) {
      for (std::size_t t = 0; t < touched.size(); ++t) {
        result[axis * features + touched[t]] += rows[axis * touched.size() + t];
      }
    }
  }
  return result;
}

}  // namespace

template <typename Real>
void compute_structure_values(const Composition& composition, const StructureLevel& level,
                              const BatchView& batch, const Execution& execution, Real* values) {
  const std::size_t columns = composition.features();
  const std::size_t parts = composition.parts().size();
  for (std::size_t p = 0; p < parts; ++p) {
    const auto& part = composition.parts()[p];
    const Representation& representation = *part.representation;
    const std::size_t features = representation.features();
    const Execution within = within_parts(execution, p, parts);
    const auto deliver = [&](std::size_t s, double factor, const double* row) {
      Real* const out = values + s * columns + composition.column(p);
      for (std::size_t f = 0; f < features; ++f) out[f] = static_cast<Real>(factor * row[f]);
    };
    if (!level.inner) {
      for_each_sum(representation, batch, within, [&](std::size_t s, const double* sum) {
        deliver(s, part.weight * share(level, batch[s].size), sum);
      });
      continue;
    }
    const AlignedVector coefficients =
        structure_coefficients(part.representation, level, batch, within);
    const std::size_t size = representation.expansion().coefficients_size();
    parallel_for(batch.structures, resolve_threads(execution, batch.structures), execution.quiet(),
                 [&](std::size_t s, int) {
                   AlignedVector row(features);
                   representation.values(environment_of(coefficients.data() + s * size, size),
                                         row.data());
                   deliver(s, part.weight, row.data());
                 });
  }
}

template void compute_structure_values(const Composition&, const StructureLevel&, const BatchView&,
                                       const Execution&, double*);
template void compute_structure_values(const Composition&, const StructureLevel&, const BatchView&,
                                       const Execution&, float*);

void compute_structure_vjp(const Composition& composition, const StructureLevel& level,
                           const BatchView& batch, const double* features_gradient,
                           const Execution& execution, double* positions, double* strain) {
  std::fill_n(positions, 3 * batch.atoms(), 0.0);
  if (strain != nullptr) std::fill_n(strain, 9 * batch.structures, 0.0);
  const std::size_t columns = composition.features();
  const std::size_t parts = composition.parts().size();
  for (std::size_t p = 0; p < parts; ++p) {
    const auto& part = composition.parts()[p];
    const Representation& representation = *part.representation;
    const std::size_t size = representation.expansion().coefficients_size();
    const auto gradient_of = [&](std::size_t s) {
      return features_gradient + s * columns + composition.column(p);
    };
    AlignedVector inner;  // ∂L/∂c̄ of each structure
    if (level.inner) {
      inner = structure_coefficients(part.representation, level, batch, execution.quiet());
      const auto pull = [&](std::size_t s, int) {
        const Environment environment = environment_of(&inner[s * size], size);
        representation.adjoint(environment, gradient_of(s), &inner[s * size]);
      };
      parallel_for(batch.structures, resolve_threads(execution, batch.structures),
                   execution.quiet(), pull);
    }
    const auto of_coefficients = [&](const Shard& shard, std::size_t from, std::size_t count,
                                     const Environment* environments, double* out) {
      for (std::size_t k = 0; k < count;) {  // atoms of one structure at a time
        const std::size_t local = shard.structure[from + k];
        const std::size_t s = shard.first_structure + local;
        const std::size_t end = std::min(count, shard.offset[local + 1] - from);
        if (level.inner) {
          for (std::size_t e = k; e < end; ++e) {
            std::copy_n(&inner[s * size], size, out + e * size);
          }
        } else {
          representation.adjoint(environments + k, end - k, gradient_of(s), 0, out + k * size);
        }
        const double factor = part.weight * share(level, batch[s].size);
        for (std::size_t c = k * size; c < end * size; ++c) out[c] *= factor;
        k = end;
      }
    };
    add_vjp(representation.expansion(), representation.tile(), batch, of_coefficients,
            within_parts(execution, p, parts), positions, strain);
  }
}

StructureJacobian::StructureJacobian(Composition composition, const StructureLevel& level,
                                     const BatchView& batch, const Execution& execution)
    : composition_(std::move(composition)), level_(level), batch_(batch) {
  for (const WeightedPart& part : composition_.parts()) {
    if (level.inner) {
      summed_.push_back(std::make_shared<const ExpansionCoefficients>(part.representation));
    } else {
      summed_.push_back(part.representation);
    }
    jacobians_.push_back(std::make_unique<Jacobian>(*summed_.back(), batch, execution));
  }
  first_.assign(batch.offsets, batch.offsets + batch.structures + 1);
  for (std::size_t i = 0; i < batch.atoms(); ++i) moved_.push_back(static_cast<std::int32_t>(i));
}

/// Writes the sum over a structure's centres: its atoms × 3 × features.
void StructureJacobian::sum_over_centres(const Jacobian& jacobian, std::size_t features,
                                         std::size_t structure, const Execution& execution,
                                         AlignedVector& sums) const {
  constexpr std::size_t kNumbersAtOnce = std::size_t{1} << 21;
  constexpr std::size_t kSlices = 16;  // of a row; each adds up all centres in order
  const auto begin = static_cast<std::size_t>(batch_.offsets[structure]);
  const auto end = static_cast<std::size_t>(batch_.offsets[structure + 1]);
  const auto& first = jacobian.first();
  const std::size_t width = 3 * features;
  const std::size_t most_rows = std::max<std::size_t>(1, kNumbersAtOnce / width);
  sums.assign((end - begin) * width, 0.0);
  AlignedVector rows;
  for (std::size_t from = begin, to; from < end; from = to) {
    to = from + 1;
    while (to < end && static_cast<std::size_t>(first[to + 1] - first[from]) <= most_rows) ++to;
    const auto count = static_cast<std::size_t>(first[to] - first[from]);
    rows.resize(count * width);
    jacobian.compute(from, to, execution, rows.data());
    parallel_for(kSlices, resolve_threads(execution, kSlices), execution,
                 [&](std::size_t slice, int) {
                   const std::size_t left = slice * width / kSlices;
                   const std::size_t right = (slice + 1) * width / kSlices;
                   for (std::size_t k = 0; k < count; ++k) {
                     const auto at = static_cast<std::size_t>(first[from]) + k;
                     double* const sum =
                         &sums[(static_cast<std::size_t>(jacobian.moved()[at]) - begin) * width];
                     const double* const row = &rows[k * width];
                     for (std::size_t f = left; f < right; ++f) sum[f] += row[f];
                   }
                 });
  }
}

template <typename Real>
void StructureJacobian::compute_rows(std::size_t from, std::size_t to, const Execution& execution,
                                     Real* values) const {
  const std::size_t columns = composition_.features();
  const Execution quiet = execution.quiet();
  AlignedVector sums;
  for (std::size_t s = from; s < to; ++s) {
    const std::size_t atoms = batch_[s].size;
    Real* const out = values + static_cast<std::size_t>(first_[s] - first_[from]) * 3 * columns;
    for (std::size_t p = 0; p < jacobians_.size(); ++p) {
      const Representation* const part = composition_.parts()[p].representation.get();
      const double weight = composition_.parts()[p].weight;
      const std::size_t size = summed_[p]->features();
      sum_over_centres(*jacobians_[p], size, s, quiet, sums);
      const double factor = weight * share(level_, atoms);
      Environment environment;
      if (level_.inner) {
        const std::int32_t offsets[] = {0, static_cast<std::int32_t>(atoms)};
        const StructureView structure = batch_[s];
        const BatchView alone{1,       structure.positions, structure.species,
                              offsets, structure.cell,      structure.pbc};
        const AlignedVector mean =
            structure_coefficients(composition_.parts()[p].representation, level_, alone, quiet);
        environment = environment_of(mean.data(), size);
      }
      const std::size_t features = part->features();
      parallel_for(atoms, resolve_threads(quiet, atoms), quiet, [&](std::size_t k, int) {
        const double* row = &sums[k * 3 * size];
        AlignedVector pulled;
        if (level_.inner) {
          pulled = pull_back(*part, environment, row);
          row = pulled.data();
        }
        Real* const cell = out + k * 3 * columns + composition_.column(p);
        for (std::size_t axis = 0; axis < 3; ++axis) {
          for (std::size_t f = 0; f < features; ++f) {
            cell[axis * columns + f] = static_cast<Real>(factor * row[axis * features + f]);
          }
        }
      });
    }
    if (execution.progress) execution.progress(s + 1 - from, to - from);
  }
}

void StructureJacobian::compute(std::size_t from, std::size_t to, const Execution& execution,
                                double* values) const {
  compute_rows(from, to, execution, values);
}
void StructureJacobian::compute(std::size_t from, std::size_t to, const Execution& execution,
                                float* values) const {
  compute_rows(from, to, execution, values);
}

}  // namespace soapstone
