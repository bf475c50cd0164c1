#pragma once
/// \file
/// Fixed-point arithmetic of quantised networks: the rounding of the TensorFlow Lite int8 reference kernels ("double
/// rounding"). Portable C++20 without allocation or exceptions; usable in constant expressions.

#include <bit>
#include <cstdint>

namespace zkvm::nn {

/// multiplier / 2^31 * 2^shift, with 0 <= multiplier < 2^31 and -31 <= shift <= 13.
struct Scale {
  std::int32_t multiplier;
  std::int32_t shift;
};

}  // namespace zkvm::nn

namespace zkvm::nn::software {

/// a b / 2^31, rounded to nearest, halves upwards; -2^31 times itself gives 2^31 - 1.
constexpr std::int32_t rounding_doubling_high_mul(std::int32_t a, std::int32_t b) {
  if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
  return static_cast<std::int32_t>((std::int64_t{a} * b + (std::int64_t{1} << 30)) >> 31);
}

/// x / 2^exponent, rounded to nearest, halves away from zero. 0 <= exponent <= 31.
constexpr std::int32_t rounding_divide_by_pot(std::int32_t x, std::int32_t exponent) {
  const std::uint32_t mask = (std::uint32_t{1} << exponent) - 1;
  const std::uint32_t remainder = static_cast<std::uint32_t>(x) & mask;
  const std::uint32_t threshold = (mask >> 1) + (x < 0 ? 1U : 0U);
  return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

/// x 2^exponent, saturated to 32 bits. 0 <= exponent <= 30.
constexpr std::int32_t saturating_left_shift(std::int32_t x, std::int32_t exponent) {
  const std::int64_t wide = std::int64_t{x} << exponent;
  return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : static_cast<std::int32_t>(wide);
}

/// x times `scale`. A left shift comes first and wraps modulo 2^32 (the machine refuses layers in which that could
/// happen); then the product with the multiplier is rounded, then the right shift.
constexpr std::int32_t requantise(std::int32_t x, Scale scale) {
  const std::int32_t left = scale.shift > 0 ? scale.shift : 0, right = scale.shift > 0 ? 0 : -scale.shift;
  const auto shifted = static_cast<std::int32_t>(static_cast<std::uint32_t>(x) << left);
  return rounding_divide_by_pot(rounding_doubling_high_mul(shifted, scale.multiplier), right);
}

constexpr std::int32_t clamp(std::int32_t x, std::int32_t low, std::int32_t high) {
  return x < low ? low : x > high ? high : x;
}

/// An output element: requantise(x) + zero_point within low ... high.
constexpr std::int8_t requantise_to_int8(std::int32_t x, Scale scale, std::int32_t zero_point, std::int32_t low,
                                         std::int32_t high) {
  // requantise() can be anything in 32 bits, the sum must not wrap.
  return static_cast<std::int8_t>(clamp(clamp(requantise(x, scale), -1024, 1024) + zero_point, low, high));
}

/// floor(sqrt(x)), digit by digit.
constexpr std::uint32_t integer_square_root(std::uint64_t x) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 62; bit != 0; bit >>= 2) {
    const bool fits = x >= root + bit;
    if (fits) x -= root + bit;
    root = (root >> 1) + (fits ? bit : 0);
  }
  return static_cast<std::uint32_t>(root);
}

// Numbers below are fixed-point: "Qk" has k integer bits, a sign and 31 - k fractional bits.

/// exp(x), a Q0, for x <= 0 in Q5: exactly the steps of the reference kernels (gemmlowp's exp_on_negative_values).
/// x = -1/4 k - f, 0 < f <= 1/4: a Taylor polynomial of degree 4 for f, times exp(-2^i / 4) for the bits i of k.
constexpr std::int32_t exp_on_negative_values(std::int32_t x) {
  if (x == 0) return INT32_MAX;
  constexpr std::int32_t QUARTER = 1 << 24;
  const std::int32_t f = (x & (QUARTER - 1)) - QUARTER;
  const std::int32_t y = (f << 5) + (1 << 28);  // f + 1/8 in Q0
  const std::int32_t y2 = rounding_doubling_high_mul(y, y), y3 = rounding_doubling_high_mul(y2, y),
                     y4_over_4 = rounding_divide_by_pot(rounding_doubling_high_mul(y2, y2), 2);
  constexpr std::int32_t THIRD = 715827883, EXP_OF_MINUS_EIGHTH = 1895147668;
  const std::int32_t tail = rounding_divide_by_pot(rounding_doubling_high_mul(y4_over_4 + y3, THIRD) + y2, 1);
  std::int32_t result = EXP_OF_MINUS_EIGHTH + rounding_doubling_high_mul(EXP_OF_MINUS_EIGHTH, y + tail);
  constexpr std::int32_t POWERS[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
  const std::int32_t quarters = f - x;
  for (int i = 0; i < 7; ++i)
    if ((quarters >> (24 + i)) & 1) result = rounding_doubling_high_mul(result, POWERS[i]);
  return result;
}

/// 1 / (1 + x), a Q0, for 0 <= x < 1 in Q0: three Newton steps from 48/17 - 32/17 (1 + x) / 2, as in gemmlowp.
constexpr std::int32_t one_over_one_plus_x(std::int32_t x) {
  const auto half_denominator = static_cast<std::int32_t>((std::int64_t{x} + INT32_MAX + 1) / 2);
  constexpr std::int32_t Q2_48_OVER_17 = 1515870810, Q2_MINUS_32_OVER_17 = -1010580540, Q2_ONE = 1 << 29;
  std::int32_t y = Q2_48_OVER_17 + rounding_doubling_high_mul(half_denominator, Q2_MINUS_32_OVER_17);
  for (int step = 0; step < 3; ++step) {
    const std::int32_t error = Q2_ONE - rounding_doubling_high_mul(half_denominator, y);
    y += saturating_left_shift(rounding_doubling_high_mul(y, error), 2);
  }
  return saturating_left_shift(y, 1);  // y / 2 in Q1, then Q0
}

}  // namespace zkvm::nn::software
