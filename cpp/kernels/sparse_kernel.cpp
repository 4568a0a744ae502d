#include "kernels/sparse_kernel.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <string>

#include "common/error.hpp"

namespace soapstone {

namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMap = Eigen::Map<const RowMajor>;
using Map = Eigen::Map<RowMajor>;

/// Rows of derivative blocks that go through one GEMM: enough to amortise its packing of the sparse
/// points, few enough to stay in the second-level cache with the result.
constexpr std::size_t kRowsPerGemm = 512;

Eigen::Index index(std::size_t n) { return static_cast<Eigen::Index>(n); }

}  // namespace

SparseKernel::SparseKernel(std::shared_ptr<const Representation> representation,
                           const std::vector<double>& points, std::vector<std::size_t> first,
                           int zeta)
    : representation_(std::move(representation)), first_(std::move(first)), zeta_(zeta) {
  const std::size_t features = representation_->features();
  const std::size_t channels = representation_->expansion().channels();
  points_.assign(points.begin(), points.end());
  for (std::size_t m = 0; m < size(); ++m) {
    Eigen::Map<Eigen::VectorXd> row(&points_[m * features], static_cast<Eigen::Index>(features));
    const double norm = row.norm();
    if (!(norm > 0.0)) {
      throw Error(ErrorCode::kInvalidInput,
                  "sparse point " + std::to_string(m) + " has no features: its norm is zero");
    }
    row /= norm;
  }
  touching_.resize(channels);
  if (channels == 1) return;  // every feature is touched: the points serve as they are
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const std::vector<std::size_t>& touched = representation_->touched(channel);
    AlignedVector& gathered = touching_[channel];
    gathered.resize(size() * touched.size());
    for (std::size_t m = 0; m < size(); ++m) {
      for (std::size_t k = 0; k < touched.size(); ++k) {
        gathered[m * touched.size() + k] = points_[m * features + touched[k]];
      }
    }
  }
}

double SparseKernel::value(double u) const { return integer_power(u, zeta_); }

double SparseKernel::slope(double u) const { return zeta_ * integer_power(u, zeta_ - 1); }

void SparseKernel::block(std::size_t channel, double* out) const {
  const auto features = static_cast<Eigen::Index>(representation_->features());
  const std::size_t from = first_[channel];
  const auto count = static_cast<Eigen::Index>(first_[channel + 1] - from);
  const ConstMap points(&points_[from * static_cast<std::size_t>(features)], count, features);
  Map result(out, count, count);
  result.noalias() = points * points.transpose();
  for (Eigen::Index k = 0; k < count * count; ++k) out[k] = value(out[k]);
}

/// What is kept of a few centres between forming their derivative blocks and using the product.
struct SparseKernel::Tile {
  struct Pair {
    std::size_t centre;  // in the tile
    std::size_t atom;    // that moves
    double along[3];     // ∂p/∂r · p̂ per axis
    double vector[3];    // r_ij
  };
  std::vector<std::size_t> centres;  // in the structure
  std::vector<Environment> environments;
  std::vector<Pair> pairs;  // with the neighbours of one channel
  AlignedVector features;   // centre × features, normalised
  std::vector<double> norms;
  AlignedVector similarity;   // centre × columns: u = p̂ · p̂_m
  AlignedVector slope;        // centre × columns: k'(u) / |p|
  AlignedVector derivatives;  // (pair, axis) × touched features
  AlignedVector product;      // (pair, axis) × columns
  AlignedVector derivative;   // ∂c/∂r of one neighbour
};

// With T = ∂p/∂r X^T and u = p̂ · p̂_m, the derivative of the kernel of a normalised vector is
//   ∂k/∂r = k'(u) / |p| · (T − (∂p/∂r · p̂) u):
// the projection is applied to the product, so the derivative block keeps its zeros.
void SparseKernel::add_rows(const StructureView& structure, const NeighbourList& list,
                            std::size_t channel, std::size_t from, std::size_t to,
                            const KernelRowParts& parts, const KernelRows& rows) const {
  thread_local Tile tile;
  const SphericalExpansion& expansion = representation_->expansion();
  const bool derivatives = parts.positions || parts.strain;
  std::size_t i = 0;
  while (true) {
    tile.centres.clear();
    for (std::size_t filled = 0; i < structure.size && filled < kRowsPerGemm; ++i) {
      if (expansion.channel_of(structure.species[i]) != channel) continue;
      tile.centres.push_back(i);
      filled += derivatives ? 3 * static_cast<std::size_t>(list.first[i + 1] - list.first[i]) : 1;
    }
    if (tile.centres.empty()) return;

    fill(structure, list, derivatives, tile);
    compare(from, to, tile);
    add_values(to - from, tile, rows);
    if (!derivatives) continue;
    for (std::size_t moved = 0; moved < expansion.channels(); ++moved) {
      differentiate(moved, tile);
      if (tile.pairs.empty()) continue;
      multiply(moved, from, to, tile);
      add_derivatives(to - from, parts, tile, rows);
    }
  }
}

