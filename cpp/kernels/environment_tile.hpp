#pragma once

#include <cstddef>
#include <vector>

#include "common/structures.hpp"
#include "math/simd.hpp"
#include "neighbours/neighbour_list.hpp"
#include "representations/representation.hpp"

namespace soapstone {

/// Environments of a few centres and their normalised features, which go through matrix products
/// together. A workspace: it grows and is filled again and again.
class EnvironmentTile {
 public:
  /// Makes room for `count` centres.
  void reserve(const Representation& representation, std::size_t count);

  /// Computes environment and features of one centre of a structure as number c of the tile.
  void fill(std::size_t c, const StructureView& structure, const NeighbourList& list,
            std::size_t centre, bool derivatives);

  const Environment& environment(std::size_t c) const { return environments_[c]; }
  /// p̂ of a centre: all zeros where the environment has no features.
  const double* features(std::size_t c) const { return features_.data() + c * step_; }
  /// From one centre's features to the next one's: their number, padded with zeros to whole lanes.
  std::size_t step() const { return step_; }
  /// 1/|p| of a centre, 0 where p is.
  double inverse_norm(std::size_t c) const { return inverse_norms_[c]; }

 private:
  const Representation* representation_ = nullptr;
  std::vector<Environment> environments_;
  AlignedVector features_;
  std::size_t step_ = 0;
  std::vector<double> inverse_norms_;
};

/// Σ_k a_k b_k of vectors that are aligned to lanes; `size` is whole lanes.
inline double dot(const double* a, const double* b, std::size_t size) {
  Lanes sums{};
  for (std::size_t k = 0; k < size; k += kLanes) sums += load(a + k) * load(b + k);
  return sum(sums);
}

}  // namespace soapstone
