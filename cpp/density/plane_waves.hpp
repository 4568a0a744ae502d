#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "common/structures.hpp"
#include "math/simd.hpp"

namespace soapstone {

/// The plane waves e^{ik·r} of a periodic structure: reciprocal vectors k = h_1 b_1 + h_2 b_2 +
/// h_3 b_3 of half the sphere |k| < k_cutoff, without k = 0 (the other half is −k), in chunks, and
/// their values at the atoms. Within a chunk, h_3 runs fastest and without gaps, so that phases are
/// products of one number and a row of a table.
class PlaneWaves {
 public:
  /// Waves in a chunk.
  static constexpr std::size_t kChunk = 128;

  /// Throws InvalidInput unless the structure is periodic along three independent vectors,
  /// MemoryLimit where the cutoff reaches more than 2^28 vectors.
  PlaneWaves(const StructureView& structure, double k_cutoff);

  double volume() const { return volume_; }  ///< of the cell, Å³
  std::size_t chunks() const { return (count_ + kChunk - 1) / kChunk; }
  /// Waves in a chunk, and the same padded to whole lanes.
  std::size_t size(std::size_t chunk) const { return std::min(kChunk, count_ - chunk * kChunk); }
  std::size_t stride(std::size_t chunk) const { return padded(size(chunk)); }

  /// Components of the vectors of a chunk, 1/Å, padded by repetition of the last.
  const double* vectors(std::size_t chunk, std::size_t axis) const {
    return vectors_.data() + axis * chunks() * kChunk + chunk * kChunk;
  }

  /// Writes cos k·r and sin k·r of an atom for the waves of a chunk; zeros in the padding.
  void evaluate(std::size_t chunk, std::size_t atom, double* cosines, double* sines) const;

 private:
  /// Waves of the same h_1 and h_2.
  struct Run {
    int h[2];
    int from;  // h_3
    std::size_t count;
  };

  double volume_;
  std::size_t count_ = 0;
  int most_[3];                          // |h| of each axis
  std::vector<std::vector<Run>> runs_;   // of each chunk
  AlignedVector vectors_;                // [axis][wave]
  std::size_t entries_ = 0;              // of one table
  std::vector<double> cosines_, sines_;  // [atom]: of 2π h f for h = −most … most, axis by axis
};

}  // namespace soapstone
