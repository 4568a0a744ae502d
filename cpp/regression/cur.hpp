#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/execution.hpp"

namespace soapstone {

struct CurOptions {
  std::size_t count;                ///< rows to pick
  std::size_t leading = 1;          ///< singular vectors that make the score
  std::size_t recompute_every = 1;  ///< picks between new scores; 0: one set of scores for all
};

/// Rows in the order in which they were picked, with their scores at that time, to 10⁻³ of each:
/// vectors are as exact as it takes to tell the best row from the next.
struct CurSelection {
  std::vector<std::int32_t> indices;
  std::vector<double> scores;
};

/// CUR selection of rows of a matrix (rows × features, row-major): each is the one with the largest
/// leverage score, the sum of squares of its components in the leading left singular vectors;
/// then all rows are made orthogonal to it, and scored anew. Ties go to the lower index. The same
/// as scikit-matter's. G. Imbalzano et al., J. Chem. Phys. 148, 241730 (2018).
///
/// Throws kNumerical when what is left of the matrix is round-off before `count` rows are picked.
CurSelection cur(const double* data, std::size_t rows, std::size_t features,
                 const CurOptions& options, const Execution& execution);

/// The score of every row before any is picked: the sum of squares of its components in the
/// `leading` left singular vectors; they add up to `leading`, and as many of the largest as CUR
/// without new scores picks are its picks. M. W. Mahoney, P. Drineas, PNAS 106, 697 (2009).
///
/// Throws kNumerical for a matrix of zeros.
std::vector<double> leverage_scores(const double* data, std::size_t rows, std::size_t features,
                                    std::size_t leading, const Execution& execution);

}  // namespace soapstone
