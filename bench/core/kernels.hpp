#pragma once

#include <functional>
#include <string>

#include "structure_file.hpp"

namespace soapstone::bench {

/// One kernel of the engine at work on one structure, on one thread.
struct Kernel {
  std::string name;
  std::string per;  ///< what `units` counts
  double units;     ///< how many of them a call works through
  double flops;     ///< useful operations on doubles in a call, by `formula`
  double bytes;     ///< bytes that a call must move from or to memory; 0: all stays in the cache
  std::string formula;  ///< operations per unit
  double seconds;       ///< of the fastest call
};

/// Measures all kernels on a structure and hands over each as soon as it is there.
void measure_kernels(const OwnedStructure& structure,
                     const std::function<void(const Kernel&)>& report);

}  // namespace soapstone::bench
