#pragma once
/// \file
/// Quantisation parameters as TensorFlow Lite derives them from real scales, in constant expressions.

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "fixed_point.hpp"
#include "math.hpp"

namespace zkvm::nn {

/// Ends the compilation of a layer that does not fit together: not constexpr, so the compiler quotes the call with its
/// message. At run time: prints it and aborts.
[[noreturn]] inline void refuse(const char* message) {
  std::fputs(message, stderr);
  std::fputs("\n", stderr);
  std::abort();
}

/// real = scale * (q - zero_point), q in -128 ... 127.
struct Quantization {
  float scale = 1;
  int zero_point = 0;
};

/// What is fused behind a layer, as a clamp of its output.
enum class Activation { NONE, RELU, RELU6, RELU_N1_TO_1 };

struct Range {
  int min = -128, max = 127;
};

/// The clamp of `activation` for an output quantised so.
constexpr Range activation_range(Activation activation, Quantization output) {
  const auto quantised = [&](float real) {
    return static_cast<int>(math::round(static_cast<double>(real / output.scale))) + output.zero_point;
  };
  const auto between = [](int q) { return q < -128 ? -128 : q > 127 ? 127 : q; };
  switch (activation) {
    case Activation::RELU:
      return {between(quantised(0)), 127};
    case Activation::RELU6:
      return {between(quantised(0)), between(quantised(6))};
    case Activation::RELU_N1_TO_1:
      return {between(quantised(-1)), between(quantised(1))};
    case Activation::NONE:
      break;
  }
  return {};
}

/// The clamp of a layer: `range` if there is one, else that of `activation`.
constexpr Range output_range(const std::optional<Range>& range, Activation activation, Quantization output) {
  if (!range) return activation_range(activation, output);
  if (range->min < -128 || range->min > range->max || range->max > 127)
    refuse("nn: a layer's range must be within -128 ... 127, min first");
  return *range;
}

/// The nearest Scale to `real` with a 31-bit multiplier. Below 2^-32: 0. Refuses what is negative or not below 2^13.
constexpr Scale quantize_multiplier(double real) {
  if (!(real >= 0 && real < 8192)) refuse("nn: a layer's scale must be at least 0 and less than 8192");
  const auto [fraction, exponent] = real < math::power_of_two(-60) ? math::Parts{0, 0} : math::split(real);
  std::int64_t multiplier = math::round(fraction * math::power_of_two(31));
  int shift = exponent;
  if (multiplier == std::int64_t{1} << 31) {
    multiplier /= 2;
    ++shift;
  }
  if (shift < -31) return {0, 0};
  if (shift > 13) refuse("nn: a layer's scale must be at least 0 and less than 8192");
  return {static_cast<std::int32_t>(multiplier), shift};
}

/// Scales of a convolution's channels: input * weights[c] / output.
template <std::size_t CHANNELS>
constexpr std::array<Scale, CHANNELS> channel_scales(float input, const float (&weights)[CHANNELS], float output) {
  std::array<Scale, CHANNELS> scales{};
  for (std::size_t c = 0; c < CHANNELS; ++c)
    scales[c] =
        quantize_multiplier(static_cast<double>(input) * static_cast<double>(weights[c]) / static_cast<double>(output));
  return scales;
}

/// Scale of a fully connected layer or matrix product. The product of the two scales is rounded to a float, as there.
constexpr Scale product_scale(float input, float weights, float output) {
  const float product = input * weights;
  return quantize_multiplier(static_cast<double>(product) / static_cast<double>(output));
}

}  // namespace zkvm::nn
