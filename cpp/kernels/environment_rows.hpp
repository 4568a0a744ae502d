#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/execution.hpp"
#include "kernels/kernel_function.hpp"
#include "math/packed_gemm.hpp"
#include "math/simd.hpp"

namespace soapstone {

/// Features of environments, row-major, and the species of their centres (null: all alike).
struct EnvironmentRows {
  const double* values = nullptr;
  std::size_t rows = 0;
  std::size_t features = 0;
  const std::int32_t* species = nullptr;
};

/// κ between the species of two centres, which multiplies their kernel. Without numbers: 1 for the
/// same species, 0 for others.
struct SpeciesCoupling {
  std::vector<std::int32_t> species;
  std::vector<double> values;  ///< species × species

  double operator()(std::int32_t a, std::int32_t b) const;
};

/// Some rows, copied in the order of their species (within one, in their own order), normalised if
/// the kernel says so, and aligned for products.
class SortedEnvironments {
 public:
  /// Rows of one species.
  struct Group {
    std::int32_t species;
    std::size_t first, last;
  };

  SortedEnvironments(const EnvironmentRows& from, std::size_t first, std::size_t last,
                     bool normalize, const Execution& execution);

  std::size_t features() const { return features_; }
  std::size_t step() const { return step_; }
  const std::vector<Group>& groups() const { return groups_; }
  const double* row(std::size_t i) const { return values_.data() + i * step_; }
  /// p · p of a row.
  double square(std::size_t i) const { return squares_[i]; }
  /// Which row of the given ones it was.
  std::size_t index(std::size_t i) const { return index_[i]; }

 private:
  std::size_t features_, step_;
  std::vector<Group> groups_;
  std::vector<std::size_t> index_;
  std::vector<double> squares_;
  AlignedVector values_;
};

/// A group of rows as the columns of a product.
class PackedEnvironments {
 public:
  PackedEnvironments(const SortedEnvironments& rows, const SortedEnvironments::Group& group);

  std::size_t columns() const { return columns_; }
  std::size_t padded_columns() const { return packed_.padded_columns(); }

  /// out(i, j) = k(x_i, y_j) for rows first … last − 1 of x; `out` has padded_columns() columns.
  void kernel(const KernelFunction& function, const SortedEnvironments& x, std::size_t first,
              std::size_t last, double* out) const;

 private:
  std::size_t columns_;
  PackedMatrix packed_;
  AlignedVector squares_;
};

}  // namespace soapstone
