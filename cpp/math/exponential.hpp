#pragma once

#include <cmath>

#include "math/simd.hpp"

namespace soapstone {

/// exp(x) of eight numbers x ≤ 0 at once, to 2 units in the last place; 0 below −708, where the
/// result would not be a normal number.
///
/// x = n ln 2 + r with |r| ≤ ln 2 / 2: the power series of exp(r) to r¹³, times 2ⁿ by its exponent.
inline Lanes exp_negative(const Lanes& x) {
  using Bits = long long __attribute__((vector_size(kAlignment)));
  constexpr double kMagic = 0x1.8p52;  // Adding it rounds to a whole number, kept in the low bits.
  constexpr double kLog2e = 1.4426950408889634, kLn2High = 0x1.62e42fefa39efp-1,
                   kLn2Low = 0x1.abc9e3b39803fp-56;
  const Lanes shifted = x * kLog2e + kMagic;
  const Lanes n = shifted - kMagic;
  const Lanes r = (x - n * kLn2High) - n * kLn2Low;
  constexpr double kFactorials[] = {1.0 / 6227020800,
                                    1.0 / 479001600,
                                    1.0 / 39916800,
                                    1.0 / 3628800,
                                    1.0 / 362880,
                                    1.0 / 40320,
                                    1.0 / 5040,
                                    1.0 / 720,
                                    1.0 / 120,
                                    1.0 / 24,
                                    1.0 / 6,
                                    0.5,
                                    1.0,
                                    1.0};
  Lanes sum = Lanes{} + kFactorials[0];
  for (std::size_t k = 1; k < 14; ++k) sum = sum * r + kFactorials[k];
  const Bits power = ((Bits)shifted + 1023) << 52;
  const Lanes result = sum * (Lanes)power;
  return x < -708.0 ? Lanes{} : result;
}

}  // namespace soapstone
