#pragma once

#include <cstddef>
#include <cstdint>

#include "analysis/distances.hpp"

namespace soapstone {

/// Σ_j exp(−|x_i − x_j|² / 2w²) − 1 of each point: how many others are about it.
void gaussian_densities(const Points& points, double width, double* densities,
                        const Execution& execution);

/// The quantile of the distances between all pairs of points, by their histogram: to 1e-4 of the
/// largest.
double distance_quantile(const Points& points, double quantile, const Execution& execution);

/// For each point the nearest one of higher density, −1 where there is none, and its distance; for
/// equal densities the lower index counts as higher. The densest has the distance of the farthest
/// point from it. This is what density peaks (A. Rodriguez, A. Laio, Science 344, 1492, 2014) and
/// quick shift (A. Vedaldi, S. Soatto, ECCV 2008) climb along.
void nearest_denser(const Points& points, const double* densities, std::int32_t* parents,
                    double* distances, const Execution& execution);

/// Logarithms of Σ_j N(y_i; x_j, H_c(j)) / n at M `grid` points y: each of the n samples x is
/// spread with the inverse covariance (`precisions`, M × D × D) of the grid point it belongs to
/// (`cells`).
void adaptive_densities(const Points& grid, const Points& samples, const std::int32_t* cells,
                        const double* precisions, double* logarithms, const Execution& execution);

}  // namespace soapstone