void SparseKernel::fill(const StructureView& structure, const NeighbourList& list, bool derivatives,
                        Tile& tile) const {
  const std::size_t features = representation_->features();
  const std::size_t count = tile.centres.size();
  if (tile.environments.size() < count) tile.environments.resize(count);
  tile.features.resize(count * features);
  tile.norms.resize(count);
  for (std::size_t c = 0; c < count; ++c) {
    Environment& environment = tile.environments[c];
    representation_->expansion().compute(structure, list, tile.centres[c], derivatives,
                                         environment);
    double* p = &tile.features[c * features];
    representation_->values(environment, p);
    Eigen::Map<Eigen::VectorXd> row(p, index(features));
    tile.norms[c] = row.norm();
    if (tile.norms[c] > 0.0) row /= tile.norms[c];
  }
}

void SparseKernel::compare(std::size_t from, std::size_t to, Tile& tile) const {
  const std::size_t features = representation_->features();
  const std::size_t count = tile.centres.size(), columns = to - from;
  const ConstMap points(&points_[from * features], index(columns), index(features));
  const ConstMap centres(tile.features.data(), index(count), index(features));
  tile.similarity.resize(count * columns);
  Map(tile.similarity.data(), index(count), index(columns)).noalias() =
      centres * points.transpose();
}

void SparseKernel::add_values(std::size_t columns, Tile& tile, const KernelRows& rows) const {
  tile.slope.resize(tile.similarity.size());
  for (std::size_t c = 0; c < tile.centres.size(); ++c) {
    const double scale = tile.norms[c] > 0.0 ? 1.0 / tile.norms[c] : 0.0;
    for (std::size_t m = 0; m < columns; ++m) {
      const double u = tile.similarity[c * columns + m];
      rows.energy[m] += value(u);
      tile.slope[c * columns + m] = scale * slope(u);
    }
  }
}

void SparseKernel::differentiate(std::size_t moved, Tile& tile) const {
  const SphericalExpansion& expansion = representation_->expansion();
  const std::vector<std::size_t>& touched = representation_->touched(moved);
  const std::size_t width = touched.size();
  tile.derivative.resize(3 * expansion.channel_size());
  tile.pairs.clear();
  for (std::size_t c = 0; c < tile.centres.size(); ++c) {
    const Environment& e = tile.environments[c];
    const double* p = &tile.features[c * representation_->features()];
    for (std::size_t j = e.first[moved]; j < e.first[moved + 1]; ++j) {
      const std::size_t row = 3 * tile.pairs.size();
      if (tile.derivatives.size() < (row + 3) * width) {
        tile.derivatives.resize(std::max(2 * tile.derivatives.size(), (row + 3) * width));
      }
      double* d = &tile.derivatives[row * width];
      expansion.neighbour_derivative(e, j, tile.derivative.data());
      representation_->jacobian(e, moved, tile.derivative.data(), d, width);
      Tile::Pair pair{c, static_cast<std::size_t>(e.atom[j]), {}, {}};
      for (int axis = 0; axis < 3; ++axis) {
        double along = 0.0;
        for (std::size_t k = 0; k < width; ++k) along += d[axis * width + k] * p[touched[k]];
        pair.along[axis] = along;
        pair.vector[axis] = e.vector[axis * e.stride + j];
      }
      tile.pairs.push_back(pair);
    }
  }
}

void SparseKernel::multiply(std::size_t moved, std::size_t from, std::size_t to, Tile& tile) const {
  const std::size_t width = representation_->touched(moved).size();
  const std::size_t rows = 3 * tile.pairs.size(), columns = to - from;
  const AlignedVector& gathered = touching_[moved].empty() ? points_ : touching_[moved];
  const ConstMap points(&gathered[from * width], index(columns), index(width));
  const ConstMap derivatives(tile.derivatives.data(), index(rows), index(width));
  tile.product.resize(rows * columns);
  Map(tile.product.data(), index(rows), index(columns)).noalias() =
      derivatives * points.transpose();
}

void SparseKernel::add_derivatives(std::size_t columns, const KernelRowParts& parts, Tile& tile,
                                   const KernelRows& rows) const {
  for (std::size_t q = 0; q < tile.pairs.size(); ++q) {
    const Tile::Pair& pair = tile.pairs[q];
    const std::size_t centre = tile.centres[pair.centre];
    const double* u = &tile.similarity[pair.centre * columns];
    const double* k_slope = &tile.slope[pair.centre * columns];
    for (int axis = 0; axis < 3; ++axis) {
      double* t = &tile.product[(3 * q + axis) * columns];
      const double along = pair.along[axis];
      for (std::size_t m = 0; m < columns; ++m) t[m] = k_slope[m] * (t[m] - along * u[m]);
      if (parts.positions && pair.atom != centre) {  // an image of the centre moves with it
        double* other = rows.positions + (3 * pair.atom + axis) * rows.step;
        double* own = rows.positions + (3 * centre + axis) * rows.step;
        for (std::size_t m = 0; m < columns; ++m) {
          other[m] += t[m];
          own[m] -= t[m];
        }
      }
      for (int a = 0; parts.strain && a < 3; ++a) {
        double* strain = rows.strain + (3 * a + axis) * rows.step;
        const double r = pair.vector[a];
        for (std::size_t m = 0; m < columns; ++m) strain[m] += r * t[m];
      }
    }
  }
}

}  // namespace soapstone
