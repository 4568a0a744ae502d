#include "regression/projected_process.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/error.hpp"

namespace soapstone {
namespace {

// Regression itself is tested in projected-process.test.ts.

constexpr std::size_t kPoints = 5, kRows = 5000;

struct Samples {
  std::vector<double> kernels, labels;

  Samples() {
    for (std::size_t r = 0; r < kRows; ++r) {
      for (std::size_t m = 0; m < kPoints; ++m) kernels.push_back(std::cos(0.1 * r * (m + 1.0)));
      labels.push_back(std::sin(0.3 * r));
    }
  }
};

ProjectedProcess process() {
  std::vector<double> prior(kPoints * kPoints, 0.1);
  for (std::size_t m = 0; m < kPoints; ++m) prior[m * (kPoints + 1)] = 1.0;
  return {prior.data(), kPoints, 1, 1, {1, nullptr, nullptr}};
}

std::vector<double> weights(ProjectedProcess& of) {
  const std::uint8_t left_out = 0;
  const Execution execution{1, nullptr, nullptr};
  std::vector<double> result(kPoints);
  of.weights(of.solve(0.1, &left_out, execution), result.data(), execution);
  return result;
}

void expect_error(ErrorCode code, const char* message, const std::function<void()>& call) {
  try {
    call();
    FAIL() << "went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
  }
}

TEST(ProjectedProcess, APartOfItsSamplesIsNotTakenForAll) {
  const Samples samples;
  const auto add = [&](ProjectedProcess& to, const Execution& execution) {
    to.add(samples.kernels.data(), samples.labels.data(), nullptr, kRows, 0, execution);
  };
  ProjectedProcess expected = process();
  add(expected, {1, nullptr, nullptr});
  for (int threads : {1, 3}) {
    std::atomic<bool> cancelled{true};
    ProjectedProcess early = process();
    expect_error(ErrorCode::kAborted, "aborted", [&] {
      add(early, {threads, &cancelled, nullptr});
    });
    add(early, {threads, nullptr, nullptr});
    EXPECT_EQ(weights(early), weights(expected));

    cancelled = false;
    ProjectedProcess late = process();
    const auto cancel = [&](std::size_t done, std::size_t total) {
      EXPECT_LT(done, total);
      cancelled = true;
    };
    expect_error(ErrorCode::kAborted, "aborted", [&] { add(late, {threads, &cancelled, cancel}); });
    expect_error(ErrorCode::kInvalidInput, "interrupted", [&] {
      add(late, {threads, nullptr, nullptr});
    });
    expect_error(ErrorCode::kInvalidInput, "interrupted", [&] { weights(late); });
  }
}

}  // namespace
}  // namespace soapstone
