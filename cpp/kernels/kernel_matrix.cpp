#include "kernels/kernel_matrix.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "common/huge_pages.hpp"
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

  /// Kernels of rows first … last − 1 with at least the first `count` environments, component by
  /// component, `step` numbers in a row.
  const double* kernel(const KernelFunction& function, const Sorted& rows, std::size_t first,
                       std::size_t last, std::size_t count) {
    const std::size_t components = rows.environments.components();
    tile_.resize((last - first) * components * step());
    if (!scalars_) {
      environments_.kernel(function, rows.environments, first, last, count, tile_.data());
      return tile_.data();
    }
    environments_.products(rows.environments, first, last, tile_.data());
    factors_.resize((last - first) * scalars_->padded_columns());
    scalars_->kernel(function, *rows.scalars, first, last, scalars_->columns(), factors_.data());
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

/// Where the kernels of a tile go.
class Target {
 public:
  Target(const KernelSamples& rows, const KernelSamples& columns, double* out)
      : components_(rows.environments.components),
        height_(rows.size()),
        width_(columns.size()),
        row_of_(rows.segments, rows.environments.rows),
        column_of_(columns.segments, columns.environments.rows),
        out_(out) {}

  std::size_t row(std::size_t environment) const { return row_of_.segment[environment]; }
  std::size_t column(std::size_t environment) const { return column_of_.segment[environment]; }

  /// Zeros in the columns of environments first … last − 1, from row `from` on.
  void clear(std::size_t first, std::size_t last, std::size_t from) const {
    const std::size_t begin = column(first), end = column(last - 1) + 1;
    for (std::size_t row = from * components_; row < height_; ++row) {
      std::fill(out_ + row * width_ + begin * components_, out_ + row * width_ + end * components_,
                0.0);
    }
  }

  /// Adds kernels of rows first … last − 1 of `rows` with `columns` of `block` to their segments.
  void add(const double* kernels, std::size_t step, double kappa, const SortedEnvironments& rows,
           std::size_t first, std::size_t last, const SortedEnvironments& block,
           const SortedEnvironments::Group& columns) const {
    for (std::size_t r = first; r < last; ++r) {
      const std::size_t row = rows.index(r);
      const double weight = kappa * row_of_.weight[row];
      for (std::size_t c = 0; c < components_; ++c, kernels += step) {
        double* to = out_ + (row_of_.segment[row] * components_ + c) * width_;
        for (std::size_t j = columns.first; j < columns.last; ++j) {
          const std::size_t column = block.index(j);
          const double factor = weight * column_of_.weight[column];
          const double* own = kernels + (j - columns.first) * components_;
          double* sum = to + column_of_.segment[column] * components_;
          for (std::size_t d = 0; d < components_; ++d) sum[d] += factor * own[d];
        }
      }
    }
  }

  /// The same where every environment is a segment and all are of one species, so that they have
  /// kept their order: writes kernels in their place, of a symmetric matrix also in the other.
  void write(const double* kernels, std::size_t step, double kappa, std::size_t first,
             std::size_t last, std::size_t first_column, std::size_t last_column,
             bool symmetric) const {
    const std::size_t from = first_column * components_, to = last_column * components_;
    for (std::size_t row = first * components_; row < last * components_; ++row) {
      const double* own = kernels + (row - first * components_) * step;
      double* numbers = out_ + row * width_ + from;
      for (std::size_t j = 0; j < to - from; ++j) numbers[j] = kappa * own[j];
    }
    if (!symmetric) return;
    for (std::size_t column = from; column < to; ++column) {
      for (std::size_t row = std::max(column + 1, first * components_); row < last * components_;
           ++row) {
        out_[column * width_ + row] =
            kappa * kernels[(row - first * components_) * step + column - from];
      }
    }
  }

  /// Makes the upper triangle that of the lower one.
  void mirror(const Execution& execution) const {
    parallel_blocks(height_, kTileRows, execution, [&](std::size_t first, std::size_t count) {
      for (std::size_t from = 0; from < height_; from += kTileRows) {
        for (std::size_t i = first; i < first + count; ++i) {
          for (std::size_t j = std::max(from, i + 1); j < std::min(height_, from + kTileRows);
               ++j) {
            out_[i * width_ + j] = out_[j * width_ + i];
          }
        }
      }
    });
  }

 private:
  std::size_t components_, height_, width_;
  Membership row_of_, column_of_;
  double* out_;
};

}  // namespace

