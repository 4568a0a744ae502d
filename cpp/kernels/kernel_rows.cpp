#include "kernels/kernel_rows.hpp"

#include <algorithm>

#include "kernels/environment_tile.hpp"

namespace soapstone {

namespace {

/// Rows of derivative blocks that go through one product, about: they stay in the second-level
/// cache while the sparse points stream by.
constexpr std::size_t kRowsPerTile = 256;
/// Columns of the product at a time, about: it is used while it is in the second-level cache.
constexpr std::size_t kPanelsAtOnce = 120 / PackedMatrix::kPanel;

constexpr std::size_t kPanel = PackedMatrix::kPanel;

void grow(AlignedVector& vector, std::size_t size) {
  if (vector.size() < size) vector.resize(size);
}

/// The projection of one row of a product, t ← slope · (t − along · u), added to the row of what
/// moves and, unless null, taken from that of the centre.
void add_projected(const double* __restrict t, const double* __restrict slope,
                   const double* __restrict u, double along, std::size_t count,
                   double* __restrict moved, double* __restrict own) {
  if (own == nullptr) {
    for (std::size_t m = 0; m < count; ++m) moved[m] += slope[m] * (t[m] - along * u[m]);
    return;
  }
  for (std::size_t m = 0; m < count; ++m) {
    const double derivative = slope[m] * (t[m] - along * u[m]);
    moved[m] += derivative;
    own[m] -= derivative;
  }
}

}  // namespace

/// The panels that hold the wanted points of a channel, and where these begin and end in them.
struct KernelRowBuilder::Columns {
  std::size_t channel, from, to;

