#include "math/spherical_harmonics.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>

#include "common/error.hpp"
#include "common/huge_pages.hpp"
#include "common/parallel.hpp"
#include "math/streaming.hpp"
#include "math/transpose.hpp"

namespace soapstone {

namespace {

/// Points that one thread takes at a time; their results stay in its second-level cache.
constexpr std::size_t kPointsPerItem = 512;

/// Orders up to this one have loops of their own, with lengths that the compiler knows.
constexpr int kMostTemplated = 12;

/// Calls body(constant) with max_angular as a compile-time constant, −1 for the large ones.
template <int kMaxAngular = 0, typename Body>
void with_constant(int max_angular, const Body& body) {
  if (max_angular == kMaxAngular) {
    body(std::integral_constant<int, kMaxAngular>());
  } else if constexpr (kMaxAngular < kMostTemplated) {
    with_constant<kMaxAngular + 1>(max_angular, body);
  } else {
    body(std::integral_constant<int, -1>());
  }
}

std::vector<HarmonicTerm> make_terms(int max_angular) {
  using Real = long double;
  const Real pi = std::acos(Real(-1));
  const auto prefactor = [&](int l, int m) {  // √2 included for m > 0
    Real ratio = 1;                           // (l − m)! / (l + m)!
    for (int k = l - m + 1; k <= l + m; ++k) ratio /= k;
    return std::sqrt((2 * l + 1) / (4 * pi) * ratio * (m == 0 ? 1 : 2));
  };
  std::vector<HarmonicTerm> terms;
  Real diagonal = 1;  // (2m − 1)!!
  for (int m = 0; m <= max_angular; ++m) {
    if (m > 0) diagonal *= 2 * m - 1;
    Real leading = diagonal;  // coefficient of z^(l−m) in the Legendre function
    for (int l = m; l <= max_angular; ++l) {
      if (l > m) leading *= Real(2 * l - 1) / (l - m);
      const Real own = prefactor(l, m);
      HarmonicTerm term{};
      term.recursion = static_cast<double>(Real(l - m) * (l + m) / (Real(2 * l - 1) * (2 * l + 1)));
      term.factor = static_cast<double>(own * leading);
      if (m + 1 <= l - 1) {
        term.above =
            static_cast<double>((m == 0 ? Real(1) : Real(0.5)) * own / prefactor(l - 1, m + 1));
      }
      if (m > 0) {
        term.below =
            static_cast<double>(Real(0.5) * (l + m) * (l + m - 1) * own / prefactor(l - 1, m - 1));
      }
      if (m < l) term.axial = static_cast<double>((l + m) * own / prefactor(l - 1, m));
      terms.push_back(term);
    }
  }
  return terms;
}

/// Squared lengths between these have lost no digits to underflow or overflow.
constexpr double kLeastSquare = 1e-280, kLargestSquare = 1e280;

/// Unit vectors of up to eight points, and 1/r. Lanes without a point repeat the last.
struct Directions {
  Lanes x, y, z, inverse;

  Directions(const double* vectors, std::size_t points) {
    alignas(kAlignment) double r[3][kLanes], square[kLanes], inverses[kLanes];
    for (std::size_t p = 0; p < kLanes; ++p) {
      const double* const vector = vectors + 3 * std::min(p, points - 1);
      for (std::size_t axis = 0; axis < 3; ++axis) r[axis][p] = vector[axis];
    }
    int safe = 0;
    for (std::size_t p = 0; p < kLanes; ++p) {
      square[p] = r[0][p] * r[0][p] + r[1][p] * r[1][p] + r[2][p] * r[2][p];
      safe += (square[p] > kLeastSquare) & (square[p] < kLargestSquare);
    }
    if (safe == static_cast<int>(kLanes)) {
      for (std::size_t p = 0; p < kLanes; ++p) inverses[p] = 1.0 / std::sqrt(square[p]);
      inverse = load(inverses);
      x = inverse * load(r[0]);
      y = inverse * load(r[1]);
      z = inverse * load(r[2]);
      return;
    }
    for (std::size_t p = 0; p < kLanes; ++p) {
      double largest = 0.0;
      for (const auto& component : r) largest = std::max(largest, std::abs(component[p]));
      double unit[3], length = 0.0;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        unit[axis] = r[axis][p] / largest;
        length += unit[axis] * unit[axis];
      }
      length = std::sqrt(length);
      x[p] = unit[0] / length;
      y[p] = unit[1] / length;
      z[p] = unit[2] / length;
      inverse[p] = 1.0 / length / largest;
    }
  }
};

}  // namespace

