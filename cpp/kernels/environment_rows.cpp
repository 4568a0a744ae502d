#include "kernels/environment_rows.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "common/parallel.hpp"

namespace soapstone {

namespace {

constexpr std::size_t kPanelLanes = PackedMatrix::kPanel / kLanes;

Lanes absolute(const Lanes& x) {
  using Bits = long long __attribute__((vector_size(kAlignment)));
  return (Lanes)((Bits)x & 0x7fffffffffffffffLL);
}

/// out(m, n) = Σ_k |left(m, k) − right(k, n)| for kCount rows and one panel.
template <std::size_t kCount>
void distance_rows(const double* left, std::size_t left_step, const double* panel,
                   std::size_t depth, double* out, std::size_t out_step) {
  Lanes sums[kCount][kPanelLanes] = {};
  for (std::size_t k = 0; k < depth; ++k) {
    for (std::size_t n = 0; n < kPanelLanes; ++n) {
      const Lanes right = load(panel + k * PackedMatrix::kPanel + n * kLanes);
      for (std::size_t m = 0; m < kCount; ++m) {
        sums[m][n] += absolute(right - left[m * left_step + k]);
      }
    }
  }
  for (std::size_t m = 0; m < kCount; ++m) {
    for (std::size_t n = 0; n < kPanelLanes; ++n) {
      store(out + m * out_step + n * kLanes, sums[m][n]);
    }
  }
}

void manhattan_distances(const double* left, std::size_t left_step, std::size_t rows,
                         const PackedMatrix& right, std::size_t panels, double* out,
                         std::size_t out_step) {
  constexpr std::size_t kRows = 4;
  for (std::size_t p = 0; p < panels; ++p) {
    double* column = out + p * PackedMatrix::kPanel;
    std::size_t m = 0;
    for (; m + kRows <= rows; m += kRows) {
      distance_rows<kRows>(left + m * left_step, left_step, right.panel(p), right.depth(),
                           column + m * out_step, out_step);
    }
    for (; m < rows; ++m) {
      distance_rows<1>(left + m * left_step, left_step, right.panel(p), right.depth(),
                       column + m * out_step, out_step);
    }
  }
}

}  // namespace

double SpeciesCoupling::operator()(std::int32_t a, std::int32_t b) const {
  if (values.empty()) return a == b ? 1.0 : 0.0;
  const auto place = [&](std::int32_t number) {
    const auto found = std::find(species.begin(), species.end(), number);
    if (found == species.end()) {
      throw Error(ErrorCode::kInvalidInput,
                  "coupling: there is none for atomic number " + std::to_string(number));
    }
    return static_cast<std::size_t>(found - species.begin());
  };
  return values[place(a) * species.size() + place(b)];
}

SortedEnvironments::SortedEnvironments(const EnvironmentRows& from, std::size_t first,
                                       std::size_t last, const EnvironmentRows* norms,
                                       const Execution& execution)
    : features_(from.features),
      components_(from.components),
      step_(padded(from.features)),
      index_(last - first),
      squares_(last - first),
      values_((last - first) * components_ * step_) {
  std::iota(index_.begin(), index_.end(), first);
  const auto species_of = [&](std::size_t row) { return from.species ? from.species[row] : 0; };
  std::stable_sort(index_.begin(), index_.end(),
                   [&](std::size_t a, std::size_t b) { return species_of(a) < species_of(b); });
  for (std::size_t i = 0; i < index_.size(); ++i) {
    const std::int32_t species = species_of(index_[i]);
    if (groups_.empty() || groups_.back().species != species) groups_.push_back({species, i, i});
    groups_.back().last = i + 1;
  }
  const auto square_of = [](const EnvironmentRows& rows, std::size_t row) {
    const std::size_t numbers = rows.components * rows.features;
    const double* values = rows.values + row * numbers;
    Lanes squares{};
    for (std::size_t k = 0; k < numbers; k += kLanes) {
      const Lanes some = load_first(values + k, numbers - k);
      squares += some * some;
    }
    return sum(squares);
  };
  constexpr std::size_t kRowsAtOnce = 64;
  parallel_blocks(
      index_.size(), kRowsAtOnce, execution.quiet(), [&](std::size_t first, std::size_t count) {
        for (std::size_t i = first; i < first + count; ++i) {
          const double norm2 = norms ? square_of(*norms, index_[i]) : 1.0;
          const double scale = norm2 > 0.0 ? 1.0 / std::sqrt(norm2) : 0.0;
          // Kernels of distance are those of scalars; tensors need none.
          if (components_ == 1) {
            const bool own = norms && norms->values == from.values;
            squares_[i] = (own ? norm2 : square_of(from, index_[i])) * scale * scale;
          }
          const double* source = from.values + index_[i] * components_ * features_;
          double* to = values_.data() + i * components_ * step_;
          for (std::size_t c = 0; c < components_; ++c, source += features_, to += step_) {
            for (std::size_t f = 0; f < features_; ++f) to[f] = source[f] * scale;
            std::fill(to + features_, to + step_, 0.0);
          }
        }
      });
}

PackedEnvironments::PackedEnvironments(const SortedEnvironments& rows,
                                       const SortedEnvironments::Group& group)
    : columns_((group.last - group.first) * rows.components()),
      packed_(rows.row(group.first), 1, rows.step(), rows.features(), columns_),
      squares_(packed_.padded_columns(), 0.0) {
  for (std::size_t j = group.first; j < group.last; ++j) squares_[j - group.first] = rows.square(j);
}

void PackedEnvironments::products(const SortedEnvironments& x, std::size_t first, std::size_t last,
                                  double* out) const {
  packed_product(x.row(first), x.step(), (last - first) * x.components(), packed_, 0,
                 packed_.panels(), out, padded_columns());
}

void PackedEnvironments::kernel(const KernelFunction& function, const SortedEnvironments& x,
                                std::size_t first, std::size_t last, std::size_t count,
                                double* out) const {
  const std::size_t step = padded_columns();
  const std::size_t panels = (count + PackedMatrix::kPanel - 1) / PackedMatrix::kPanel;
  if (function.of_manhattan_distance()) {
    manhattan_distances(x.row(first), x.step(), last - first, packed_, panels, out, step);
  } else {
    packed_product(x.row(first), x.step(), last - first, packed_, 0, panels, out, step);
  }
  for (std::size_t i = first; i < last; ++i, out += step) {
    for (std::size_t j = 0; j < count; j += kLanes) {
      store(out + j, function.value(load(out + j), x.square(i), load(squares_.data() + j)));
    }
  }
}

}  // namespace soapstone
