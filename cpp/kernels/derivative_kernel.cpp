#include "kernels/derivative_kernel.hpp"

#include <algorithm>
#include <iterator>
#include <type_traits>
#include <utility>

#include "common/parallel.hpp"
#include "kernels/environment_tile.hpp"
#include "math/row_products.hpp"

namespace soapstone {

namespace {

/// Atoms of a block, and numbers of derivatives that are kept for them, about: 16 MB.
constexpr std::size_t kMostAtoms = 64, kMostNumbers = std::size_t{1} << 21;
/// Environments whose kernels with all that follow are summed up at a time.
constexpr std::size_t kRowsPerBlock = 64;
/// Where an environment does not change.
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

/// An atom and those within the cutoff of it or of any of its images, each once, ascending.
std::vector<std::size_t> seeing(const NeighbourList& list, std::size_t atom) {
  std::vector<std::size_t> result{atom};
  for (auto p = list.first[atom]; p < list.first[atom + 1]; ++p) {
    result.push_back(static_cast<std::size_t>(list.neighbour[static_cast<std::size_t>(p)]));
  }
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

/// to[features[k]] += factor · from[k]; features ascend.
void scatter(const double* from, const std::vector<std::size_t>& features, double factor,
             double* to) {
  if (!features.empty() && features.back() + 1 == features.size()) {  // all from the first one on
    for (std::size_t k = 0; k < features.size(); k += kLanes) {
      store(to + k, load(to + k) + factor * load(from + k));
    }
    return;
  }
  for (std::size_t k = 0; k < features.size(); ++k) to[features[k]] += factor * from[k];
}

/// ∂p̂/∂x = (∂p/∂x − (∂p/∂x · p̂) p̂) / |p|, in place.
void project(const double* direction, double inverse_norm, std::size_t step, double* derivative) {
  const double along = dot(derivative, direction, step);
  for (std::size_t k = 0; k < step; k += kLanes) {
    store(derivative + k, inverse_norm * (load(derivative + k) - along * load(direction + k)));
  }
}

}  // namespace

struct DerivativeKernel::Change {
  std::size_t step, ways;
  std::vector<const double*> features;  // p̂ of each environment
  double* derivatives = nullptr;        // ∂p̂/∂x_c: way × environment × step

  std::size_t size() const { return features.size(); }
  double* derivative(std::size_t way, std::size_t environment) const {
    return derivatives + (way * size() + environment) * step;
  }
};

/// Environments of one species that change when any of a few atoms moves.
struct DerivativeKernel::Moves {
  std::size_t first, last;           // the atoms
  std::vector<std::size_t> centres;  // ascending
  std::vector<Change> changes;       // of each atom
  std::vector<std::size_t> places;   // atom × centre: which of its environments that is, or kNone

