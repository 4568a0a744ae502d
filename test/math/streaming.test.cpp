#include "math/streaming.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "math/simd.hpp"

namespace soapstone {
namespace {

template <typename Real>
class Streaming : public ::testing::Test {};
using Reals = ::testing::Types<double, float>;
TYPED_TEST_SUITE(Streaming, Reals);

// Every beginning within a line, and lengths with and without whole lines.
TYPED_TEST(Streaming, WritesWhatACopyWritesAndNothingBeside) {
  std::vector<double> from(80);
  for (std::size_t k = 0; k < from.size(); ++k) from[k] = 1.0 / (3.0 + static_cast<double>(k));
  std::vector<TypeParam> to(128);
  for (std::size_t begin = 0; begin < 24; ++begin) {
    for (std::size_t count = 0; count <= from.size(); ++count) {
      std::fill(to.begin(), to.end(), TypeParam(-1));
      stream(from.data(), count, to.data() + begin);
      streaming_done();
      for (std::size_t k = 0; k < to.size(); ++k) {
        const bool inside = k >= begin && k < begin + count;
        ASSERT_EQ(to[k], inside ? static_cast<TypeParam>(from[k - begin]) : TypeParam(-1))
            << begin << " " << count << " " << k;
      }
    }
  }
}

}  // namespace
}  // namespace soapstone
