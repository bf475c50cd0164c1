#include "zkvm/nn/fixed_point.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "support.hpp"

namespace zkvm::nn::test {
namespace {

constexpr std::int32_t MAX = INT32_MAX, MIN = INT32_MIN;

TEST(FixedPoint, requantise_is_one_exact_division) {
  Random random(1);
  for (int i = 0; i < 400'000; ++i) {
    const Scale scale{random.between(0, MAX), random.between(-31, 13)};
    const int bits = random.between(1, 31);
    std::int32_t x = random.between(MIN, MAX) >> (31 - bits);
    if (scale.shift > 0) x >>= scale.shift;  // a left shift that keeps all bits
    ASSERT_EQ(software::requantise(x, scale), exact_requantise(x, scale))
        << x << " * " << scale.multiplier << " shift " << scale.shift;
  }
}

TEST(FixedPoint, requantise_is_exact_at_every_edge) {
  for (const std::int32_t multiplier : {0, 1, 2, 3, (1 << 30) - 1, 1 << 30, (1 << 30) + 1, MAX - 1, MAX}) {
    for (int shift = -31; shift <= 13; ++shift) {
      for (const std::int32_t base : {0, 1 << 8, 1 << 16, 1 << 17, 1 << 30, MAX - 2, -(1 << 8), -(1 << 17), MIN + 2}) {
        for (int d = -2; d <= 2; ++d) {
          const std::int32_t x = (base + d) >> (shift > 0 ? shift : 0);
          ASSERT_EQ(software::requantise(x, {multiplier, shift}), exact_requantise(x, {multiplier, shift}))
              << x << " * " << multiplier << " shift " << shift;
        }
      }
    }
  }
}

TEST(FixedPoint, requantise_rounds_twice) {
  // The product by 1/2 is rounded with halves upwards ...
  EXPECT_EQ(software::requantise(3, {1 << 30, 0}), 2);
  EXPECT_EQ(software::requantise(-3, {1 << 30, 0}), -1);
  // ... the right shift with halves away from zero.
  EXPECT_EQ(software::requantise(6, {1 << 30, -1}), 2);
  EXPECT_EQ(software::requantise(-6, {1 << 30, -1}), -2);
  // One quarter becomes one half, then one.
  EXPECT_EQ(software::requantise(1, {1 << 30, -1}), 1);
}

TEST(FixedPoint, left_shift_wraps_to_32_bits) {
  EXPECT_EQ(software::requantise(1 << 19, {MAX, 13}), 0);
  EXPECT_EQ(software::requantise(1 << 18, {MAX, 13}), -MAX);
}

TEST(FixedPoint, output_is_clamped_whatever_the_product) {
  EXPECT_EQ(software::requantise_to_int8(MAX, {MAX, 0}, 127, -128, 127), 127);
  EXPECT_EQ(software::requantise_to_int8(MIN, {MAX, 0}, -128, -128, 127), -128);
  EXPECT_EQ(software::requantise_to_int8(MAX, {MAX, 0}, 127, -128, 5), 5);
  EXPECT_EQ(software::requantise_to_int8(0, {0, 0}, -128, -3, 5), -3);
}

TEST(FixedPoint, high_mul_rounds_every_sign) {
  Random random(2);
  for (int i = 0; i < 200'000; ++i) {
    const std::int32_t a = random.between(MIN, MAX), b = random.between(MIN + 1, MAX);
    ASSERT_EQ(software::rounding_doubling_high_mul(a, b),
              static_cast<std::int32_t>(floor_divide(Wide{a} * b + (Wide{1} << 30), Wide{1} << 31)));
  }
  EXPECT_EQ(software::rounding_doubling_high_mul(MIN, MIN), MAX);
}

TEST(FixedPoint, square_root_is_the_floor) {
  const auto check = [](std::uint64_t x) {
    const Wide root = software::integer_square_root(x);
    ASSERT_LE(root * root, Wide{x});
    ASSERT_GT((root + 1) * (root + 1), Wide{x});
  };
  for (std::uint64_t x = 0; x < 70'000; ++x) check(x);
  for (const std::uint64_t root : {65535ULL, 65536ULL, 2147483647ULL, 4294967295ULL})
    for (std::uint64_t x = root * root - 1; x != root * root + 2; ++x) check(x);
  check(UINT64_MAX);
  Random random(3);
  for (int i = 0; i < 100'000; ++i)
    check(static_cast<std::uint64_t>(random.between(0, MAX)) << 32 >> random.between(0, 62));
}

TEST(FixedPoint, exponential_is_within_2_to_minus_21) {
  EXPECT_EQ(software::exp_on_negative_values(0), MAX);
  Random random(4);
  for (int i = 0; i < 100'000; ++i) {
    const std::int32_t x = -(random.between(1, MAX) >> random.between(0, 30));
    const long double found = std::ldexp(static_cast<long double>(software::exp_on_negative_values(x)), -31);
    ASSERT_LT(std::abs(found - std::exp(std::ldexp(static_cast<long double>(x), -26))), std::ldexp(1.0L, -21)) << x;
  }
}

TEST(FixedPoint, reciprocal_is_within_2_to_minus_28) {
  Random random(5);
  for (int i = 0; i < 100'000; ++i) {
    const std::int32_t x = random.between(0, MAX);
    const long double found = std::ldexp(static_cast<long double>(software::one_over_one_plus_x(x)), -31);
    ASSERT_LT(std::abs(found - 1 / (1 + std::ldexp(static_cast<long double>(x), -31))), std::ldexp(1.0L, -28)) << x;
  }
}

}  // namespace
}  // namespace zkvm::nn::test