  std::size_t place(std::size_t x, std::size_t c) const { return places[x * centres.size() + c]; }
};

struct DerivativeKernel::Workspace {
  EnvironmentTile environment;
  AlignedVector one, sum;  // ∂p/∂r of a neighbour; sums of those of one species
};

DerivativeKernel::DerivativeKernel(const SparseKernel& kernel)
    : kernel_(kernel), neighbours_(kernel.representation()) {}

// Environments are computed once for all atoms of a block.
void DerivativeKernel::positions(const StructureView& structure, const NeighbourList& list,
                                 std::size_t first, std::size_t last, const Execution& execution,
                                 double* out) const {
  const Representation& representation = kernel_.representation();
  const Execution quiet = execution.quiet();
  std::fill_n(out, 3 * (last - first), 0.0);
  for (std::size_t from = first, to; from < last; from = to) {
    std::vector<std::vector<std::size_t>> seen;
    std::size_t numbers = 0;
    for (to = from; to < last && to < from + kMostAtoms; ++to) {
      seen.push_back(seeing(list, to));
      numbers += 3 * seen.back().size() * representation.features();
      if (seen.size() > 1 && numbers > kMostNumbers) {
        seen.pop_back();
        break;
      }
    }
    for (std::size_t a = 0; a < representation.expansion().species().size(); ++a) {
      const Moves moves = differentiate(structure, list, from, seen, a, quiet);
      parallel_for(to - from, resolve_threads(quiet, to - from), quiet, [&](std::size_t x, int) {
        const Change& change = moves.changes[x];
        add(change, 0, change.size(), out + 3 * (from - first + x));
      });
    }
  }
}

DerivativeKernel::Moves DerivativeKernel::differentiate(
    const StructureView& structure, const NeighbourList& list, std::size_t first,
    const std::vector<std::vector<std::size_t>>& seen, std::size_t channel,
    const Execution& execution) const {
  const Representation& representation = kernel_.representation();
  const SphericalExpansion& expansion = representation.expansion();
  const std::size_t step = padded(representation.features());
  Moves moves{first, first + seen.size(), {}, {}, {}};
  std::vector<std::size_t>& centres = moves.centres;
  for (const std::vector<std::size_t>& some : seen) {
    std::copy_if(some.begin(), some.end(), std::back_inserter(centres), [&](std::size_t i) {
      return expansion.channel_of(structure.species[i]) == channel;
    });
  }
  std::sort(centres.begin(), centres.end());
  centres.erase(std::unique(centres.begin(), centres.end()), centres.end());

  // The system hands out new memory of this size page by page.
  thread_local AlignedVector features, derivatives;
  grow(features, centres.size() * step);
  moves.places.assign(seen.size() * centres.size(), kNone);
  std::size_t size = 0;
  for (std::size_t x = 0; x < seen.size(); ++x) {
    Change change{step, 3, {}, nullptr};
    for (const std::size_t i : seen[x]) {
      const auto found = std::lower_bound(centres.begin(), centres.end(), i);
      if (found == centres.end() || *found != i) continue;
      const auto c = static_cast<std::size_t>(found - centres.begin());
      moves.places[x * centres.size() + c] = change.size();
      change.features.push_back(features.data() + c * step);
    }
    size += 3 * change.size() * step;
    moves.changes.push_back(std::move(change));
  }
  grow(derivatives, size);
  double* begin = derivatives.data();
  for (Change& change : moves.changes) {
    change.derivatives = begin;
    begin += 3 * change.size() * step;
  }

  double* const of_centres = features.data();
  const int threads = resolve_threads(execution, centres.size());
  auto* const workspaces = kept_workspaces<Workspace>(threads);
  parallel_for(centres.size(), threads, execution, [&](std::size_t c, int thread) {
    differentiate(structure, list, moves, c, workspaces[thread]);
    std::copy_n(workspaces[thread].environment.features(0), step, of_centres + c * step);
  });
  return moves;
}

void DerivativeKernel::differentiate(const StructureView& structure, const NeighbourList& list,
                                     const Moves& moves, std::size_t c, Workspace& w) const {
  const std::size_t centre = moves.centres[c], atoms = moves.last - moves.first;
  const auto row = [&](std::size_t x, std::size_t axis) {
    return moves.changes[x].derivative(axis, moves.place(x, c));
  };
  const auto moving = [&](std::size_t atom) { return atom >= moves.first && atom < moves.last; };
  const auto for_rows = [&](const auto& body) {
    for (std::size_t x = 0; x < atoms; ++x) {
      for (std::size_t axis = 0; axis < 3 && moves.place(x, c) != kNone; ++axis) body(row(x, axis));
    }
  };
  w.environment.reserve(kernel_.representation(), 1);
  w.environment.fill(0, structure, list, centre, true);
  const std::size_t step = w.environment.step();
  for_rows([&](double* derivative) { std::fill_n(derivative, step, 0.0); });
  const Environment& e = w.environment.environment(0);
  const bool own = moving(centre);
  for (std::size_t species = 0; species + 1 < e.first.size(); ++species) {
    const std::vector<std::size_t>& touched = neighbours_.touched(species);
    const std::size_t width = padded(touched.size());
    w.one.assign(3 * width, 0.0);
    w.sum.assign(3 * width, 0.0);
    for (std::size_t j = e.first[species]; j < e.first[species + 1]; ++j) {
      const auto atom = static_cast<std::size_t>(e.atom[j]);
      // Between an atom and its own image nothing changes: both move.
      if (atom == centre || !(own || moving(atom))) continue;
      neighbours_.rows(e, species, j, w.one.data(), width);
      for (std::size_t axis = 0; moving(atom) && axis < 3; ++axis) {
        scatter(w.one.data() + axis * width, touched, 1.0, row(atom - moves.first, axis));
      }
      for (std::size_t k = 0; own && k < 3 * width; k += kLanes) {
        store(w.sum.data() + k, load(w.sum.data() + k) + load(w.one.data() + k));
      }
    }
    for (std::size_t axis = 0; own && axis < 3; ++axis) {
      scatter(w.sum.data() + axis * width, touched, -1.0, row(centre - moves.first, axis));
    }
  }
  for_rows([&](double* derivative) {
    project(w.environment.features(0), w.environment.inverse_norm(0), step, derivative);
  });
}

void DerivativeKernel::strain(const StructureView& structure, const NeighbourList& list,
                              const Execution& execution, double* out) const {
  // Features do not change when a structure turns, so ∂p̂/∂ε is symmetric: six of nine will do.
  constexpr std::size_t kWays = 6, a[kWays] = {0, 0, 0, 1, 1, 2}, b[kWays] = {0, 1, 2, 1, 2, 2};
  const Representation& representation = kernel_.representation();
  const SphericalExpansion& expansion = representation.expansion();
  const std::size_t species = expansion.species().size(), step = padded(representation.features());
  const Execution quiet = execution.quiet();
  double kernels[kWays] = {};
  for (std::size_t channel = 0; channel < species; ++channel) {
    std::vector<std::size_t> centres;
    for (std::size_t i = 0; i < structure.size; ++i) {
      if (expansion.channel_of(structure.species[i]) == channel) centres.push_back(i);
    }
    const std::size_t size = centres.size();
    AlignedVector features(size * step), derivatives(kWays * size * step);
    Change change{step, kWays, {}, derivatives.data()};
    for (std::size_t c = 0; c < size; ++c) change.features.push_back(features.data() + c * step);
    const int threads = resolve_threads(execution, size);
    auto* const workspaces = kept_workspaces<Workspace>(threads);
    parallel_for(size, threads, quiet, [&](std::size_t c, int thread) {
      Workspace& w = workspaces[thread];
      w.environment.reserve(representation, 1);
      w.environment.fill(0, structure, list, centres[c], true);
      const Environment& e = w.environment.environment(0);
      for (std::size_t moved = 0; moved < species; ++moved) {
        const std::vector<std::size_t>& touched = neighbours_.touched(moved);
        const std::size_t width = padded(touched.size());
        w.one.assign(3 * width, 0.0);
        w.sum.assign(kWays * width, 0.0);
        for (std::size_t j = e.first[moved]; j < e.first[moved + 1]; ++j) {
          neighbours_.rows(e, moved, j, w.one.data(), width);
          for (std::size_t way = 0; way < kWays; ++way) {
            const double weight = e.vector[a[way] * e.stride + j];
            const double* from = w.one.data() + b[way] * width;
            double* to = w.sum.data() + way * width;
            for (std::size_t k = 0; k < width; k += kLanes) {
              store(to + k, load(to + k) + weight * load(from + k));
            }
          }
        }
        for (std::size_t way = 0; way < kWays; ++way) {
          scatter(w.sum.data() + way * width, touched, 1.0, change.derivative(way, c));
        }
      }
      std::copy_n(w.environment.features(0), step, features.data() + c * step);
      for (std::size_t way = 0; way < kWays; ++way) {
        project(w.environment.features(0), w.environment.inverse_norm(0), step,
                change.derivative(way, c));
      }
    });
    std::vector<double> sums((size + kRowsPerBlock - 1) / kRowsPerBlock * kWays, 0.0);
    parallel_blocks(size, kRowsPerBlock, quiet, [&](std::size_t from, std::size_t count) {
      add(change, from, from + count, sums.data() + from / kRowsPerBlock * kWays);
    });
    for (std::size_t k = 0; k < sums.size(); ++k) kernels[k % kWays] += sums[k];
  }
  for (std::size_t c = 0; c < kWays; ++c) {
    out[3 * a[c] + b[c]] = out[3 * b[c] + a[c]] = kernels[c];
  }
}

// Kernels are symmetric in i and j: a tile and its mirror image are one.
void DerivativeKernel::add(const Change& change, std::size_t first, std::size_t last,
                           double* out) const {
  constexpr std::size_t kMost = kProductRows, kFew = (kProductRows + 1) / 2;
  const auto count = [](std::size_t left) {
    return left >= kMost ? kMost : left >= kFew ? kFew : 1;
  };
  for (std::size_t i = first, rows; i < last; i += rows) {
    rows = count(last - i);
    for (std::size_t j = i, columns; j < change.size(); j += columns) {
      columns = j == i ? rows : count(change.size() - j);
      const double weight = j == i ? 1.0 : 2.0;
      const auto tile = [&](auto m, auto n) { add_tile<m, n>(change, i, j, weight, out); };
      const auto of_rows = [&](auto m) {
        if (columns == kMost) return tile(m, std::integral_constant<std::size_t, kMost>{});
        if (columns == kFew) return tile(m, std::integral_constant<std::size_t, kFew>{});
        tile(m, std::integral_constant<std::size_t, 1>{});
      };
      if (rows == kMost) {
        of_rows(std::integral_constant<std::size_t, kMost>{});
      } else if (rows == kFew) {
        of_rows(std::integral_constant<std::size_t, kFew>{});
      } else {
        of_rows(std::integral_constant<std::size_t, 1>{});
      }
    }
  }
}

template <std::size_t kLeft, std::size_t kRight>
void DerivativeKernel::add_tile(const Change& change, std::size_t i, std::size_t j, double weight,
                                double* out) const {
  constexpr std::size_t kProducts = kLeft * kRight;
  const double *own[kLeft], *other[kRight];
  double u[kProducts], slope[kProducts], curvature[kProducts];
  const double* const* p = change.features.data();
  row_products<kLeft, kRight>(p + i, p + j, change.step, u);
  for (std::size_t k = 0; k < kProducts; ++k) {
    slope[k] = weight * kernel_.slope(u[k]);
    curvature[k] = weight * kernel_.curvature(u[k]);
  }
  for (std::size_t way = 0; way < change.ways; ++way) {
    for (std::size_t m = 0; m < kLeft; ++m) own[m] = change.derivative(way, i + m);
    for (std::size_t n = 0; n < kRight; ++n) other[n] = change.derivative(way, j + n);
    double both[kProducts], left[kProducts], right[kProducts];
    row_products<kLeft, kRight>(own, other, change.step, both);
    row_products<kLeft, kRight>(own, p + j, change.step, left);
    row_products<kLeft, kRight>(p + i, other, change.step, right);
    double terms = 0.0;
    for (std::size_t k = 0; k < kProducts; ++k) {
      terms += slope[k] * both[k] + curvature[k] * (left[k] * right[k]);
    }
    out[way] += terms;
  }
}

}  // namespace soapstone
