# Eigen and OpenMP, as the targets soapstone_eigen and OpenMP::OpenMP_CXX.
#
# Eigen is looked for in EIGEN_DIR (variable or environment: the folder that holds Eigen/Core), in
# vendor/, where `npm run build` puts it when the system has none, and in the system.

find_path(SOAPSTONE_EIGEN_INCLUDE Eigen/Core
  HINTS ${EIGEN_DIR} $ENV{EIGEN_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/vendor/eigen
  PATH_SUFFIXES eigen3 include/eigen3)
if(NOT SOAPSTONE_EIGEN_INCLUDE)
  message(FATAL_ERROR
    "Eigen 3.4 is missing: run `npm run build`, which fetches it, or install it "
    "(apt install libeigen3-dev, brew install eigen@3), or set EIGEN_DIR to the folder of its headers.")
endif()

add_library(soapstone_eigen INTERFACE)
target_include_directories(soapstone_eigen SYSTEM INTERFACE ${SOAPSTONE_EIGEN_INCLUDE})
# EIGEN_DONT_PARALLELIZE: threads are ours to hand out (common/parallel.hpp), and a product must not
# depend on how many there are.
target_compile_definitions(soapstone_eigen INTERFACE EIGEN_MPL2_ONLY EIGEN_DONT_PARALLELIZE)

find_package(OpenMP COMPONENTS CXX)
if(NOT OpenMP_CXX_FOUND)
  message(FATAL_ERROR
    "The compiler has no OpenMP: use GCC, or install LLVM's (apt install libomp-dev, brew install libomp).")
endif()
