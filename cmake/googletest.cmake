# GTest::gtest_main from the system: as a library, or built from the sources that Debian's
# googletest package installs (or GOOGLETEST_DIR names).

include(GoogleTest)
find_package(GTest QUIET)
if(NOT GTest_FOUND)
  find_path(googletest_source googletest/include/gtest/gtest.h
    HINTS ${GOOGLETEST_DIR} $ENV{GOOGLETEST_DIR} PATHS /usr/src/googletest NO_DEFAULT_PATH)
  if(NOT googletest_source)
    message(FATAL_ERROR
      "GoogleTest is missing: install it (apt install libgtest-dev, dnf install gtest-devel, "
      "brew install googletest) or set GOOGLETEST_DIR to its sources.")
  endif()
  set(BUILD_GMOCK OFF CACHE INTERNAL "")
  set(INSTALL_GTEST OFF CACHE INTERNAL "")
  add_subdirectory(${googletest_source} googletest EXCLUDE_FROM_ALL)
  if(NOT TARGET GTest::gtest_main)
    add_library(GTest::gtest_main ALIAS gtest_main)
  endif()
endif()
