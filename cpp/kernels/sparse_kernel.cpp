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

/// What is kept of a tile of centres between forming its derivative block and using the product.
struct Tile {
  struct Pair {
    std::size_t centre;  // in the tile
    std::size_t atom;    // that moves
    double along[3];     // ∂p/∂r · p̂ per axis
    double vector[3];    // r_ij
  };
  std::vector<Environment> environments;
  std::vector<Pair> pairs;
  AlignedVector features;  // centre × features, normalised
  std::vector<double> norms;
  AlignedVector similarity;   // centre × columns: u = p̂ · p̂_m
  AlignedVector slope;        // centre × columns: k'(u) / |p|
  AlignedVector derivatives;  // (pair, axis) × touched features
  AlignedVector product;      // (pair, axis) × columns
  AlignedVector derivative;   // ∂c/∂r of one neighbour
};

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

// With T = ∂p/∂r X^T and u = p̂ · p̂_m, the derivative of the kernel of a normalised vector is
//   ∂k/∂r = k'(u) / |p| · (T − (∂p/∂r · p̂) u):
// the projection is applied to the product, so the derivative block keeps its zeros.
void SparseKernel::add_rows(const StructureView& structure, const NeighbourList& list,
                            std::size_t channel, std::size_t from, std::size_t to,
                            const KernelRowParts& parts, const KernelRows& rows) const {
  thread_local Tile tile;
  const SphericalExpansion& expansion = representation_->expansion();
  const std::size_t features = representation_->features();
  const std::size_t columns = to - from;
  const bool derivatives = parts.positions || parts.strain;
  const ConstMap points(&points_[from * features], static_cast<Eigen::Index>(columns),
                        static_cast<Eigen::Index>(features));

  std::vector<std::size_t> centres;
  for (std::size_t i = 0; i < structure.size; ++i) {
    if (expansion.channel_of(structure.species[i]) == channel) centres.push_back(i);
  }
  for (std::size_t begin = 0, end; begin < centres.size(); begin = end) {
    std::size_t tile_rows = 0;
    for (end = begin; end < centres.size() && (end == begin || tile_rows < kRowsPerGemm); ++end) {
      const std::size_t i = centres[end];
      tile_rows +=
          derivatives ? 3 * static_cast<std::size_t>(list.first[i + 1] - list.first[i]) : 1;
    }
    const std::size_t count = end - begin;

    if (tile.environments.size() < count) tile.environments.resize(count);
    tile.features.resize(count * features);
    tile.norms.resize(count);
    for (std::size_t c = 0; c < count; ++c) {
      expansion.compute(structure, list, centres[begin + c], derivatives, tile.environments[c]);
      double* p = &tile.features[c * features];
      representation_->values(tile.environments[c], p);
      Eigen::Map<Eigen::VectorXd> row(p, static_cast<Eigen::Index>(features));
      const double norm = row.norm();
      tile.norms[c] = norm;
      if (norm > 0.0) row /= norm;
    }
    tile.similarity.resize(count * columns);
    Map similarity(tile.similarity.data(), static_cast<Eigen::Index>(count),
                   static_cast<Eigen::Index>(columns));
    similarity.noalias() = ConstMap(tile.features.data(), static_cast<Eigen::Index>(count),
                                    static_cast<Eigen::Index>(features)) *
                           points.transpose();
    for (std::size_t c = 0; c < count; ++c) {
      for (std::size_t m = 0; m < columns; ++m) {
        rows.energy[m] += value(tile.similarity[c * columns + m]);
      }
    }
    if (!derivatives) continue;

    tile.slope.resize(count * columns);
    for (std::size_t c = 0; c < count; ++c) {
      const double scale = tile.norms[c] > 0.0 ? 1.0 / tile.norms[c] : 0.0;
      for (std::size_t m = 0; m < columns; ++m) {
        tile.slope[c * columns + m] = scale * slope(tile.similarity[c * columns + m]);
      }
    }
    tile.derivative.resize(3 * expansion.channel_size());
    for (std::size_t moved = 0; moved < expansion.channels(); ++moved) {
      const std::vector<std::size_t>& touched = representation_->touched(moved);
      const std::size_t width = touched.size();
      tile.pairs.clear();
      for (std::size_t c = 0; c < count; ++c) {
        const Environment& e = tile.environments[c];
        const double* p = &tile.features[c * features];
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
      if (tile.pairs.empty()) continue;

      const auto product_rows = static_cast<Eigen::Index>(3 * tile.pairs.size());
      const double* gathered =
          touching_[moved].empty() ? &points_[from * features] : &touching_[moved][from * width];
      tile.product.resize(static_cast<std::size_t>(product_rows) * columns);
      Map(tile.product.data(), product_rows, static_cast<Eigen::Index>(columns)).noalias() =
          ConstMap(tile.derivatives.data(), product_rows, static_cast<Eigen::Index>(width)) *
          ConstMap(gathered, static_cast<Eigen::Index>(columns), static_cast<Eigen::Index>(width))
              .transpose();

      for (std::size_t q = 0; q < tile.pairs.size(); ++q) {
        const Tile::Pair& pair = tile.pairs[q];
        const double* u = &tile.similarity[pair.centre * columns];
        const double* k_slope = &tile.slope[pair.centre * columns];
        for (int axis = 0; axis < 3; ++axis) {
          double* t = &tile.product[(3 * q + axis) * columns];
          const double along = pair.along[axis];
          for (std::size_t m = 0; m < columns; ++m) t[m] = k_slope[m] * (t[m] - along * u[m]);
          if (parts.positions) {
            const std::size_t centre = centres[begin + pair.centre];
            double* other = rows.positions + (3 * pair.atom + axis) * rows.step;
            double* own = rows.positions + (3 * centre + axis) * rows.step;
            if (pair.atom != centre) {
              for (std::size_t m = 0; m < columns; ++m) {
                other[m] += t[m];
                own[m] -= t[m];
              }
            }
          }
          if (parts.strain) {
            for (int a = 0; a < 3; ++a) {
              double* strain = rows.strain + (3 * a + axis) * rows.step;
              const double r = pair.vector[a];
              for (std::size_t m = 0; m < columns; ++m) strain[m] += r * t[m];
            }
          }
        }
      }
    }
  }
}

}  // namespace soapstone
