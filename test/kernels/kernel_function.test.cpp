#include "kernels/kernel_function.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace soapstone {
namespace {

TEST(KernelFunction, OfWhatIsNoNumberIsNone) {
  using Type = KernelFunction::Type;
  std::vector<KernelFunction> functions{{Type::kDotProduct, 2.0}, {Type::kDotProduct, 1.5}};
  functions.push_back({Type::kGaussian});
  functions.push_back({Type::kLaplacian});
  for (const double nu : {0.5, 1.5, 2.5}) functions.push_back({Type::kMatern, 2.0, 1.0, nu});
  for (KernelFunction function : functions) {
    for (const bool derivative : {false, true}) {
      function.derivative = derivative;
      Lanes similarity = Lanes{} + 0.5;
      similarity[3] = std::nan("");
      const Lanes kernel = function.value(similarity, 1.0, Lanes{} + 1.0);
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        EXPECT_EQ(std::isnan(kernel[lane]), lane == 3) << static_cast<int>(function.type);
      }
    }
  }
}

TEST(KernelFunction, OfDistancesIsOneAtNoneWhateverRounds) {
  using Type = KernelFunction::Type;
  for (const Type type : {Type::kGaussian, Type::kMatern}) {
    const Lanes kernel = KernelFunction{type}.value(Lanes{} + 1.0 + 1e-15, 1.0, Lanes{} + 1.0);
    EXPECT_EQ(kernel[0], 1.0);
  }
}

}  // namespace
}  // namespace soapstone
