#pragma once

#include <Eigen/Core>

namespace soapstone {

/// A matrix that lies row after row, as those of JavaScript do.
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace soapstone
