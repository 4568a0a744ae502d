// soapstone_bench STRUCTURE.txt…: peaks of this machine and what the engine's kernels reach of
// them, a line of JSON each. bench/roofline.mjs runs it.

#include <cstdio>
#include <exception>
#include <filesystem>

#include "common/parallel.hpp"
#include "kernels.hpp"
#include "machine.hpp"

namespace {

using namespace soapstone;

void print_peaks(int threads) {
  const bench::Peaks peaks = bench::measure_peaks(threads);
  std::printf(
      "{\"peaks\": {\"threads\": %d, \"flops\": %.4g, \"read\": %.4g, \"write\": %.4g, \"triad\": "
      "%.4g}}\n",
      threads, peaks.flops, peaks.read, peaks.write, peaks.triad);
  std::fflush(stdout);
}

void print_kernels(const char* path) {
  const auto structure = bench::read_structure(path);
  const std::string workload = std::filesystem::path(path).stem().string();
  bench::measure_kernels(structure, [&](const bench::Kernel& kernel) {
    std::printf(
        "{\"kernel\": \"%s\", \"workload\": \"%s\", \"per\": \"%s\", \"units\": %.10g, \"flops\": "
        "%.10g, \"bytes\": %.10g, \"formula\": \"%s\", \"seconds\": %.6g}\n",
        kernel.name.c_str(), workload.c_str(), kernel.per.c_str(), kernel.units, kernel.flops,
        kernel.bytes, kernel.formula.c_str(), kernel.seconds);
    std::fflush(stdout);
  });
}

}  // namespace

int main(int count, char** arguments) {
  try {
    print_peaks(1);
    const int all = resolve_threads({}, 1 << 20);
    if (all > 1) print_peaks(all);
    for (int k = 1; k < count; ++k) print_kernels(arguments[k]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
