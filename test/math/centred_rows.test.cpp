#include "math/centred_rows.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <vector>

#include "math/random_numbers.hpp"

namespace soapstone {
namespace {

TEST(CentredRows, HaveTheirWeightedMeanTakenOff) {
  constexpr std::size_t kRows = 37, kColumns = 130;
  const auto x = testing::random_numbers(kRows * kColumns);
  std::vector<double> weights;
  for (std::size_t i = 0; i < kRows; ++i) weights.push_back(0.5 + std::abs(x[i]));
  for (const bool weighted : {false, true}) {
    std::vector<double> mean(kColumns), out(x.size()), again(x.size()), still(x.size());
    const double* const given = weighted ? weights.data() : nullptr;
    centre_rows(x.data(), kRows, kColumns, given, mean.data(), out.data(), {1, nullptr, nullptr});
    centre_rows(x.data(), kRows, kColumns, given, mean.data(), again.data(), {3, nullptr, nullptr});
    centre_rows(x.data(), kRows, kColumns, given, nullptr, still.data(), {1, nullptr, nullptr});
    EXPECT_EQ(again, out);
    for (std::size_t n = 0; n < kColumns; ++n) {
      double sum = 0.0, total = 0.0;
      for (std::size_t i = 0; i < kRows; ++i) {
        const double weight = weighted ? weights[i] : 1.0;
        sum += weight * x[i * kColumns + n];
        total += weight;
      }
      EXPECT_NEAR(mean[n], sum / total, 1e-14);
      for (std::size_t i = 0; i < kRows; ++i) {
        const double root = weighted ? std::sqrt(weights[i]) : 1.0, own = x[i * kColumns + n];
        EXPECT_NEAR(out[i * kColumns + n], root * (own - sum / total), 1e-13);
        EXPECT_DOUBLE_EQ(still[i * kColumns + n], root * own);
      }
    }
  }
}

}  // namespace
}  // namespace soapstone
