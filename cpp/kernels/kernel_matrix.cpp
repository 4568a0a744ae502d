#include "kernels/kernel_matrix.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "common/parallel.hpp"

namespace soapstone {

namespace {

/// Rows of a tile, about; with its columns it stays in the second level of cache.
constexpr std::size_t kTileRows = 48;
/// Columns, about, that one thread works on at a time.
constexpr std::size_t kBlockColumns = 192;

/// The segment of every environment, and what it counts in that.
struct Membership {
  std::vector<std::size_t> segment;
  std::vector<double> weight;

  Membership(const Segments& segments, std::size_t rows) : segment(rows), weight(rows, 1.0) {
    for (std::size_t i = 0; i < rows; ++i) segment[i] = i;
    if (segments.offsets == nullptr) return;
    for (std::size_t s = 0; s < segments.count; ++s) {
      const auto first = static_cast<std::size_t>(segments.offsets[s]);
      const auto last = static_cast<std::size_t>(segments.offsets[s + 1]);
      for (std::size_t i = first; i < last; ++i) {
        segment[i] = s;
        if (segments.mean) weight[i] = 1.0 / static_cast<double>(last - first);
      }
    }
  }
};

/// Where blocks of columns begin and end, in environments: at segments, each of about
/// kBlockColumns.
std::vector<std::size_t> block_bounds(const KernelSamples& samples) {
  std::vector<std::size_t> bounds{0};
  const std::size_t wanted =
      std::max<std::size_t>(1, kBlockColumns / samples.environments.components);
  const std::size_t count = samples.count();
  for (std::size_t s = 0; s < count; ++s) {
    const std::size_t last = samples.segments.offsets
                                 ? static_cast<std::size_t>(samples.segments.offsets[s + 1])
                                 : s + 1;
    if (last - bounds.back() >= wanted || s + 1 == count) bounds.push_back(last);
  }
  return bounds;
}

/// Environments of some samples, and of tensors their scalars, in the same order.
struct Sorted {
  SortedEnvironments environments;
  std::optional<SortedEnvironments> scalars;

  Sorted(const KernelSamples& from, std::size_t first, std::size_t last, bool normalize,
         const Execution& execution)
      : environments(from.environments, first, last, norms(from, normalize), execution) {
    if (from.environments.components == 1) return;
    scalars.emplace(from.scalars, first, last, normalize ? &from.scalars : nullptr, execution);
  }

 private:
  static const EnvironmentRows* norms(const KernelSamples& from, bool normalize) {
    if (from.environments.components > 1) return &from.scalars;
    return normalize ? &from.environments : nullptr;
  }
};

/// Columns of one species, and the kernel of rows with them.
class Columns {
 public:
  Columns(const Sorted& from, const SortedEnvironments::Group& group)
      : environments_(from.environments, group) {
    if (from.scalars) scalars_.emplace(*from.scalars, group);
  }

  std::size_t step() const { return environments_.padded_columns(); }

  /// Kernels of rows first … last − 1, component by component, `step` numbers in a row.
  const double* kernel(const KernelFunction& function, const Sorted& rows, std::size_t first,
                       std::size_t last) {
    const std::size_t components = rows.environments.components();
    tile_.resize((last - first) * components * step());
    if (!scalars_) {
      environments_.kernel(function, rows.environments, first, last, tile_.data());
      return tile_.data();
    }
    environments_.products(rows.environments, first, last, tile_.data());
    factors_.resize((last - first) * scalars_->padded_columns());
    scalars_->kernel(function, *rows.scalars, first, last, factors_.data());
    for (std::size_t i = 0; i < (last - first) * components; ++i) {
      const double* factors = factors_.data() + i / components * scalars_->padded_columns();
      double* to = tile_.data() + i * step();
      for (std::size_t j = 0; j < environments_.columns(); ++j) to[j] *= factors[j / components];
    }
    return tile_.data();
  }

