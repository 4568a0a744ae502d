#include "kernels/structure_match.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "common/error.hpp"
#include "common/parallel.hpp"
#include "kernels/regularized_match.hpp"

namespace soapstone {

namespace {

/// The assignment of n ≤ m rows to columns with the largest sum, by shortest augmenting paths
/// (R. Jonker and A. Volgenant, Computing 38, 325, 1987).
double best_sum(const double* gains, std::size_t n, std::size_t m, std::size_t row_step,
                std::size_t column_step) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  // Index 0 stands for "none"; rows and columns count from 1.
  std::vector<double> row_price(n + 1, 0.0), column_price(m + 1, 0.0);
  std::vector<std::size_t> row_of(m + 1, 0), before(m + 1, 0);
  for (std::size_t i = 1; i <= n; ++i) {
    row_of[0] = i;
    std::size_t column = 0;
    std::vector<double> least(m + 1, kInfinity);
    std::vector<bool> used(m + 1, false);
    do {
      used[column] = true;
      const std::size_t row = row_of[column];
      double delta = kInfinity;
      std::size_t next = 0;
      for (std::size_t j = 1; j <= m; ++j) {
        if (used[j]) continue;
        const double cost = -gains[(row - 1) * row_step + (j - 1) * column_step];
        const double reduced = cost - row_price[row] - column_price[j];
        if (reduced < least[j]) least[j] = reduced, before[j] = column;
        if (least[j] < delta) delta = least[j], next = j;
      }
      for (std::size_t j = 0; j <= m; ++j) {
        if (used[j]) {
          row_price[row_of[j]] += delta;
          column_price[j] -= delta;
        } else {
          least[j] -= delta;
        }
      }
      column = next;
    } while (row_of[column] != 0);
    for (; column != 0; column = before[column]) row_of[column] = row_of[before[column]];
  }
  double sum = 0.0;
  for (std::size_t j = 1; j <= m; ++j) {
    if (row_of[j] != 0) sum += gains[(row_of[j] - 1) * row_step + (j - 1) * column_step];
  }
  return sum;
}

}  // namespace

double match(const double* kernels, std::size_t n, std::size_t m, const Match& how) {
  // Paths that are not shorter than any other would be looked for without an end.
  if (!std::all_of(kernels, kernels + n * m, [](double k) { return std::isfinite(k); })) {
    throw Error(
        ErrorCode::kNumerical,
        "structures cannot be matched by kernels that are not finite: normalise the features "
        "or take other units");
  }
  if (how.type == Match::Type::kRegularized) return regularized_match(kernels, n, m, how.gamma);
  const double sum = n <= m ? best_sum(kernels, n, m, m, 1) : best_sum(kernels, m, n, 1, m);
  return sum / static_cast<double>(std::max(n, m));
}

void match_matrix(const KernelSamples& x, const KernelSamples* y, const KernelFunction& function,
                  const SpeciesCoupling& coupling, const Match& how, double* out,
                  const Execution& execution) {
  const bool symmetric = y == nullptr;
  const KernelSamples& columns = symmetric ? x : *y;
  const std::size_t height = x.count(), width = columns.count();
  const auto sorted = [&](const KernelSamples& of, std::size_t first, std::size_t last) {
    return std::make_unique<SortedEnvironments>(of.environments, first, last,
                                                function.normalize ? &of.environments : nullptr,
                                                execution.alone());
  };
  const auto bounds = [](const Segments& segments, std::size_t s) {
    return std::pair{static_cast<std::size_t>(segments.offsets[s]),
                     static_cast<std::size_t>(segments.offsets[s + 1])};
  };
  Execution quiet = execution.quiet();
  std::vector<std::unique_ptr<SortedEnvironments>> rows(height);
  parallel_for(height, resolve_threads(quiet, height), quiet, [&](std::size_t s, int) {
    const auto [first, last] = bounds(x.segments, s);
    rows[s] = sorted(x, first, last);
  });
  parallel_for(width, resolve_threads(execution, width), execution, [&](std::size_t t, int) {
    const auto [first, last] = bounds(columns.segments, t);
    const auto owned = sorted(columns, first, last);
    const SortedEnvironments& own = *owned;
    std::vector<PackedEnvironments> packed;
    for (const auto& group : own.groups()) packed.emplace_back(own, group);
    const std::size_t m = last - first;
    std::vector<double> kernels;
    AlignedVector tile;
    for (std::size_t s = symmetric ? t : 0; s < height; ++s) {
      execution.check_cancelled();
      const SortedEnvironments& others = *rows[s];
      const auto [from, to] = bounds(x.segments, s);
      kernels.assign((to - from) * m, 0.0);
      for (std::size_t g = 0; g < packed.size(); ++g) {
        const auto& of_columns = own.groups()[g];
        for (const auto& of_rows : others.groups()) {
          const double kappa = coupling(of_rows.species, of_columns.species);
          if (kappa == 0.0) continue;
          tile.resize((of_rows.last - of_rows.first) * packed[g].padded_columns());
          packed[g].kernel(function, others, of_rows.first, of_rows.last, packed[g].columns(),
                           tile.data());
          for (std::size_t i = of_rows.first; i < of_rows.last; ++i) {
            for (std::size_t j = 0; j < packed[g].columns(); ++j) {
              kernels[i * m + of_columns.first + j] =
                  kappa * tile[(i - of_rows.first) * packed[g].padded_columns() + j];
            }
          }
        }
      }
      out[s * width + t] = match(kernels.data(), to - from, m, how);
      if (symmetric) out[t * width + s] = out[s * width + t];
    }
  });
}

}  // namespace soapstone
