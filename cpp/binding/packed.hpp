#pragma once

#include <Eigen/Core>

namespace soapstone::binding {

// Lower triangles travel packed by rows, M (M + 1) / 2 numbers in single precision.

inline void pack(const Eigen::MatrixXd& lower, float* packed) {
  for (Eigen::Index i = 0; i < lower.rows(); ++i) {
    for (Eigen::Index j = 0; j <= i; ++j) *packed++ = static_cast<float>(lower(i, j));
  }
}

inline Eigen::MatrixXd unpack(const float* from, Eigen::Index size) {
  Eigen::MatrixXd lower = Eigen::MatrixXd::Zero(size, size);
  for (Eigen::Index i = 0; i < size; ++i) {
    for (Eigen::Index j = 0; j <= i; ++j) lower(i, j) = *from++;
  }
  return lower;
}

}  // namespace soapstone::binding
