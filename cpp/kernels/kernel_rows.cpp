#include "kernels/kernel_rows.hpp"

#include <algorithm>

#include "common/parallel.hpp"
#include "kernels/environment_tile.hpp"

namespace soapstone {

namespace {

/// Rows of derivative blocks that go through one product, about: they stay in the second-level
/// cache while the sparse points stream by.
constexpr std::size_t kRowsPerTile = 256;
/// Columns of the product at a time, about: it is used while it is in the second-level cache.
constexpr std::size_t kPanelsAtOnce = 120 / PackedMatrix::kPanel;
constexpr std::size_t kColumnsAtOnce = kPanelsAtOnce * PackedMatrix::kPanel;

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

/// Some of the panels of a channel's points, and how many of the points are in them.
struct KernelRowBuilder::Columns {
  std::size_t first_panel, last_panel, size;
  std::size_t step;  ///< columns of all points, padded

  std::size_t origin() const { return first_panel * kPanel; }
};

/// Derivatives of the features of a tile's centres by the motion of neighbours of one channel.
struct KernelRowBuilder::Block {
  /// Three rows of derivatives: with respect to the position of an atom, or to ε_ab for one a.
  struct Triple {
    std::size_t centre;  // in the tile
    bool strain;
    std::size_t target;  // the atom, or a
    double along[3];     // ∂p/∂x · p̂ of each
  };
  std::vector<Triple> triples;
  AlignedVector derivatives;  // (triple, axis) × touched features, padded
  std::size_t width = 0;      // of that
  AlignedVector product;      // (triple, axis) × some columns of the points
};

/// What is kept of a few centres between forming their derivative blocks and using the product.
struct KernelRowBuilder::Tile {
  std::vector<std::size_t> centres;  // in the structure
  EnvironmentTile environments;
  AlignedVector similarity;               // centre × points, padded: u = p̂ · p̂_m
  AlignedVector slope;                    // centre × points, padded: k'(u) / |p|
  std::vector<Block> blocks;              // one for each species
  std::vector<std::ptrdiff_t> triple_of;  // of each atom of the structure; −1 where it has none
  AlignedVector one;                      // ∂p/∂r of one neighbour
  AlignedVector direction;                // touched features of p̂
};

KernelRowBuilder::KernelRowBuilder(const SparseKernel& kernel, const Execution& execution)
    : kernel_(kernel), neighbours_(kernel.representation()) {
  const Representation& representation = kernel_.representation();
  const std::size_t channels = representation.expansion().species().size();
  for (std::size_t a = 0; a < channels; ++a) points_.push_back(kernel_.pack_points(a, execution));
  touching_.resize(channels * channels);
  for (std::size_t moved = 0; moved < channels; ++moved) {
    if (neighbours_.touched(moved).size() == representation.features()) continue;
    for (std::size_t a = 0; a < channels; ++a) {
      touching_[moved * channels + a] =
          kernel_.pack_points(a, neighbours_.touched(moved), execution);
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
//
// Rows of moved atoms are added to by many tiles: in the order of the tiles, a few columns at a
// time, while other threads multiply.
void KernelRowBuilder::add(const StructureView& structure, const NeighbourList& list,
                           std::size_t channel, const KernelRowParts& parts, const KernelRows& rows,
                           const Execution& execution) const {
  const bool derivatives = parts.positions || parts.strain;
  const std::size_t points = kernel_.size(channel), panels = points_[channel].panels();
  if (points == 0) return;
  auto tiles = groups(structure, list, channel, derivatives);
  const int threads = resolve_threads(execution, tiles.size());
  const Execution quiet{threads, execution.cancelled, nullptr};
  Tile* const own = kept_workspaces<Tile>(threads);
  Turns turns((panels + kPanelsAtOnce - 1) / kPanelsAtOnce);

  const auto add_tile = [&](Tile& tile, std::size_t item) {
    tile.centres.swap(tiles[item]);
    tile.triple_of.resize(structure.size, -1);
    form(structure, list, channel, parts, tile);
    for (std::size_t p = 0, part = 0; p < panels; p += kPanelsAtOnce, ++part) {
      const std::size_t end = std::min(p + kPanelsAtOnce, panels);
      const Columns columns{p, end, std::min(end * kPanel, points) - p * kPanel, panels * kPanel};
      for (std::size_t moved = 0; derivatives && moved < tile.blocks.size(); ++moved) {
        multiply(columns, points_touched(moved, channel), tile.blocks[moved]);
      }
      const bool added = turns.take(part, item, quiet, [&] {
        if (rows.energy != nullptr) sum_kernels(columns, tile, rows);
        for (std::size_t moved = 0; derivatives && moved < tile.blocks.size(); ++moved) {
          scatter(columns, tile, tile.blocks[moved], rows);
        }
      });
      if (!added) return;
    }
  };
  parallel_for(tiles.size(), threads, quiet, [&](std::size_t item, int thread) {
    turns.guard([&] { add_tile(own[thread], item); });
  });
}

std::vector<std::vector<std::size_t>> KernelRowBuilder::groups(const StructureView& structure,
                                                               const NeighbourList& list,
                                                               std::size_t channel,
                                                               bool derivatives) const {
  const SphericalExpansion& expansion = kernel_.representation().expansion();
  std::vector<std::vector<std::size_t>> result;
  std::size_t filled = kRowsPerTile;
  for (std::size_t i = 0; i < structure.size; ++i) {
    if (expansion.channel_of(structure.species[i]) != channel) continue;
    if (filled >= kRowsPerTile) {
      result.emplace_back();
      filled = 0;
    }
    result.back().push_back(i);
    filled += derivatives ? 3 * static_cast<std::size_t>(list.first[i + 1] - list.first[i]) : 1;
  }
  return result;
}

void KernelRowBuilder::form(const StructureView& structure, const NeighbourList& list,
                            std::size_t channel, const KernelRowParts& parts, Tile& tile) const {
  const Representation& representation = kernel_.representation();
  const bool derivatives = parts.positions || parts.strain;
  tile.environments.reserve(representation, tile.centres.size());
  for (std::size_t c = 0; c < tile.centres.size(); ++c) {
    tile.environments.fill(c, structure, list, tile.centres[c], derivatives);
  }
  compare(channel, tile);
  if (!derivatives) return;
  tile.blocks.resize(representation.expansion().species().size());
  for (std::size_t moved = 0; moved < tile.blocks.size(); ++moved) {
    differentiate(moved, parts, tile, tile.blocks[moved]);
  }
}

void KernelRowBuilder::compare(std::size_t channel, Tile& tile) const {
  const PackedMatrix& points = points_[channel];
  const std::size_t count = tile.centres.size(), step = points.padded_columns();
  grow(tile.similarity, count * step);
  grow(tile.slope, count * step);
  packed_product(tile.environments.features(0), tile.environments.step(), count, points, 0,
                 points.panels(), tile.similarity.data(), step);
  for (std::size_t c = 0; c < count; ++c) {
    const double scale = kernel_.zeta() * tile.environments.inverse_norm(c);
    for (std::size_t m = c * step; m < (c + 1) * step; m += kLanes) {
      const Lanes slope = kernel_.slope_by_zeta(load(tile.similarity.data() + m));
      store(tile.slope.data() + m, scale * slope);
    }
  }
}

// Rows of atoms whose images are neighbours of one centre are added up here, where they are short,
// and so are those of the strain.
void KernelRowBuilder::differentiate(std::size_t moved, const KernelRowParts& parts, Tile& tile,
                                     Block& block) const {
  const std::vector<std::size_t>& touched = neighbours_.touched(moved);
  const std::size_t width = block.width = padded(touched.size());
  std::size_t most = 0;
  for (std::size_t c = 0; c < tile.centres.size(); ++c) {
    const Environment& e = tile.environments.environment(c);
    most += 3 + e.first[moved + 1] - e.first[moved];
  }
  grow(block.derivatives, most * 3 * width);
  tile.one.assign(3 * width, 0.0);
  tile.direction.assign(width, 0.0);
  block.triples.clear();
  const auto open = [&](std::size_t centre, bool strain, std::size_t target) {
    block.triples.push_back({centre, strain, target, {}});
    double* begin = block.derivatives.data() + 3 * width * (block.triples.size() - 1);
    std::fill_n(begin, 3 * width, 0.0);
    return begin;
  };
  const auto add = [&](double factor, double* to) {
    for (std::size_t k = 0; k < 3 * width; k += kLanes) {
      store(to + k, load(to + k) + factor * load(tile.one.data() + k));
    }
  };

  for (std::size_t c = 0; c < tile.centres.size(); ++c) {
    const Environment& e = tile.environments.environment(c);
    if (e.first[moved] == e.first[moved + 1]) continue;
    const std::size_t first_triple = block.triples.size();
    double* strain = nullptr;
    for (std::size_t a = 0; parts.strain && a < 3; ++a) {
      double* begin = open(c, true, a);
      if (a == 0) strain = begin;
    }
    for (std::size_t j = e.first[moved]; j < e.first[moved + 1]; ++j) {
      const auto atom = static_cast<std::size_t>(e.atom[j]);
      const bool moves = parts.positions && atom != tile.centres[c];  // an image moves with it
      if (!moves && !parts.strain) continue;
      neighbours_.rows(e, moved, j, tile.one.data(), width);
      for (std::size_t a = 0; parts.strain && a < 3; ++a) {
        add(e.vector[a * e.stride + j], strain + 3 * a * width);
      }
      if (!moves) continue;
      std::ptrdiff_t& triple = tile.triple_of[atom];
      if (triple < 0) {
        triple = static_cast<std::ptrdiff_t>(block.triples.size());
        open(c, false, atom);
      }
      add(1.0, block.derivatives.data() + 3 * width * static_cast<std::size_t>(triple));
    }

    const double* p = tile.environments.features(c);
    for (std::size_t k = 0; k < touched.size(); ++k) tile.direction[k] = p[touched[k]];
    for (std::size_t t = first_triple; t < block.triples.size(); ++t) {
      Block::Triple& triple = block.triples[t];
      if (!triple.strain) tile.triple_of[triple.target] = -1;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        triple.along[axis] =
            dot(block.derivatives.data() + (3 * t + axis) * width, tile.direction.data(), width);
      }
    }
  }
}

void KernelRowBuilder::sum_kernels(const Columns& columns, const Tile& tile,
                                   const KernelRows& rows) const {
  double* const energy = rows.energy + columns.origin();
  for (std::size_t c = 0; c < tile.centres.size(); ++c) {
    const double* u = tile.similarity.data() + c * columns.step + columns.origin();
    for (std::size_t m = 0; m < columns.size; ++m) energy[m] += kernel_.value(u[m]);
  }
}

void KernelRowBuilder::multiply(const Columns& columns, const PackedMatrix& points,
                                Block& block) const {
  const std::size_t count = 3 * block.triples.size();
  if (count == 0) return;
  grow(block.product, count * kColumnsAtOnce);
  packed_product(block.derivatives.data(), block.width, count, points, columns.first_panel,
                 columns.last_panel, block.product.data(), kColumnsAtOnce);
}

void KernelRowBuilder::scatter(const Columns& columns, const Tile& tile, const Block& block,
                               const KernelRows& rows) const {
  const std::size_t from = columns.origin();
  for (std::size_t t = 0; t < block.triples.size(); ++t) {
    const Block::Triple& triple = block.triples[t];
    const std::size_t known = triple.centre * columns.step + from;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const auto row = [&](double* begin, std::size_t of) {
        return begin + (3 * of + axis) * rows.step + from;
      };
      add_projected(block.product.data() + (3 * t + axis) * kColumnsAtOnce,
                    tile.slope.data() + known, tile.similarity.data() + known, triple.along[axis],
                    columns.size, row(triple.strain ? rows.strain : rows.positions, triple.target),
                    triple.strain ? nullptr : row(rows.positions, tile.centres[triple.centre]));
    }
  }
}

}  // namespace soapstone
