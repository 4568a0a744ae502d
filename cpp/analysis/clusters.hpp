#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/distances.hpp"

namespace soapstone {

/// Clusters of points that touch: DBSCAN. A core has at least `neighbours` points, itself among
/// them, within `radius`; cores within the radius of each other are one cluster; other points
/// within the radius of a core belong to the first such cluster; the rest is noise, −1. Clusters
/// are numbered by their first cores. Labels are those of scikit-learn. M. Ester et al., KDD-96,
/// 226. Returns the number of clusters.
std::size_t dbscan(const Points& points, double radius, std::size_t neighbours,
                   std::int32_t* labels, const Execution& execution);

struct KMeansResult {
  std::size_t iterations = 0;
  double inertia = 0.0;  ///< Σ of squares of distances to the own centre
};

/// Lloyd's algorithm from given `centres` (K × F), which it moves, until labels stay or centres
/// move by less than `tolerance` of the mean variance of the features, in squares. A centre without
/// points goes to the point that is farthest from its own, as in scikit-learn.
KMeansResult k_means(const Points& points, double* centres, std::size_t count,
                     std::size_t most_iterations, double tolerance, std::int32_t* labels,
                     const Execution& execution);

/// Points that are drawn for each of `count` starting points, 2 + ⌊ln K⌋.
std::size_t k_means_draws(std::size_t count);

/// Indices of `count` starting points, each drawn with a probability proportional to the square of
/// its distance from those before, the best of several draws (greedy k-means++). D. Arthur, S.
/// Vassilvitskii, SODA 2007, 1027. `uniform`: random numbers in [0, 1) to draw by, k_means_draws()
/// for every point.
std::vector<std::int32_t> k_means_start(const Points& points, std::size_t count,
                                        const double* uniform, const Execution& execution);

/// An edge of a tree.
struct Edge {
  std::int32_t from, to;
  double length;
};

/// The minimum spanning tree of points under the mutual reachability distance, max(d_ij, c_i, c_j)
/// with `cores` c, the shortest edge first. L. McInnes, J. Healy, S. Astels, J. Open Source Softw.
/// 2, 205 (2017). Prim's algorithm: N² distances, none kept.
std::vector<Edge> reachability_tree(const Points& points, const double* cores,
                                    const Execution& execution);

}  // namespace soapstone
