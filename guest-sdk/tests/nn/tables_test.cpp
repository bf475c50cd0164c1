#include "zkvm/nn/tables.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "support.hpp"

namespace zkvm::nn::test {
namespace {

using Real = long double;

TEST(Math, is_a_double_s_nearest_almost) {
  // Relative errors of a few units in the last place, 2^-53.
  const auto near = [](double found, Real real, Real bound) {
    return std::abs(static_cast<Real>(found) - real) <= bound * std::ldexp(std::abs(real), -53);
  };
  Random random(1);
  for (int i = 0; i < 100'000; ++i) {
    const double x = random.real(-1, 1) * std::exp2(random.between(-30, 9));
    if (std::abs(x) < 700) {
      ASSERT_TRUE(near(math::exp(x), std::exp(static_cast<Real>(x)), 4)) << x;
    }
    ASSERT_TRUE(near(math::tanh(x), std::tanh(static_cast<Real>(x)), 40)) << x;
    if (x < 26) {
      ASSERT_TRUE(near(math::erfc(x), std::erfc(static_cast<Real>(x)), 4000)) << x;
    }
  }
  static_assert(math::exp(-1000) == 0 && math::exp(1000) > 1e308 && math::tanh(400) == 1 && math::tanh(-400) == -1);
  static_assert(math::exp(0) == 1 && math::tanh(0) == 0 && math::erfc(0) == 1 && math::erfc(40) == 0);
}

TEST(Math, rounds_halves_away_from_zero) {
  for (const double x : {0.5, -0.5, 1.5, -1.5, 2.5, 0.49999999999999994, -0.49999999999999994, 1e15 + 0.5, 3.0, 0.0})
    EXPECT_EQ(math::round(x), std::llround(x)) << x;
}

/// Every entry is the real value rounded; where that is within `slack` of a half, either neighbour.
void expect_table(const ByteTable& table, Quantization in, Quantization out, Real (*function)(Real), Real slack) {
  for (int x = -128; x < 128; ++x) {
    const Real real = function(static_cast<Real>(in.scale) * (x - in.zero_point)) / static_cast<Real>(out.scale);
    const int q = table[static_cast<std::size_t>(x & 255)];
    const Real expected = std::clamp<Real>(real + out.zero_point, -128, 127);
    ASSERT_LE(std::abs(static_cast<Real>(q) - expected), 0.5L + slack * std::max(1.0L, std::abs(real))) << "at " << x;
  }
}

Quantization random_quantization(Random& random, double low, double high) {
  return {static_cast<float>(std::exp(random.real(std::log(low), std::log(high)))), random.zero_point()};
}

TEST(Tables, are_the_real_functions_rounded) {
  constexpr Real SLACK = 1e-5L;  // a few roundings to single precision
  Random random(2);
  for (int i = 0; i < 2'000; ++i) {
    const Quantization in = random_quantization(random, 1e-3, 0.5), out = random_quantization(random, 1e-3, 0.5);
    expect_table(
        sigmoid_table(in, out), in, out, [](Real x) { return 1 / (1 + std::exp(-x)); }, SLACK);
    expect_table(
        tanh_table(in, out), in, out, [](Real x) { return std::tanh(x); }, SLACK);
    expect_table(
        gelu_table(in, out), in, out, [](Real x) { return x / 2 * std::erfc(-x / std::sqrt(2.0L)); }, SLACK);
    expect_table(
        gelu_approximate_table(in, out), in, out,
        [](Real x) {
          return x / 2 * (1 + std::tanh(std::sqrt(2 / 3.14159265358979323846L) * (x + 0.044715L * x * x * x)));
        },
        2 * SLACK);
    expect_table(
        exp_table(in, out), in, out, [](Real x) { return std::exp(x); }, 2 * SLACK);
  }
}

TEST(Tables, requantize_and_relu_round_like_layers) {
  Random random(3);
  for (int i = 0; i < 2'000; ++i) {
    const Quantization in = random_quantization(random, 1e-3, 0.5), out = random_quantization(random, 1e-3, 0.5);
    const Scale scale = quantize_multiplier(static_cast<double>(in.scale) / static_cast<double>(out.scale));
    const ByteTable requantized = requantize_table(in, out), relu = relu_table(in, out);
    for (int x = -128; x < 128; ++x) {
      const auto at = static_cast<std::size_t>(x & 255);
      ASSERT_EQ(requantized[at], exact_output(x - in.zero_point, scale, out.zero_point, -128, 127));
      ASSERT_EQ(relu[at], exact_output(x - in.zero_point, scale, out.zero_point, out.zero_point, 127));
    }
  }
}

TEST(Tables, requantize_to_the_same_quantisation_changes_nothing) {
  constexpr ByteTable TABLE = requantize_table({0.3F, 17}, {0.3F, 17});
  for (int x = -128; x < 128; ++x) EXPECT_EQ(TABLE[static_cast<std::size_t>(x & 255)], x);
}

TEST(Tables, relu_clamps_like_its_activation) {
  constexpr ByteTable RELU = relu_table({0.1F, 0}, {0.1F, 0});
  constexpr ByteTable RELU6 = relu_table({0.1F, 0}, {0.1F, 0}, Activation::RELU6);
  for (int x = -128; x < 128; ++x) {
    EXPECT_EQ(RELU[static_cast<std::size_t>(x & 255)], std::max(x, 0));
    EXPECT_EQ(RELU6[static_cast<std::size_t>(x & 255)], std::clamp(x, 0, 60));
  }
}

TEST(Tables, infinities_are_clamped) {
  constexpr ByteTable TABLE = exp_table({10.0F, 0}, {1e-30F, 0});
  EXPECT_EQ(TABLE[127], 127);
  EXPECT_EQ(TABLE[128], 0);  // exp(-1280)
  constexpr ByteTable STEPS = sigmoid_table({10.0F, 0}, {1.0F / 256, -128});
  EXPECT_EQ(STEPS[128], -128);
  EXPECT_EQ(STEPS[0], 0);
  EXPECT_EQ(STEPS[127], 127);
}

TEST(Tables, take_any_function) {
  constexpr ByteTable SQUARE = function_table({0.5F, 0}, {0.25F, -128}, [](float x) { return x * x; });
  EXPECT_EQ(SQUARE[3], 9 - 128);
  EXPECT_EQ(SQUARE[256 - 3], 9 - 128);
}

}  // namespace
}  // namespace zkvm::nn::test