void kernel_matrix(const KernelSamples& x, const KernelSamples* y, const KernelFunction& function,
                   const SpeciesCoupling& coupling, double* out, const Execution& execution) {
  const bool symmetric = y == nullptr;
  const KernelSamples& columns = symmetric ? x : *y;
  const std::size_t components = x.environments.components;
  prefer_huge_pages(out, x.size() * columns.size() * sizeof(double));
  const Sorted rows(x, 0, x.environments.rows, function.normalize, execution);
  const Target target(x, columns, out);
  const std::vector<std::size_t> bounds = block_bounds(columns);
  const std::size_t blocks = bounds.size() - 1;
  // Whole groups of the eight rows that the product takes at once, where there are as many.
  const std::size_t wanted = std::max<std::size_t>(1, kTileRows / components);
  const std::size_t tile_rows = wanted > 8 ? wanted - wanted % 8 : wanted;
  const auto in_order = [](const KernelSamples& samples) {
    const std::int32_t* species = samples.environments.species;
    const std::size_t count = samples.environments.rows;
    return samples.segments.offsets == nullptr &&
           (species == nullptr ||
            std::all_of(species, species + count, [&](std::int32_t z) { return z == species[0]; }));
  };
  const bool once = in_order(x) && in_order(columns);

  // Each block of columns is one thread's own, which adds rows up in their order: the result does
  // not depend on the number of threads.
  parallel_for(blocks, resolve_threads(execution, blocks), execution, [&](std::size_t b, int) {
    std::optional<Sorted> own;
    if (!(once && symmetric)) {
      own.emplace(columns, bounds[b], bounds[b + 1], function.normalize, execution.alone());
    }
    const SortedEnvironments& block = own ? own->environments : rows.environments;
    using Group = SortedEnvironments::Group;
    const std::vector<Group> groups =
        own ? block.groups()
            : std::vector<Group>{{block.groups()[0].species, bounds[b], bounds[b + 1]}};
    // Of a symmetric matrix only what is not above the block.
    const std::size_t first_row = symmetric ? target.column(bounds[b]) : 0;
    if (!once) target.clear(bounds[b], bounds[b + 1], first_row);
    for (const Group& of_columns : groups) {
      Columns packed(own ? *own : rows, of_columns);
      for (const Group& of_rows : rows.environments.groups()) {
        const double kappa = coupling(of_rows.species, of_columns.species);
        if (kappa == 0.0 && !once) continue;
        execution.check_cancelled();
        std::size_t i = of_rows.first;
        while (i < of_rows.last && target.row(rows.environments.index(i)) < first_row) ++i;
        for (; i < of_rows.last; i += tile_rows) {
          const std::size_t end = std::min(i + tile_rows, of_rows.last);
          // Where columns have kept their order, those right of the diagonal are not computed.
          const std::size_t of_block = of_columns.last - of_columns.first;
          const std::size_t count =
              once && symmetric ? std::min(end - bounds[b], of_block) : of_block;
          const double* kernels = packed.kernel(function, rows, i, end, count);
          if (once) {
            target.write(kernels, packed.step(), kappa, i, end, bounds[b], bounds[b] + count,
                         symmetric);
          } else {
            target.add(kernels, packed.step(), kappa, rows.environments, i, end, block, of_columns);
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
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double kappa = species ? coupling(species[i], species[i]) : 1.0;
      out[i * x.size() + i] = function.derivative ? 0.0 : kappa;
    }
  }
  if (!once) target.mirror(execution.quiet());
}

}  // namespace soapstone