  std::size_t first_panel() const { return from / kPanel; }
  std::size_t last_panel() const { return (to + kPanel - 1) / kPanel; }
  std::size_t origin() const { return first_panel() * kPanel; }
  std::size_t step() const { return last_panel() * kPanel - origin(); }
};

/// What is kept of a few centres between forming their derivative blocks and using the product.
struct KernelRowBuilder::Tile {
  /// Three rows of derivatives: with respect to the position of an atom, or to ε_ab for one a.
  struct Triple {
    std::size_t centre;  // in the tile
    bool strain;
    std::size_t target;  // the atom, or a
    double along[3];     // ∂p/∂x · p̂ of each
  };
  std::vector<std::size_t> centres;  // in the structure
  EnvironmentTile environments;
  AlignedVector similarity;  // centre × columns: u = p̂ · p̂_m
  AlignedVector slope;       // centre × columns: k'(u) / |p|
  std::vector<Triple> triples;
  AlignedVector derivatives;              // (triple, axis) × touched features, padded
  std::size_t width = 0;                  // of that
  std::vector<std::ptrdiff_t> triple_of;  // of each atom of the structure; −1 where it has none
  AlignedVector block;                    // ∂p/∂r of one neighbour
  AlignedVector direction;                // touched features of p̂
  AlignedVector product;                  // (triple, axis) × some columns
};

KernelRowBuilder::KernelRowBuilder(const SparseKernel& kernel)
    : kernel_(kernel), neighbours_(kernel.representation()) {
  const Representation& representation = kernel_.representation();
  const std::size_t channels = representation.expansion().species().size();
  for (std::size_t a = 0; a < channels; ++a) points_.push_back(kernel_.pack_points(a));
  touching_.resize(channels * channels);
  for (std::size_t moved = 0; moved < channels; ++moved) {
    if (neighbours_.touched(moved).size() == representation.features()) continue;
    for (std::size_t a = 0; a < channels; ++a) {
      touching_[moved * channels + a] = kernel_.pack_points(a, neighbours_.touched(moved));
    }
  }
}

const PackedMatrix& KernelRowBuilder::points_touched(std::size_t moved, std::size_t channel) const {
  const Representation& representation = kernel_.representation();
  if (neighbours_.touched(moved).size() == representation.features()) return points_[channel];
  return touching_[moved * points_.size() + channel];
}

// With T = ∂p/∂x X^T and u = p̂ · p̂_m, the derivative of the kernel of a normalised vector is
//   ∂k/∂x = k'(u) / |p| · (T − (∂p/∂x · p̂) u):
// the projection is applied to the product, so the derivative block keeps its zeros.
void KernelRowBuilder::add(const StructureView& structure, const NeighbourList& list,
                           std::size_t channel, std::size_t from, std::size_t to,
                           const KernelRowParts& parts, const KernelRows& rows) const {
  thread_local Tile tile;
  const Representation& representation = kernel_.representation();
  const SphericalExpansion& expansion = representation.expansion();
  const Columns columns{channel, from, to};
  const bool derivatives = parts.positions || parts.strain;
  tile.triple_of.assign(structure.size, -1);
  std::size_t i = 0;
  while (true) {
    tile.centres.clear();
    for (std::size_t filled = 0; i < structure.size && filled < kRowsPerTile; ++i) {
      if (expansion.channel_of(structure.species[i]) != channel) continue;
      tile.centres.push_back(i);
      filled += derivatives ? 3 * static_cast<std::size_t>(list.first[i + 1] - list.first[i]) : 1;
    }
    if (tile.centres.empty()) return;

    tile.environments.reserve(representation, tile.centres.size());
    for (std::size_t c = 0; c < tile.centres.size(); ++c) {
      tile.environments.fill(c, structure, list, tile.centres[c], derivatives);
    }
    compare(columns, tile, rows);
    if (!derivatives) continue;
    for (std::size_t moved = 0; moved < expansion.species().size(); ++moved) {
      differentiate(moved, parts, tile);
      if (!tile.triples.empty()) multiply(columns, points_touched(moved, channel), tile, rows);
    }
  }
}

void KernelRowBuilder::compare(const Columns& columns, Tile& tile, const KernelRows& rows) const {
  const std::size_t count = tile.centres.size(), step = columns.step();
  grow(tile.similarity, count * step);
  grow(tile.slope, count * step);
  packed_product(tile.environments.features(0), tile.environments.step(), count,
                 points_[columns.channel], columns.first_panel(), columns.last_panel(),
                 tile.similarity.data(), step);
  const std::size_t lead = columns.from - columns.origin();
  for (std::size_t c = 0; c < count; ++c) {
    const double* u = tile.similarity.data() + c * step;
    double* slope = tile.slope.data() + c * step;
    for (std::size_t m = 0; m < step; m += kLanes) {
      store(slope + m, kernel_.slope_by_zeta(load(u + m)));
    }
    for (std::size_t m = 0; m < columns.to - columns.from; ++m) {
      rows.energy[m] += u[lead + m] * slope[lead + m];
    }
    const double scale = kernel_.zeta() * tile.environments.inverse_norm(c);
    for (std::size_t m = 0; m < step; m += kLanes) store(slope + m, scale * load(slope + m));
  }
}

// Rows of atoms whose images are neighbours of one centre are added up here, where they are short,
// and so are those of the strain.
void KernelRowBuilder::differentiate(std::size_t moved, const KernelRowParts& parts,
                                     Tile& tile) const {
  const std::vector<std::size_t>& touched = neighbours_.touched(moved);
  const std::size_t width = tile.width = padded(touched.size());
  std::size_t most = 0;
  for (std::size_t c = 0; c < tile.centres.size(); ++c) {
    const Environment& e = tile.environments.environment(c);
    most += 3 + e.first[moved + 1] - e.first[moved];
  }
  grow(tile.derivatives, most * 3 * width);
  tile.block.assign(3 * width, 0.0);
  tile.direction.assign(width, 0.0);
  tile.triples.clear();
  const auto open = [&](std::size_t centre, bool strain, std::size_t target) {
    tile.triples.push_back({centre, strain, target, {}});
    double* begin = tile.derivatives.data() + 3 * width * (tile.triples.size() - 1);
    std::fill_n(begin, 3 * width, 0.0);
    return begin;
  };
  const auto add = [&](double factor, double* to) {
    for (std::size_t k = 0; k < 3 * width; k += kLanes) {
      store(to + k, load(to + k) + factor * load(tile.block.data() + k));
    }
  };

  for (std::size_t c = 0; c < tile.centres.size(); ++c) {
    const Environment& e = tile.environments.environment(c);
    if (e.first[moved] == e.first[moved + 1]) continue;
    const std::size_t first_triple = tile.triples.size();
    double* strain = nullptr;
    for (std::size_t a = 0; parts.strain && a < 3; ++a) {
      double* begin = open(c, true, a);
      if (a == 0) strain = begin;
    }
    for (std::size_t j = e.first[moved]; j < e.first[moved + 1]; ++j) {
      const auto atom = static_cast<std::size_t>(e.atom[j]);
      const bool moves = parts.positions && atom != tile.centres[c];  // an image moves with it
      if (!moves && !parts.strain) continue;
      neighbours_.rows(e, moved, j, tile.block.data(), width);
      for (std::size_t a = 0; parts.strain && a < 3; ++a) {
        add(e.vector[a * e.stride + j], strain + 3 * a * width);
      }
      if (!moves) continue;
      std::ptrdiff_t& triple = tile.triple_of[atom];
      if (triple < 0) {
        triple = static_cast<std::ptrdiff_t>(tile.triples.size());
        open(c, false, atom);
      }
      add(1.0, tile.derivatives.data() + 3 * width * static_cast<std::size_t>(triple));
    }

    const double* p = tile.environments.features(c);
    for (std::size_t k = 0; k < touched.size(); ++k) tile.direction[k] = p[touched[k]];
    for (std::size_t t = first_triple; t < tile.triples.size(); ++t) {
      Tile::Triple& triple = tile.triples[t];
      if (!triple.strain) tile.triple_of[triple.target] = -1;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        triple.along[axis] =
            dot(tile.derivatives.data() + (3 * t + axis) * width, tile.direction.data(), width);
      }
    }
  }
}

void KernelRowBuilder::multiply(const Columns& columns, const PackedMatrix& points, Tile& tile,
                                const KernelRows& rows) const {
  constexpr std::size_t kStep = kPanelsAtOnce * kPanel;
  const std::size_t count = 3 * tile.triples.size();
  grow(tile.product, count * kStep);
  for (std::size_t p = columns.first_panel(); p < columns.last_panel(); p += kPanelsAtOnce) {
    const std::size_t end = std::min(p + kPanelsAtOnce, columns.last_panel());
    packed_product(tile.derivatives.data(), tile.width, count, points, p, end, tile.product.data(),
                   kStep);
    const std::size_t from = std::max(columns.from, p * kPanel);
    const std::size_t size = std::min(columns.to, end * kPanel) - from;
    for (std::size_t t = 0; t < tile.triples.size(); ++t) {
      const Tile::Triple& triple = tile.triples[t];
      const std::size_t known = triple.centre * columns.step() + from - columns.origin();
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const auto row = [&](double* begin, std::size_t of) {
          return begin + (3 * of + axis) * rows.step + from - columns.from;
        };
        add_projected(tile.product.data() + (3 * t + axis) * kStep + from - p * kPanel,
                      tile.slope.data() + known, tile.similarity.data() + known, triple.along[axis],
                      size, row(triple.strain ? rows.strain : rows.positions, triple.target),
                      triple.strain ? nullptr : row(rows.positions, tile.centres[triple.centre]));
      }
    }
  }
}

}  // namespace soapstone
