#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/bulk_vector.hpp"
#include "common/execution.hpp"
#include "kernels/kernel_function.hpp"
#include "math/packed_gemm.hpp"
#include "math/simd.hpp"

namespace soapstone {

/// Features of environments and the species of their centres (null: all alike). Those of tensors
/// have 2λ + 1 components: environments × components × features, row-major.
struct EnvironmentRows {
  const double* values = nullptr;
  std::size_t rows = 0;  ///< environments
  std::size_t features = 0;
  const std::int32_t* species = nullptr;
  std::size_t components = 1;
};

/// κ between the species of two centres, which multiplies their kernel. Without numbers: 1 for the
/// same species, 0 for others.
struct SpeciesCoupling {
  std::vector<std::int32_t> species;
  std::vector<double> values;  ///< species × species

  double operator()(std::int32_t a, std::int32_t b) const;
};

/// Some environments, copied in the order of their species (within one, in their own order),
/// scaled, and aligned for products.
class SortedEnvironments {
 public:
  /// Environments of one species.
  struct Group {
    std::int32_t species;
    std::size_t first, last;
  };

  /// `norms`: features whose Euclidean norm each environment is divided by, such as `from` itself;
  /// null for none. A norm of zero makes all zero.
  SortedEnvironments(const EnvironmentRows& from, std::size_t first, std::size_t last,
                     const EnvironmentRows* norms, const Execution& execution);

  std::size_t features() const { return features_; }
  std::size_t components() const { return components_; }
  std::size_t step() const { return step_; }
  const std::vector<Group>& groups() const { return groups_; }
  /// The first component of an environment; the others follow, `step` numbers each.
  const double* row(std::size_t i) const { return values_.data() + i * components_ * step_; }
  /// p · p of an environment that is no tensor.
  double square(std::size_t i) const { return squares_[i]; }
  /// Which of the given environments it was.
  std::size_t index(std::size_t i) const { return index_[i]; }

 private:
  std::size_t features_, components_, step_;
  std::vector<Group> groups_;
  std::vector<std::size_t> index_;
  std::vector<double> squares_;
  BulkVector<double> values_;
};

/// A group of environments, component by component, as the columns of a product.
class PackedEnvironments {
 public:
  /// `group`: any environments of one species that follow each other.
  PackedEnvironments(const SortedEnvironments& rows, const SortedEnvironments::Group& group);

  /// Environments times components.
  std::size_t columns() const { return columns_; }
  std::size_t padded_columns() const { return packed_.padded_columns(); }

  /// out(i, j) = k(x_i, y_j) for environments first … last − 1 of x and at least the first `count`
  /// columns; `out` has padded_columns() columns.
  void kernel(const KernelFunction& function, const SortedEnvironments& x, std::size_t first,
              std::size_t last, std::size_t count, double* out) const;
  /// Products of features, component by component of both.
  void products(const SortedEnvironments& x, std::size_t first, std::size_t last,
                double* out) const;

 private:
  std::size_t columns_;
  PackedMatrix packed_;
  AlignedVector squares_;
};

}  // namespace soapstone
