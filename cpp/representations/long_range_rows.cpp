#include "representations/long_range_rows.hpp"

#include <algorithm>

#include "neighbours/batch.hpp"

namespace soapstone {

template <typename Body>
void LongRangeRows::for_each_structure(const Execution& execution, const Body& body) const {
  const auto origin = static_cast<std::size_t>(batch_.offsets[first_]);
  const auto end = static_cast<std::size_t>(batch_.offsets[first_ + count_]);
  const auto of_structure = [&](std::size_t s, const Execution& inner) {
    const StructureView structure = batch_[s];
    std::vector<std::size_t> channel(structure.size);
    for (std::size_t i = 0; i < structure.size; ++i) {
      channel[i] = expansion_.channel_of(structure.species[i]);
    }
    const auto offset = static_cast<std::size_t>(batch_.offsets[s]) - origin;
    body(s - first_, structure, offset, channel, inner);
  };
  share_structures(first_, count_, end - origin, execution.quiet(), of_structure);
}

void LongRangeRows::compute(std::size_t first, std::size_t count, const Execution& execution) {
  first_ = first;
  count_ = count;
  if (size() == 0) return;
  const auto atoms =
      static_cast<std::size_t>(batch_.offsets[first + count] - batch_.offsets[first]);
  grow(coefficients_, atoms * size());
  for_each_structure(execution,
                     [&](std::size_t, const StructureView& structure, std::size_t offset,
                         const std::vector<std::size_t>& channel, const Execution& inner) {
                       expansion_.long_range()->compute(structure, channel, inner,
                                                        coefficients_.data() + offset * size());
                     });
  grow(gradient_, coefficients_.size());
}

void LongRangeRows::take_gradient(std::size_t atom, const double* coefficients_gradient) {
  if (size() == 0) return;
  std::copy_n(coefficients_gradient + expansion_.local_size(), size(),
              gradient_.data() + atom * size());
}

void LongRangeRows::adjoint(const Execution& execution, double* positions, double* strain) const {
  if (size() == 0) return;
  for_each_structure(
      execution, [&](std::size_t s, const StructureView& structure, std::size_t offset,
                     const std::vector<std::size_t>& channel, const Execution& inner) {
        expansion_.long_range()->adjoint(structure, channel, coefficients_.data() + offset * size(),
                                         gradient_.data() + offset * size(), inner,
                                         positions + 3 * offset,
                                         strain == nullptr ? nullptr : strain + 9 * s);
      });
}

}  // namespace soapstone
