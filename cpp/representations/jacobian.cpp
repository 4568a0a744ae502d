#include "representations/jacobian.hpp"

#include <algorithm>

#include "common/huge_pages.hpp"
#include "common/parallel.hpp"
#include "neighbours/batch.hpp"
#include "representations/delivery.hpp"
#include "representations/long_range_rows.hpp"

namespace soapstone {

Jacobian::Touched::Touched(const std::vector<std::size_t>& indices) : features(indices.size()) {
  for (std::size_t index : indices) {
    if (runs.empty() || runs.back().first + runs.back().count != index) runs.push_back({index, 0});
    ++runs.back().count;
  }
}

Jacobian::Jacobian(const Representation& representation, const BatchView& batch,
                   const Execution& execution)
    : representation_(representation),
      neighbours_(representation),
      batch_(batch),
      lists_(batch.structures) {
  const SphericalExpansion& expansion = representation.expansion();
  for_each_structure(batch, execution.quiet(), [&](std::size_t s, const Execution& inner) {
    find_neighbours(batch[s], expansion.cutoff(), lists_[s], inner);
  });
  first_.push_back(0);
  for (std::size_t s = 0; s < batch.structures; ++s) find_moved(s);
  if (expansion.local_channels() > 0) {
    for (std::size_t a = 0; a < expansion.species().size(); ++a) {
      near_.emplace_back(neighbours_.touched(a));
    }
  }
  for (std::size_t c = expansion.local_channels(); c < expansion.channels(); ++c) {
    far_.emplace_back(representation.touched(c));
  }
}

void Jacobian::find_moved(std::size_t s) {
  const auto offset = batch_.offsets[s];
  const NeighbourList& list = lists_[s];
  for (std::size_t i = 0; i < batch_[s].size; ++i) {
    structure_.push_back(s);
    const auto begin = static_cast<std::ptrdiff_t>(moved_.size());
    if (representation_.expansion().long_range() != nullptr) {
      for (std::size_t k = 0; k < batch_[s].size; ++k) {
        moved_.push_back(offset + static_cast<std::int32_t>(k));
      }
    } else {
      moved_.push_back(offset + static_cast<std::int32_t>(i));
      for (auto p = list.first[i]; p < list.first[i + 1]; ++p) {
        moved_.push_back(offset + list.neighbour[static_cast<std::size_t>(p)]);
      }
      std::sort(moved_.begin() + begin, moved_.end());
      moved_.erase(std::unique(moved_.begin() + begin, moved_.end()), moved_.end());
    }
    first_.push_back(static_cast<std::int64_t>(moved_.size()));
  }
}

/// Forms the rows of one centre after the other; each thread has its own.
class Jacobian::CentreRows {
 public:
  explicit CentreRows(const Jacobian& jacobian)
      : jacobian_(jacobian),
        expansion_(jacobian.representation_.expansion()),
        features_(jacobian.representation_.features()) {}

  /// Writes the rows of a centre, whose coefficients from afar are given, to `block`.
  void compute(std::size_t centre, const double* long_range, double* block) {
    centre_ = centre;
    block_ = block;
    structure_ = jacobian_.structure_[centre];
    const auto rows = static_cast<std::size_t>(jacobian_.first_[centre + 1] - first());
    own_ = row_of(centre);
    const bool far = expansion_.long_range() != nullptr;
    std::fill_n(far ? block : own_, (far ? rows : 1) * 3 * features_, 0.0);
    expansion_.compute(jacobian_.batch_[structure_], jacobian_.lists_[structure_],
                       centre - offset(), true, environment_, long_range);
    add_neighbours(far);
    if (far) add_far();
  }

  AlignedVector cache;  ///< where rows are formed that are not formed in place

 private:
  std::int64_t first() const { return jacobian_.first_[centre_]; }
  std::size_t offset() const {
    return static_cast<std::size_t>(jacobian_.batch_.offsets[structure_]);
  }

  double* row_of(std::size_t atom) const {
    const auto begin = jacobian_.moved_.begin() + first();
    const auto end = jacobian_.moved_.begin() + jacobian_.first_[centre_ + 1];
    const auto found = std::lower_bound(begin, end, static_cast<std::int32_t>(atom));
    return block_ + static_cast<std::size_t>(found - begin) * 3 * features_;
  }

