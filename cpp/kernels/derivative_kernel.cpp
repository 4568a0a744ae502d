#include "kernels/derivative_kernel.hpp"

#include <algorithm>

#include "common/parallel.hpp"
#include "kernels/environment_tile.hpp"

namespace soapstone {

namespace {

using Eigen::Index;

/// Rows of products at a time: few enough that half of a symmetric one is left out.
constexpr Index kRowsPerBlock = 64;

/// Atoms by the channel of their species.
std::vector<std::vector<std::size_t>> by_channel(const SphericalExpansion& expansion,
                                                 const StructureView& structure,
                                                 const std::vector<std::size_t>& atoms) {
  std::vector<std::vector<std::size_t>> result(expansion.species().size());
  for (const std::size_t i : atoms) {
    result[expansion.channel_of(structure.species[i])].push_back(i);
  }
  return result;
}

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

}  // namespace

struct DerivativeKernel::Motion {
  /// The component of r_ij that x_c changes.
  std::vector<std::size_t> axes;
  /// Writes by how much, ∂r_ij/∂x_c for all c; false where x changes nothing.
  std::function<bool(const Environment&, std::size_t j, double* weights)> weigh;
};

struct DerivativeKernel::Change {
  RowMatrix features;                  // p̂, a row for each centre
  std::vector<RowMatrix> derivatives;  // ∂p̂/∂x_c
};

DerivativeKernel::DerivativeKernel(const SparseKernel& kernel)
    : kernel_(kernel), neighbours_(kernel.representation()) {}

void DerivativeKernel::positions(const StructureView& structure, const NeighbourList& list,
                                 const Execution& execution, double* out) const {
  const SphericalExpansion& expansion = kernel_.representation().expansion();
  const Execution quiet = execution.quiet();
  const Execution alone = execution.alone();
  std::fill_n(out, 3 * structure.size, 0.0);
  parallel_for(
      structure.size, resolve_threads(execution, structure.size), quiet, [&](std::size_t k, int) {
        const Motion motion{{0, 1, 2}, [k](const Environment& e, std::size_t j, double* weights) {
                              const auto atom = static_cast<std::size_t>(e.atom[j]);
                              // Between an atom and its own image nothing changes: both move.
                              if ((atom == k) == (e.centre == k)) return false;
                              std::fill_n(weights, 3, atom == k ? 1.0 : -1.0);
                              return true;
                            }};
        for (const auto& centres : by_channel(expansion, structure, seeing(list, k))) {
          add(change(structure, list, centres, motion, alone), alone, out + 3 * k);
        }
      });
}

void DerivativeKernel::strain(const StructureView& structure, const NeighbourList& list,
                              const Execution& execution, double* out) const {
  // Features do not change when a structure turns, so ∂p̂/∂ε is symmetric: six of nine will do.
  const std::vector<std::size_t> a{0, 0, 0, 1, 1, 2}, b{0, 1, 2, 1, 2, 2};
  const Motion motion{b, [&a](const Environment& e, std::size_t j, double* weights) {
                        for (std::size_t c = 0; c < a.size(); ++c) {
                          weights[c] = e.vector[a[c] * e.stride + j];
                        }
                        return true;
                      }};
  std::vector<std::size_t> all(structure.size);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  std::vector<double> kernels(a.size(), 0.0);
  for (const auto& centres : by_channel(kernel_.representation().expansion(), structure, all)) {
    add(change(structure, list, centres, motion, execution), execution, kernels.data());
  }
  for (std::size_t c = 0; c < a.size(); ++c) {
    out[3 * a[c] + b[c]] = out[3 * b[c] + a[c]] = kernels[c];
  }
}

DerivativeKernel::Change DerivativeKernel::change(const StructureView& structure,
                                                  const NeighbourList& list,
                                                  const std::vector<std::size_t>& centres,
                                                  const Motion& motion,
                                                  const Execution& execution) const {
  struct Workspace {
    EnvironmentTile environment;
    AlignedVector one, sum;  // ∂p/∂r of a neighbour; ∂p/∂x by those of one species
    std::vector<double> weights;
  };
  const Representation& representation = kernel_.representation();
  const std::size_t ways = motion.axes.size(),
                    species = representation.expansion().species().size();
  const auto rows = static_cast<Index>(centres.size());
  const auto features = static_cast<Index>(representation.features());
  Change result{RowMatrix(rows, features),
                std::vector<RowMatrix>(ways, RowMatrix::Zero(rows, features))};

  const int threads = resolve_threads(execution, centres.size());
  std::vector<Workspace> workspaces(static_cast<std::size_t>(threads));
  const Execution quiet = execution.quiet();
  parallel_for(centres.size(), threads, quiet, [&](std::size_t item, int thread) {
    Workspace& w = workspaces[static_cast<std::size_t>(thread)];
    const auto row = static_cast<Index>(item);
    w.weights.resize(ways);
    w.environment.reserve(representation, 1);
    w.environment.fill(0, structure, list, centres[item], true);
    const Environment& e = w.environment.environment(0);
    for (std::size_t moved = 0; moved < species; ++moved) {
      const std::vector<std::size_t>& touched = neighbours_.touched(moved);
      const std::size_t width = padded(touched.size());
      w.one.assign(3 * width, 0.0);
      w.sum.assign(ways * width, 0.0);
      for (std::size_t j = e.first[moved]; j < e.first[moved + 1]; ++j) {
        if (!motion.weigh(e, j, w.weights.data())) continue;
        neighbours_.rows(e, moved, j, w.one.data(), width);
        for (std::size_t c = 0; c < ways; ++c) {
          const double* from = w.one.data() + motion.axes[c] * width;
          double* to = w.sum.data() + c * width;
          for (std::size_t k = 0; k < width; k += kLanes) {
            store(to + k, load(to + k) + w.weights[c] * load(from + k));
          }
        }
      }
      for (std::size_t c = 0; c < ways; ++c) {
        double* to = result.derivatives[c].row(row).data();
        for (std::size_t k = 0; k < touched.size(); ++k) to[touched[k]] += w.sum[c * width + k];
      }
    }
    const Eigen::Map<const Eigen::RowVectorXd> direction(w.environment.features(0), features);
    result.features.row(row) = direction;
    for (RowMatrix& derivative : result.derivatives) {
      auto d = derivative.row(row);
      d = w.environment.inverse_norm(0) * (d - d.dot(direction) * direction).eval();
    }
  });
  return result;
}

void DerivativeKernel::add(const Change& change, const Execution& execution, double* out) const {
  const Index size = change.features.rows();
  const auto ways = static_cast<Index>(change.derivatives.size());
  Eigen::MatrixXd sums(ways, (size + kRowsPerBlock - 1) / kRowsPerBlock);
  parallel_blocks(size, kRowsPerBlock, execution.quiet(), [&](Index at, Index count) {
    // Kernels are symmetric in i and j: those left of the block are those above it.
    const Index rest = size - at;
    const auto i = [&](const RowMatrix& rows) { return rows.middleRows(at, count); };
    const auto j = [&](const RowMatrix& rows) { return rows.bottomRows(rest).transpose(); };
    const RowMatrix& p = change.features;
    const RowMatrix u = i(p) * j(p);
    const RowMatrix slope = u.unaryExpr([&](double x) { return kernel_.slope(x); });
    const RowMatrix curvature = u.unaryExpr([&](double x) { return kernel_.curvature(x); });
    for (Index c = 0; c < ways; ++c) {
      const RowMatrix& d = change.derivatives[static_cast<std::size_t>(c)];
      RowMatrix terms = slope.cwiseProduct(i(d) * j(d));
      terms += curvature.cwiseProduct((i(d) * j(p)).cwiseProduct(i(p) * j(d)));
      sums(c, at / kRowsPerBlock) =
          terms.leftCols(count).sum() + 2.0 * terms.rightCols(rest - count).sum();
    }
  });
  for (Index block = 0; block < sums.cols(); ++block) {
    for (Index c = 0; c < ways; ++c) out[c] += sums(c, block);
  }
}

}  // namespace soapstone