SphericalHarmonics::SphericalHarmonics(int max_angular) : max_angular_(max_angular) {
  if (max_angular < 0 || max_angular > kMostAngular) {
    throw Error(ErrorCode::kInvalidInput, "basis.maxAngular: expected 0 to " +
                                              std::to_string(kMostAngular) + ", got " +
                                              std::to_string(max_angular));
  }
  size_ = static_cast<std::size_t>((max_angular + 1) * (max_angular + 1));
  terms_ = make_terms(max_angular);
}

template <int kMaxAngular>
void SphericalHarmonics::compute_lanes(const double* directions, std::size_t count,
                                       std::size_t stride, double* values,
                                       double* gradients) const {
  for (std::size_t j = 0; j < count; j += kLanes) {
    const Lanes x = load(directions + j);
    const Lanes y = load(directions + stride + j);
    const Lanes z = load(directions + 2 * stride + j);
    harmonic_values<kMaxAngular>(terms_.data(), max_angular_, x, y, z, stride, values + j);
    if (gradients != nullptr) {
      harmonic_gradients<kMaxAngular>(terms_.data(), max_angular_, x, y, z, stride, values + j,
                                      gradients + j);
    }
  }
}

void SphericalHarmonics::compute(const double* directions, std::size_t count, std::size_t stride,
                                 double* values, double* gradients) const {
  with_constant(max_angular_, [&](auto max) {
    compute_lanes<decltype(max)::value>(directions, count, stride, values, gradients);
  });
}

template <int kMaxAngular>
void SphericalHarmonics::compute_rows(const double* vectors, std::size_t count, double* workspace,
                                      double* values, double* gradients, bool streamed) const {
  double* const slopes = workspace + size_ * kLanes;
  double* const rows = slopes + 3 * size_ * kLanes;
  // Rows of eight points lie together.
  const auto deliver = [&](const double* lanes, std::size_t columns, std::size_t points,
                           double* to) {
    if (!streamed) return lanes_to_rows(lanes, columns, points, to, columns);
    lanes_to_rows(lanes, columns, points, rows, columns);
    stream(rows, points * columns, to);
  };
  for (std::size_t j = 0; j < count; j += kLanes) {
    const std::size_t points = std::min(kLanes, count - j);
    const Directions unit(vectors + 3 * j, points);
    harmonic_values<kMaxAngular>(terms_.data(), max_angular_, unit.x, unit.y, unit.z, kLanes,
                                 workspace);
    deliver(workspace, size_, points, values + j * size_);
    if (gradients == nullptr) continue;
    for (std::size_t lm = 0; lm < size_; ++lm) {
      store(workspace + lm * kLanes, unit.inverse * load(workspace + lm * kLanes));
    }
    harmonic_gradients<kMaxAngular>(terms_.data(), max_angular_, unit.x, unit.y, unit.z, kLanes,
                                    workspace, slopes);
    deliver(slopes, 3 * size_, points, gradients + 3 * j * size_);
  }
  if (streamed) streaming_done();
}

void SphericalHarmonics::compute_points(const double* vectors, std::size_t count,
                                        const Execution& execution, double* values,
                                        double* gradients) const {
  prefer_huge_pages(values, count * size_ * sizeof(double));
  if (gradients != nullptr) prefer_huge_pages(gradients, 3 * count * size_ * sizeof(double));
  const std::size_t items = (count + kPointsPerItem - 1) / kPointsPerItem;
  const int threads = resolve_threads(execution, items);
  std::vector<AlignedVector> workspaces(static_cast<std::size_t>(threads),
                                        AlignedVector(7 * size_ * kLanes));
  const bool streamed =
      beyond_cache((gradients == nullptr ? 1 : 4) * count * size_ * sizeof(double));
  with_constant(max_angular_, [&](auto max) {
    parallel_for(items, threads, execution, [&](std::size_t item, int thread) {
      const std::size_t from = item * kPointsPerItem;
      compute_rows<decltype(max)::value>(
          vectors + 3 * from, std::min(kPointsPerItem, count - from),
          workspaces[static_cast<std::size_t>(thread)].data(), values + from * size_,
          gradients == nullptr ? nullptr : gradients + 3 * from * size_, streamed);
    });
  });
}

}  // namespace soapstone
