#pragma once

#include <cstddef>

#include "common/bulk_vector.hpp"
#include "common/execution.hpp"
#include "math/simd.hpp"

namespace soapstone {

/// The right factor of matrix products, K × N, laid out in the order in which they read it: panels
/// of kPanel columns, in a panel row after row. Columns are padded with zeros to whole panels.
class PackedMatrix {
 public:
  /// Columns of a panel: as many as their sums over several rows fit into the registers.
#if defined(__AVX512F__)
  static constexpr std::size_t kPanel = 3 * kLanes;
#else
  static constexpr std::size_t kPanel = kLanes;
#endif

  /// Deeper products are made part by part: a panel this deep and the rows that meet it stay in the
  /// first two levels of cache.
  static constexpr std::size_t kDepthAtOnce = 512;

  PackedMatrix() = default;
  /// Packs a matrix whose element (k, n) is at data[k · k_step + n · n_step], panels on the threads
  /// of `execution`.
  PackedMatrix(const double* data, std::size_t k_step, std::size_t n_step, std::size_t depth,
               std::size_t columns, const Execution& execution = {1, nullptr, nullptr});

  std::size_t depth() const { return depth_; }
  std::size_t panels() const { return panels_; }
  /// Columns with their padding.
  std::size_t padded_columns() const { return panels_ * kPanel; }
  const double* panel(std::size_t p) const { return data_.data() + p * depth_ * kPanel; }

 private:
  std::size_t depth_ = 0;
  std::size_t panels_ = 0;
  BulkVector<double> data_;
};

/// out[m][n] = Σ_k left[m][k] · right(k, n) for all rows m and the columns of panels from … to − 1,
/// the first of which goes to column 0 of `out`. `out` and its step are aligned to lanes.
///
/// For rows in the hundreds, with a right factor that serves many times. Sums run over k in an
/// order that depends on K alone, so results depend neither on blocks of rows nor on the panels
/// asked for.
void packed_product(const double* left, std::size_t left_step, std::size_t rows,
                    const PackedMatrix& right, std::size_t from, std::size_t to, double* out,
                    std::size_t out_step);

}  // namespace soapstone