 private:
  PackedEnvironments environments_;
  std::optional<PackedEnvironments> scalars_;
  AlignedVector tile_, factors_;
};

}  // namespace

void kernel_matrix(const KernelSamples& x, const KernelSamples* y, const KernelFunction& function,
                   const SpeciesCoupling& coupling, double* out, const Execution& execution) {
  const bool symmetric = y == nullptr;
  const KernelSamples& columns = symmetric ? x : *y;
  const std::size_t components = x.environments.components;
  const std::size_t height = x.size(), width = columns.size();
  const Sorted rows(x, 0, x.environments.rows, function.normalize, execution);
  const Membership row_of(x.segments, x.environments.rows);
  const Membership column_of(columns.segments, columns.environments.rows);
  const std::vector<std::size_t> bounds = block_bounds(columns);
  const std::size_t blocks = bounds.size() - 1;
  const std::size_t tile_rows = std::max<std::size_t>(1, kTileRows / components);

  // Each block of columns is one thread's own, which adds rows up in their order: the result does
  // not depend on the number of threads.
  parallel_for(blocks, resolve_threads(execution, blocks), execution, [&](std::size_t b, int) {
    const Sorted block(columns, bounds[b], bounds[b + 1], function.normalize,
                       Execution{1, execution.cancelled, {}});
    const std::size_t first_column = column_of.segment[bounds[b]];
    const std::size_t last_column = column_of.segment[bounds[b + 1] - 1] + 1;
    // Of a symmetric matrix only what is not above the block.
    const std::size_t first_row = symmetric ? first_column : 0;
    for (std::size_t row = first_row * components; row < height; ++row) {
      std::fill(out + row * width + first_column * components,
                out + row * width + last_column * components, 0.0);
    }
    for (const auto& of_columns : block.environments.groups()) {
      Columns packed(block, of_columns);
      for (const auto& of_rows : rows.environments.groups()) {
        const double kappa = coupling(of_rows.species, of_columns.species);
        if (kappa == 0.0) continue;
        execution.check_cancelled();
        std::size_t i = of_rows.first;
        while (i < of_rows.last && row_of.segment[rows.environments.index(i)] < first_row) ++i;
        for (; i < of_rows.last; i += tile_rows) {
          const std::size_t end = std::min(i + tile_rows, of_rows.last);
          const double* from = packed.kernel(function, rows, i, end);
          for (std::size_t r = i; r < end; ++r) {
            const std::size_t row = rows.environments.index(r);
            const double weight = kappa * row_of.weight[row];
            for (std::size_t c = 0; c < components; ++c, from += packed.step()) {
              double* to = out + (row_of.segment[row] * components + c) * width;
              for (std::size_t j = of_columns.first; j < of_columns.last; ++j) {
                const std::size_t column = block.environments.index(j);
                const double factor = weight * column_of.weight[column];
                const double* own = from + (j - of_columns.first) * components;
                double* sum = to + column_of.segment[column] * components;
                for (std::size_t d = 0; d < components; ++d) sum[d] += factor * own[d];
              }
            }
          }
        }
      }
    }
  });
  if (!symmetric) return;
  // A kernel of distance is 1 at none, whatever rounding makes of the distance and its width.
  if (!x.segments.offsets && components == 1 &&
      function.type != KernelFunction::Type::kDotProduct) {
    const std::int32_t* species = x.environments.species;
    for (std::size_t i = 0; i < height; ++i) {
      const double kappa = species ? coupling(species[i], species[i]) : 1.0;
      out[i * width + i] = function.derivative ? 0.0 : kappa;
    }
  }
  const Execution quiet{execution.threads, execution.cancelled, {}};
  const std::size_t strips = (height + kTileRows - 1) / kTileRows;
  parallel_for(strips, resolve_threads(quiet, strips), quiet, [&](std::size_t strip, int) {
    const std::size_t end = std::min(height, (strip + 1) * kTileRows);
    for (std::size_t from = 0; from < height; from += kTileRows) {
      for (std::size_t i = strip * kTileRows; i < end; ++i) {
        for (std::size_t j = std::max(from, i + 1); j < std::min(height, from + kTileRows); ++j) {
          out[i * width + j] = out[j * width + i];
        }
      }
    }
  });
}

}  // namespace soapstone
