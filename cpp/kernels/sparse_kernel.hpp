#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "common/execution.hpp"
#include "common/structures.hpp"
#include "math/simd.hpp"
#include "neighbours/neighbour_list.hpp"
#include "representations/representation.hpp"

namespace soapstone {

/// Which derivatives of a structure's kernel row are wanted besides the row itself.
struct KernelRowParts {
  bool positions = false;
  bool strain = false;
};

/// Rows of K_NM for one structure: sums over its environments of the kernel with each sparse point
/// (the review's Eq. 13), and the derivatives of those sums (Eq. 16). `step` numbers from row to
/// row.
struct KernelRows {
  double* energy = nullptr;     ///< 1 row
  double* positions = nullptr;  ///< 3N rows, atom · 3 + axis: ∂/∂r
  double* strain = nullptr;     ///< 9 rows, 3a + b: ∂/∂ε_ab
  std::size_t step = 0;
};

/// The kernel between environments and a fixed set of M sparse ones,
///
///   k(X, X_m) = (p̂ · p̂_m)^ζ  where both centres are of one species, else 0,
///
/// with p̂ the normalised features. Sparse points are ordered by the channel of their centre, so
/// K_MM is block diagonal and a centre meets only the points of its own channel.
class SparseKernel {
 public:
  /// `points`: M × features, rows ordered by channel, normalised here; `first`: channels + 1,
  /// points of channel a are first[a] … first[a+1] − 1. Throws InvalidInput where a row is all
  /// zero.
  SparseKernel(std::shared_ptr<const Representation> representation,
               const std::vector<double>& points, std::vector<std::size_t> first, int zeta);

  const Representation& representation() const { return *representation_; }
  std::size_t size() const { return first_.back(); }
  const std::vector<std::size_t>& first() const { return first_; }
  int zeta() const { return zeta_; }
  /// M × features, normalised.
  const double* points() const { return points_.data(); }

  /// k as a function of the dot product u of normalised features, and its derivative.
  double value(double u) const;
  double slope(double u) const;

  /// Writes the block of K_MM that belongs to one channel, M_a × M_a row-major.
  void block(std::size_t channel, double* out) const;

  /// Adds one structure's rows for sparse points from … to − 1, all of one channel, into zeroed
  /// `rows`; column `from` of the rows is where the pointers point. Derivative blocks are formed a
  /// few centres at a time, multiplied with the points as one GEMM, added to the rows of the moved
  /// atoms and forgotten.
  void add_rows(const StructureView& structure, const NeighbourList& list, std::size_t channel,
                std::size_t from, std::size_t to, const KernelRowParts& parts,
                const KernelRows& rows) const;

 private:
  // The steps of add_rows, on a tile of centres.
  struct Tile;
  /// Environments and normalised features of the centres.
  void fill(const StructureView& structure, const NeighbourList& list, bool derivatives,
            Tile& tile) const;
  /// Dot products of the features with those of the points.
  void compare(std::size_t from, std::size_t to, Tile& tile) const;
  /// Kernels, summed up in the row of the energy, and their slopes, kept.
  void add_values(std::size_t columns, Tile& tile, const KernelRows& rows) const;
  /// Derivative blocks of all neighbours of one channel.
  void differentiate(std::size_t moved, Tile& tile) const;
  /// Their product with the points.
  void multiply(std::size_t moved, std::size_t from, std::size_t to, Tile& tile) const;
  /// The product made derivatives of the kernel, in the rows of the atoms that move.
  void add_derivatives(std::size_t columns, const KernelRowParts& parts, Tile& tile,
                       const KernelRows& rows) const;

  std::shared_ptr<const Representation> representation_;
  std::vector<std::size_t> first_;
  int zeta_;
  AlignedVector points_;                 // M × features
  std::vector<AlignedVector> touching_;  // per channel: M × touched features, gathered for GEMM
};

/// base^power for small whole powers.
inline double integer_power(double base, int power) {
  double result = 1.0;
  for (; power > 0; power >>= 1) {
    if (power & 1) result *= base;
    base *= base;
  }
  return result;
}

}  // namespace soapstone
