#include "kernels/environment_tile.hpp"

#include <algorithm>
#include <cmath>

namespace soapstone {

void EnvironmentTile::reserve(const Representation& representation, std::size_t count) {
  representation_ = &representation;
  step_ = padded(representation.features());
  grow(environments_, count);
  grow(features_, count * step_);
  grow(inverse_norms_, count);
}

void EnvironmentTile::fill(std::size_t c, const StructureView& structure, const NeighbourList& list,
                           std::size_t centre, bool derivatives) {
  Environment& environment = environments_[c];
  representation_->expansion().compute(structure, list, centre, derivatives, environment);
  double* p = features_.data() + c * step_;
  representation_->values(environment, p);
  std::fill(p + representation_->features(), p + step_, 0.0);
  const double norm = std::sqrt(dot(p, p, step_));
  inverse_norms_[c] = norm > 0.0 ? 1.0 / norm : 0.0;
  for (std::size_t k = 0; k < step_; k += kLanes) store(p + k, load(p + k) * inverse_norms_[c]);
}

}  // namespace soapstone
