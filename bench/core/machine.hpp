#pragma once

namespace soapstone::bench {

/// What this machine can do at most, with the instructions that the engine is compiled for.
struct Peaks {
  double flops;  ///< fused multiply-adds of doubles, two operations each, per second
  double read;   ///< bytes per second, from memory
  double write;  ///< bytes per second, to memory, without the read that a cache adds
  double triad;  ///< bytes per second of a = b + s c: two arrays read, one written
};

/// Measures the peaks with so many threads.
Peaks measure_peaks(int threads);

}  // namespace soapstone::bench
