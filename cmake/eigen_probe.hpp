// Preprocesses without an error only where the system has a usable Eigen (see scripts/eigen.mjs).
#if __has_include(<Eigen/src/Core/util/Macros.h>)
#include <Eigen/src/Core/util/Macros.h>
#elif __has_include(<eigen3/Eigen/src/Core/util/Macros.h>)
#include <eigen3/Eigen/src/Core/util/Macros.h>
#else
#error Eigen is missing
#endif

#if !EIGEN_VERSION_AT_LEAST(3, 4, 0)
#error Eigen is older than 3.4
#endif
