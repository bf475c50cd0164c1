#pragma once
/// \file
/// Ready tables for table_layer(), made in constant expressions. The real-valued ones round as TensorFlow Lite's int8
/// look-up tables do: in single precision, from a correctly rounded elementary function; RELU and requantisation in
/// integers.

#include <algorithm>

#include "quantise.hpp"

namespace zkvm::nn {

using ByteTable = std::array<std::int8_t, 256>;

namespace detail {

/// The nearest float; infinities and what overflows become the largest, since constant expressions have no infinity.
constexpr float to_float(double x) {
  constexpr float LARGEST = std::numeric_limits<float>::max();
  return x >= static_cast<double>(LARGEST)    ? LARGEST
         : x <= static_cast<double>(-LARGEST) ? -LARGEST
                                              : static_cast<float>(x);
}

/// Calls quantised(x) for x = -128 ... 127 and clamps the result, an int64_t.
template <class Function>
constexpr ByteTable byte_table(Function quantised) {
  ByteTable table{};
  for (int x = -128; x < 128; ++x) {
    const std::int64_t q = quantised(x);
    table[static_cast<std::size_t>(x & 255)] = static_cast<std::int8_t>(q < -128 ? -128 : q > 127 ? 127 : q);
  }
  return table;
}

}  // namespace detail

/// The table of any function from float to float that is constexpr: round(function(x) / output scale) + zero point.
template <class Function>
constexpr ByteTable function_table(Quantization input, Quantization output, Function function) {
  const float inverse_scale = 1 / output.scale;
  return detail::byte_table([&](int x) {
    const float real = input.scale * static_cast<float>(x - input.zero_point);
    // A product of floats is exact in a double. Everything from +-2^30 on is clamped anyway.
    const double product = static_cast<double>(function(real)) * static_cast<double>(inverse_scale);
    const double rescaled = static_cast<double>(detail::to_float(product));
    return math::round(std::min(std::max(rescaled, -0x1p30), 0x1p30)) + output.zero_point;
  });
}

constexpr ByteTable sigmoid_table(Quantization input, Quantization output) {
  return function_table(input, output,
                        [](float x) { return 1.0F / (1.0F + detail::to_float(math::exp(-static_cast<double>(x)))); });
}
constexpr ByteTable tanh_table(Quantization input, Quantization output) {
  return function_table(input, output, [](float x) { return static_cast<float>(math::tanh(static_cast<double>(x))); });
}
constexpr ByteTable exp_table(Quantization input, Quantization output) {
  return function_table(input, output, [](float x) { return detail::to_float(math::exp(static_cast<double>(x))); });
}
/// x Phi(x), Phi the standard normal distribution.
constexpr ByteTable gelu_table(Quantization input, Quantization output) {
  return function_table(input, output, [](float x) {
    const float scaled = x * static_cast<float>(-math::SQRT_HALF);
    return 0.5F * x * static_cast<float>(math::erfc(static_cast<double>(scaled)));
  });
}
/// x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), the approximation of BERT and GPT-2.
constexpr ByteTable gelu_approximate_table(Quantization input, Quantization output) {
  return function_table(input, output, [](float x) {
    constexpr auto FACTOR = static_cast<float>(2 / math::SQRT_PI * math::SQRT_HALF);
    const float inner = FACTOR * (x + 0.044715F * x * x * x);
    return 0.5F * x * (1.0F + static_cast<float>(math::tanh(static_cast<double>(inner))));
  });
}

/// Change of scale and zero point, as the reference kernel: the scales' quotient in double precision, integers then.
constexpr ByteTable requantize_table(Quantization input, Quantization output) {
  const Scale scale = quantize_multiplier(static_cast<double>(input.scale) / static_cast<double>(output.scale));
  return detail::byte_table(
      [&](int x) { return std::int64_t{software::requantise(x - input.zero_point, scale)} + output.zero_point; });
}
/// max(x, 0), or what else `activation` says, with a change of scale.
constexpr ByteTable relu_table(Quantization input, Quantization output, Activation activation = Activation::RELU) {
  const Range range = activation_range(activation, output);
  ByteTable table = requantize_table(input, output);
  for (std::int8_t& q : table) q = static_cast<std::int8_t>(software::clamp(q, range.min, range.max));
  return table;
}

}  // namespace zkvm::nn
