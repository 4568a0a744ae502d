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

/// The projection of one row of a product, t ← slope · (t − along · u), added to the row of what
/// moves and taken from that of the centre; either may be null.
void add_projected(const double* __restrict t, const double* __restrict slope,
                   const double* __restrict u, double along, std::size_t count,
                   double* __restrict moved, double* __restrict own) {
  if (own == nullptr) {
    for (std::size_t m = 0; m < count; ++m) moved[m] += slope[m] * (t[m] - along * u[m]);
    return;
  }
  if (moved == nullptr) {
    for (std::size_t m = 0; m < count; ++m) own[m] -= slope[m] * (t[m] - along * u[m]);
    return;
  }
  for (std::size_t m = 0; m < count; ++m) {
    const double derivative = slope[m] * (t[m] - along * u[m]);
    moved[m] += derivative;
    own[m] -= derivative;
  }
}

}  // namespace

/// An atom of one of the structures whose rows are formed.
struct KernelRowBuilder::Centre {
  const KernelRows* rows;
  std::size_t atom;
};

/// Some of the panels of a channel's points, and how many of the points are in them.
struct KernelRowBuilder::Columns {
  std::size_t first_panel, last_panel, size;
  std::size_t step;   ///< columns of all points of the channel, padded
  std::size_t first;  ///< column of the first of these in the rows

  std::size_t origin() const { return first_panel * kPanel; }
};

/// Derivatives of the features of a tile's centres by the motion of neighbours of one channel.
struct KernelRowBuilder::Block {
  /// Three rows of derivatives: with respect to the position of an atom, or to ε_ab for one a.
  struct Triple {
    double *moved, *own;  // the first of the rows that they are added to and taken from, or null
    std::size_t step;     // of these
    double along[3];      // ∂p/∂x · p̂ of each
  };
  std::vector<Triple> triples;
  std::vector<std::size_t> first;  // of each centre, and their number
  AlignedVector derivatives;       // (triple, axis) × touched features, padded
  std::size_t width = 0;           // of that
  AlignedVector product;           // (triple, axis) × some columns of the points
};

