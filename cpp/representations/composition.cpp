#include "representations/composition.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/huge_pages.hpp"
#include "common/parallel.hpp"
#include "representations/batch.hpp"

namespace soapstone {

Composition::Composition(std::vector<WeightedPart> parts) : parts_(std::move(parts)) {
  columns_.push_back(0);
  for (const WeightedPart& part : parts_) {
    columns_.push_back(columns_.back() + part.representation->features());
  }
}

Execution within_parts(const Execution& execution, std::size_t part, std::size_t parts) {
  Execution result = execution;
  if (execution.progress) {
    result.progress = [progress = execution.progress, part, parts](std::size_t done,
                                                                   std::size_t total) {
      progress((part * total + done) / parts, total);
    };
  }
  return result;
}

template <typename Real>
void compute_values(const Composition& composition, const BatchView& batch, const AtomRows& rows,
                    const Execution& execution, Real* values) {
  const std::size_t features = composition.features();
  const std::size_t parts = composition.parts().size();
  prefer_huge_pages(values, rows.count * features * sizeof(Real));
  for (std::size_t p = 0; p < parts; ++p) {
    const auto& [representation, weight] = composition.parts()[p];
    compute_values(*representation, batch, rows, within_parts(execution, p, parts), weight,
                   values + composition.column(p), features);
  }
}

template void compute_values(const Composition&, const BatchView&, const AtomRows&,
                             const Execution&, double*);
template void compute_values(const Composition&, const BatchView&, const AtomRows&,
                             const Execution&, float*);

void compute_vjp(const Composition& composition, const BatchView& batch,
                 const double* features_gradient, const Execution& execution, double* positions,
                 double* strain) {
  std::fill_n(positions, 3 * batch.atoms(), 0.0);
  if (strain != nullptr) std::fill_n(strain, 9 * batch.structures, 0.0);
  const std::size_t features = composition.features();
  const std::size_t parts = composition.parts().size();
  for (std::size_t p = 0; p < parts; ++p) {
    const auto& [representation, weight] = composition.parts()[p];
    const SphericalExpansion& expansion = representation->expansion();
    const double* const gradient = features_gradient + composition.column(p);
    const auto of_coefficients = [&, r = representation.get(), w = weight](
                                     const Shard& shard, std::size_t from, std::size_t count,
                                     const Environment* environments, double* out) {
      r->adjoint(environments, count, gradient + (shard.first_atom + from) * features, features,
                 out);
      if (w == 1.0) return;
      for (std::size_t k = 0; k < count * expansion.coefficients_size(); ++k) out[k] *= w;
    };
    add_vjp(expansion, representation->tile(), batch, of_coefficients,
            within_parts(execution, p, parts), positions, strain);
  }
}

CompositionJacobian::CompositionJacobian(Composition composition, const BatchView& batch,
                                         const Execution& execution)
    : composition_(std::move(composition)) {
  for (const WeightedPart& part : composition_.parts()) {
    parts_.push_back(std::make_unique<Jacobian>(*part.representation, batch, execution));
  }
  first_ = parts_[0]->first();
  moved_ = parts_[0]->moved();
  for (std::size_t p = 1; p < parts_.size(); ++p) {
    std::vector<std::int32_t> united;
    std::vector<std::int64_t> first{0};
    const auto range = [](const auto& moved, const auto& of, std::size_t i) {
      return std::pair(moved.begin() + of[i], moved.begin() + of[i + 1]);
    };
    for (std::size_t i = 0; i < batch.atoms(); ++i) {
      const auto a = range(moved_, first_, i);
      const auto b = range(parts_[p]->moved(), parts_[p]->first(), i);
      std::set_union(a.first, a.second, b.first, b.second, std::back_inserter(united));
      first.push_back(static_cast<std::int64_t>(united.size()));
    }
    moved_ = std::move(united);
    first_ = std::move(first);
  }
}

template <typename Real>
void CompositionJacobian::compute_rows(std::size_t from, std::size_t to, const Execution& execution,
                                       Real* values) const {
  if (parts_.size() == 1 && composition_.parts()[0].weight == 1.0) {
    return parts_[0]->compute(from, to, execution, values);
  }
  const std::size_t features = composition_.features();
  const Execution quiet = execution.quiet();
  const auto rows_of = [](const auto& first, std::size_t begin, std::size_t end) {
    return static_cast<std::size_t>(first[end] - first[begin]);
  };
  // A few centres at a time: the rows of a part are still in the cache when they are put in place.
  constexpr std::size_t kCentres = 64;
  AlignedVector block;
  for (std::size_t begin = from; begin < to; begin += kCentres) {
    const std::size_t end = std::min(begin + kCentres, to);
    Real* const out = values + rows_of(first_, from, begin) * 3 * features;
    std::fill_n(out, rows_of(first_, begin, end) * 3 * features, Real{0});
    for (std::size_t p = 0; p < parts_.size(); ++p) {
      const auto& [representation, weight] = composition_.parts()[p];
      const std::size_t size = representation->features();
      const auto& first = parts_[p]->first();
      block.resize(rows_of(first, begin, end) * 3 * size);
      parts_[p]->compute(begin, end, quiet, block.data());
      const auto place = [&, factor = weight](std::size_t item, int) {
        const std::size_t i = begin + item;
        const double* row = block.data() + rows_of(first, begin, i) * 3 * size;
        auto at = static_cast<std::size_t>(first_[i]);
        for (auto k = first[i]; k < first[i + 1]; ++k) {
          while (moved_[at] != parts_[p]->moved()[static_cast<std::size_t>(k)]) ++at;
          Real* to_row = out + (at - static_cast<std::size_t>(first_[begin])) * 3 * features;
          for (std::size_t axis = 0; axis < 3; ++axis, row += size) {
            Real* const cell = to_row + axis * features + composition_.column(p);
            for (std::size_t f = 0; f < size; ++f) cell[f] = static_cast<Real>(factor * row[f]);
          }
        }
      };
      parallel_for(end - begin, resolve_threads(quiet, end - begin), quiet, place);
    }
    if (execution.progress) execution.progress(end - from, to - from);
  }
}

void CompositionJacobian::compute(std::size_t from, std::size_t to, const Execution& execution,
                                  double* values) const {
  compute_rows(from, to, execution, values);
}
void CompositionJacobian::compute(std::size_t from, std::size_t to, const Execution& execution,
                                  float* values) const {
  compute_rows(from, to, execution, values);
}

}  // namespace soapstone
