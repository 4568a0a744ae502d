#pragma once

#include <cstddef>

#include "analysis/distances.hpp"

namespace soapstone {

struct TsneOptions {
  double perplexity = 30.0;
  std::size_t iterations = 1000;
};

/// t-SNE, all pairs: moves `embedding` (N × 2) downhill on the Kullback–Leibler divergence of
/// Student's similarities on the plane from Gaussian ones between the points. L. van der Maaten, G.
/// Hinton, J. Mach. Learn. Res. 9, 2579 (2008); exaggeration and learning rate as D. Kobak, P.
/// Berens, Nat. Commun. 10, 5416 (2019). Returns the divergence. Progress counts iterations.
double tsne(const Points& points, const TsneOptions& options, double* embedding,
            const Execution& execution);

}  // namespace soapstone