/// What is kept of a few centres between forming their derivative blocks and using the product.
struct KernelRowBuilder::Tile {
  std::vector<Centre> centres;
  EnvironmentTile environments;
  AlignedVector similarity;               // centre × points, padded: u = p̂ · p̂_m
  AlignedVector slope;                    // centre × points, padded: k'(u) / |p|
  std::vector<Block> blocks;              // one for each species
  std::vector<std::ptrdiff_t> triple_of;  // of each atom of a structure; −1 where it has none
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

void KernelRowBuilder::add(const std::vector<KernelRows>& rows, const Execution& execution) const {
  for (std::size_t a = 0; a < points_.size(); ++a) add(rows, a, execution);
}

// With T = ∂p/∂x X^T and u = p̂ · p̂_m, the derivative of the kernel of a normalised vector is
//   ∂k/∂x = k'(u) / |p| · (T − (∂p/∂x · p̂) u):
// the projection is applied to the product, so the derivative block keeps its zeros.
//
// Rows of moved atoms are added to by many tiles: in the order of the tiles, a few columns at a
// time, while other threads multiply.
void KernelRowBuilder::add(const std::vector<KernelRows>& rows, std::size_t channel,
                           const Execution& execution) const {
  const std::size_t points = kernel_.size(channel), panels = points_[channel].panels();
  if (points == 0) return;
  auto tiles = groups(rows, channel);
  const int threads = resolve_threads(execution, tiles.size());
  const Execution quiet{threads, execution.cancelled, nullptr};
  Tile* const own = kept_workspaces<Tile>(threads);
  Turns turns((panels + kPanelsAtOnce - 1) / kPanelsAtOnce);

  const auto add_tile = [&](Tile& tile, std::size_t item) {
    tile.centres.swap(tiles[item]);
    form(channel, tile);
    for (std::size_t p = 0, part = 0; p < panels; p += kPanelsAtOnce, ++part) {
      const std::size_t end = std::min(p + kPanelsAtOnce, panels);
      const Columns columns{p, end, std::min(end * kPanel, points) - p * kPanel, panels * kPanel,
                            kernel_.first()[channel] + p * kPanel};
      for (std::size_t moved = 0; moved < tile.blocks.size(); ++moved) {
        multiply(columns, points_touched(moved, channel), tile.blocks[moved]);
      }
      const bool added = turns.take(part, item, quiet, [&] {
        sum_kernels(columns, tile);
        scatter(columns, tile);
      });
      if (!added) return;
    }
  };
  parallel_for(tiles.size(), threads, quiet, [&](std::size_t item, int thread) {
    turns.guard([&] { add_tile(own[thread], item); });
  });
}

std::vector<std::vector<KernelRowBuilder::Centre>> KernelRowBuilder::groups(
    const std::vector<KernelRows>& rows, std::size_t channel) const {
  const SphericalExpansion& expansion = kernel_.representation().expansion();
  std::vector<std::vector<Centre>> result;
  std::size_t filled = kRowsPerTile;
  for (const KernelRows& of : rows) {
    for (std::size_t i = 0; i < of.structure.size; ++i) {
      if (expansion.channel_of(of.structure.species[i]) != channel) continue;
      const auto begin = of.list->neighbour.begin() + of.list->first[i];
      const auto end = of.list->neighbour.begin() + of.list->first[i + 1];
      const std::ptrdiff_t derivatives =
          of.strain || of.has(i) ? end - begin : std::count_if(begin, end, [&](auto j) {
            return of.has(static_cast<std::size_t>(j));
          });
      if (of.energy == nullptr && derivatives == 0) continue;
      if (filled >= kRowsPerTile) {
        result.emplace_back();
        filled = 0;
      }
      result.back().push_back({&of, i});
      filled += 1 + 3 * static_cast<std::size_t>(derivatives);
    }
  }
  return result;
}

void KernelRowBuilder::form(std::size_t channel, Tile& tile) const {
  const Representation& representation = kernel_.representation();
  bool derivatives = false;
  std::size_t largest = 0;
  for (const Centre& centre : tile.centres) {
    derivatives = derivatives || centre.rows->positions || centre.rows->strain;
    largest = std::max(largest, centre.rows->structure.size);
  }
  if (tile.triple_of.size() < largest) tile.triple_of.resize(largest, -1);
  tile.environments.reserve(representation, tile.centres.size());
  for (std::size_t c = 0; c < tile.centres.size(); ++c) {
    const Centre& centre = tile.centres[c];
    tile.environments.fill(c, centre.rows->structure, *centre.rows->list, centre.atom, derivatives);
  }
  compare(channel, tile);
  tile.blocks.resize(derivatives ? representation.expansion().species().size() : 0);
  for (std::size_t moved = 0; moved < tile.blocks.size(); ++moved) {
    differentiate(moved, tile, tile.blocks[moved]);
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
// and so are those of the strain, and those that only the centre's own row has need of.
void KernelRowBuilder::differentiate(std::size_t moved, Tile& tile, Block& block) const {
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
  // All memory that is wanted below: a failure in between would leave triple_of, which is kept, as
  // it is.
  block.triples.reserve(most);
  block.first.assign(1, 0);
  const auto add = [&](double factor, double* to) {
    for (std::size_t k = 0; k < 3 * width; k += kLanes) {
      store(to + k, load(to + k) + factor * load(tile.one.data() + k));
    }
  };

  for (std::size_t c = 0; c < tile.centres.size(); ++c) {
    const Environment& e = tile.environments.environment(c);
    const KernelRows& rows = *tile.centres[c].rows;
    const std::size_t centre = tile.centres[c].atom, first_triple = block.triples.size();
    double* const own = rows.has(centre) ? rows.row(centre) : nullptr;
    const auto open = [&](double* of_moved, double* of_centre) {
      block.triples.push_back({of_moved, of_centre, rows.step, {}});
      double* begin = block.derivatives.data() + 3 * width * (block.triples.size() - 1);
      std::fill_n(begin, 3 * width, 0.0);
      return begin;
    };
    const bool sees = e.first[moved] < e.first[moved + 1];
    double* strain = nullptr;
    for (std::size_t a = 0; rows.strain && sees && a < 3; ++a) {
      double* begin = open(rows.strain + 3 * a * rows.step, nullptr);
      if (a == 0) strain = begin;
    }
    for (std::size_t j = e.first[moved]; j < e.first[moved + 1]; ++j) {
      const auto atom = static_cast<std::size_t>(e.atom[j]);
      const bool has = rows.has(atom);
      const bool moves = (has || own) && atom != centre;  // an image moves with it
      if (!moves && !rows.strain) continue;
      neighbours_.rows(e, moved, j, tile.one.data(), width);
      for (std::size_t a = 0; rows.strain && a < 3; ++a) {
        add(e.vector[a * e.stride + j], strain + 3 * a * width);
      }
      if (!moves) continue;
      std::ptrdiff_t& triple = tile.triple_of[has ? atom : centre];
      if (triple < 0) {
        triple = static_cast<std::ptrdiff_t>(block.triples.size());
        open(has ? rows.row(atom) : nullptr, own);
      }
      add(1.0, block.derivatives.data() + 3 * width * static_cast<std::size_t>(triple));
    }
    tile.triple_of[centre] = -1;
    for (std::size_t j = e.first[moved]; j < e.first[moved + 1]; ++j) {
      tile.triple_of[static_cast<std::size_t>(e.atom[j])] = -1;
    }

    const double* p = tile.environments.features(c);
    for (std::size_t k = 0; k < touched.size(); ++k) tile.direction[k] = p[touched[k]];
    for (std::size_t t = first_triple; t < block.triples.size(); ++t) {
      for (std::size_t axis = 0; axis < 3; ++axis) {
        block.triples[t].along[axis] =
            dot(block.derivatives.data() + (3 * t + axis) * width, tile.direction.data(), width);
      }
    }
    block.first.push_back(block.triples.size());
  }
}

void KernelRowBuilder::sum_kernels(const Columns& columns, const Tile& tile) const {
  for (std::size_t c = 0; c < tile.centres.size(); ++c) {
    if (tile.centres[c].rows->energy == nullptr) continue;
    double* const energy = tile.centres[c].rows->energy + columns.first;
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

// Centre by centre, so that sums do not depend on which of them share a tile.
void KernelRowBuilder::scatter(const Columns& columns, const Tile& tile) const {
  for (std::size_t c = 0; c < tile.centres.size(); ++c) {
    const std::size_t known = c * columns.step + columns.origin();
    for (const Block& block : tile.blocks) {
      for (std::size_t t = block.first[c]; t < block.first[c + 1]; ++t) {
        const Block::Triple& triple = block.triples[t];
        for (std::size_t axis = 0; axis < 3; ++axis) {
          const auto row = [&](double* begin) {
            return begin ? begin + axis * triple.step + columns.first : nullptr;
          };
          add_projected(block.product.data() + (3 * t + axis) * kColumnsAtOnce,
                        tile.slope.data() + known, tile.similarity.data() + known,
                        triple.along[axis], columns.size, row(triple.moved), row(triple.own));
        }
      }
    }
  }
}

}  // namespace soapstone
