#include "neighbours/lattice.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "common/error.hpp"

namespace soapstone {
namespace {

// |det| of the unit lattice vectors below which a cell is taken for flat: no crystal comes near it,
// and rounding in the fractional coordinates grows with its inverse.
constexpr double kFlat = 1e-10;

double dot(const double* a, const double* b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

void cross(const double* a, const double* b, double* out) {
  out[0] = a[1] * b[2] - a[2] * b[1];
  out[1] = a[2] * b[0] - a[0] * b[2];
  out[2] = a[0] * b[1] - a[1] * b[0];
}

/// Scales v to length 1 and returns the length it had (0 leaves it untouched).
double normalise(double* v) {
  const double length = std::hypot(v[0], v[1], v[2]);
  if (length > 0) {
    for (int x = 0; x < 3; ++x) v[x] /= length;
  }
  return length;
}

[[noreturn]] void fail(const std::string& why) {
  throw Error(ErrorCode::kInvalidInput,
              "cell: " + why +
                  "; give linearly independent lattice vectors along the periodic directions, or "
                  "set pbc to false where the structure is not periodic");
}

}  // namespace

Lattice complete_lattice(const double* cell, const std::uint8_t* pbc) {
  Lattice lattice{};
  double unit[3][3] = {};
  double lengths[3] = {1, 1, 1};
  int open = 0;
  for (int k = 0; k < 3; ++k) {
    lattice.periodic[k] = pbc[k] != 0;
    if (!lattice.periodic[k]) {
      ++open;
      continue;
    }
    for (int x = 0; x < 3; ++x) unit[k][x] = cell[3 * k + x];
    lengths[k] = normalise(unit[k]);
    if (!std::isfinite(lengths[k])) {
      fail("lattice vector " + std::to_string(k) + " is not finite");
    }
    if (lengths[k] == 0) {
      fail("lattice vector " + std::to_string(k) + " is zero but pbc is true there");
    }
  }

  if (open == 3) {
    for (int k = 0; k < 3; ++k) unit[k][k] = 1;
  } else if (open == 2) {
    const int k = lattice.periodic[0] ? 0 : lattice.periodic[1] ? 1 : 2;
    const double* a = unit[k];
    // The Cartesian axis least along a: its cross product with a is never small.
    double axis[3] = {};
    axis[std::min_element(a, a + 3, [](double p, double q) { return std::abs(p) < std::abs(q); }) -
         a] = 1;
    cross(a, axis, unit[(k + 1) % 3]);
    normalise(unit[(k + 1) % 3]);
    cross(a, unit[(k + 1) % 3], unit[(k + 2) % 3]);
  } else if (open == 1) {
    const int k = !lattice.periodic[0] ? 0 : !lattice.periodic[1] ? 1 : 2;
    cross(unit[(k + 1) % 3], unit[(k + 2) % 3], unit[k]);
    normalise(unit[k]);
  }

  double normals[3][3];
  for (int k = 0; k < 3; ++k) cross(unit[(k + 1) % 3], unit[(k + 2) % 3], normals[k]);
  const double determinant = dot(unit[0], normals[0]);
  if (std::abs(determinant) < kFlat) fail("the periodic lattice vectors are linearly dependent");

  for (int k = 0; k < 3; ++k) {
    for (int x = 0; x < 3; ++x) {
      lattice.vectors[k][x] = lattice.periodic[k] ? cell[3 * k + x] : unit[k][x];
      lattice.reciprocal[k][x] = normals[k][x] / determinant / lengths[k];
    }
    lattice.heights[k] =
        std::abs(determinant) * lengths[k] / std::sqrt(dot(normals[k], normals[k]));
  }
  return lattice;
}

}  // namespace soapstone