  /// @param zeroed whether all rows were set to zero, and not only that of the centre.
  void add_neighbours(bool zeroed) {
    std::size_t previous = centre_;  // images of an atom follow each other
    for (std::size_t a = 0; a < jacobian_.near_.size(); ++a) {
      const Touched& touched = jacobian_.near_[a];
      derivatives_.resize(3 * touched.features);
      for (std::size_t j = environment_.first[a]; j < environment_.first[a + 1]; ++j) {
        const std::size_t atom = offset() + static_cast<std::size_t>(environment_.atom[j]);
        if (atom == centre_) continue;  // an image of the centre moves with it
        jacobian_.neighbours_.rows(environment_, a, j, derivatives_.data(), touched.features);
        add(touched, row_of(atom), !zeroed && atom != previous);
        previous = atom;
      }
    }
  }

  void add_far() {
    const StructureView structure = jacobian_.batch_[structure_];
    const std::size_t step = 3 * expansion_.channel_size();
    of_coefficients_.resize(structure.size * step);
    expansion_.long_range()->derivatives(structure, centre_ - offset(), of_coefficients_.data());
    for (std::size_t j = 0; j < structure.size; ++j) {
      if (offset() + j == centre_) continue;
      const std::size_t a = expansion_.channel_of(structure.species[j]);
      const Touched& touched = jacobian_.far_[a];
      derivatives_.resize(3 * touched.features);
      jacobian_.representation_.jacobian(environment_, expansion_.local_channels() + a,
                                         of_coefficients_.data() + j * step, derivatives_.data(),
                                         touched.features);
      add(touched, row_of(offset() + j), false);
    }
  }

  /// Adds the derivatives to the row of the other atom, in place of what is there if they are the
  /// `first`, and takes them from that of the centre.
  void add(const Touched& touched, double* other, bool first) {
    // Where there are pairs of species that the atom has no part in, its rows have gaps.
    if (first && touched.features < features_) std::fill_n(other, 3 * features_, 0.0);
    const double* d = derivatives_.data();
    for (std::size_t axis = 0; axis < 3; ++axis) {
      for (const Run& run : touched.runs) {
        double* to = other + axis * features_ + run.first;
        double* from_own = own_ + axis * features_ + run.first;
        for (std::size_t k = 0; k < run.count; ++k) {
          to[k] = first ? d[k] : to[k] + d[k];
          from_own[k] -= d[k];
        }
        d += run.count;
      }
    }
  }

  const Jacobian& jacobian_;
  const SphericalExpansion& expansion_;
  std::size_t features_;
  // Of the centre at work:
  std::size_t centre_ = 0, structure_ = 0;
  double* block_ = nullptr;
  double* own_ = nullptr;
  Environment environment_;
  std::vector<double> derivatives_;  // of the touched features by the position of an atom
  AlignedVector of_coefficients_;    // of those from afar by the position of each atom
};

template <typename Real>
void Jacobian::compute(std::size_t from, std::size_t to, const Execution& execution,
                       Real* values) const {
  if (from == to) return;
  const std::size_t per_row = 3 * representation_.features();
  const auto numbers_until = [&](std::size_t centre) {
    return static_cast<std::size_t>(first_[centre] - first_[from]) * per_row;
  };
  prefer_huge_pages(values, numbers_until(to) * sizeof(Real));
  const Delivery<Real> delivery(numbers_until(to));
  LongRangeRows long_range(representation_.expansion(), batch_);
  long_range.compute(structure_[from], structure_[to - 1] + 1 - structure_[from],
                     execution.quiet());
  const auto first_atom = static_cast<std::size_t>(batch_.offsets[structure_[from]]);
  const int threads = resolve_threads(execution, to - from);
  std::vector<CentreRows> rows(static_cast<std::size_t>(threads), CentreRows(*this));
  parallel_for(to - from, threads, execution, [&](std::size_t item, int thread) {
    const std::size_t centre = from + item;
    const std::size_t size = numbers_until(centre + 1) - numbers_until(centre);
    Real* const out = values + numbers_until(centre);
    CentreRows& own = rows[static_cast<std::size_t>(thread)];
    double* const block = delivery.workplace(out, size, own.cache);
    own.compute(centre, long_range.row(centre - first_atom), block);
    delivery.deliver(block, size, out);
    delivery.done();
  });
}

template void Jacobian::compute(std::size_t, std::size_t, const Execution&, double*) const;
template void Jacobian::compute(std::size_t, std::size_t, const Execution&, float*) const;

}  // namespace soapstone
