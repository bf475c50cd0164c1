#pragma once
/// \file
/// The reference kernels' integer functions of one or two elements, as tables. "As the kernel" means the int8 reference
/// kernels of TensorFlow Lite Micro with double rounding, as they are since October 2026: multipliers are computed in
/// double precision from scales that are floats. (Before, FULLY_CONNECTED, SUB, RELU, LEAKY_RELU and HARD_SWISH rounded
/// an intermediate product or quotient to float, which changes one output in some 10^5 by one step.)
/// Quantisations have finite scales above 0 and zero points of -128 ... 127.

#include <array>
#include <functional>
#include <optional>

#include "guest-sdk/compiler/graph.hpp"
#include "guest-sdk/include/zkvm/nn/quantise.hpp"

namespace zkvm::compiler::tflite {

using Table8 = std::array<int8_t, 256>;

/// As the kernels quantise a real multiplier: below 2^-32 it becomes 0. Nothing if it is 2^30 or more, where their left
/// shift is undefined. Unlike a layer's, the shift can be up to 30; nn::software::requantise() takes it.
std::optional<nn::Scale> quantise_scale(double real);
/// input * weights / output, of a channel or of all.
std::optional<nn::Scale> channel_scale(float input, float weights, float output);

/// The clamp of a fused activation; nothing where the kernels refuse it, since it does not fit an int32.
std::optional<nn::Range> fused_range(nn::Activation activation, nn::Quantization output);

/// Factor by which a mean of `count` elements scales the sum of (element - zero point).
std::optional<nn::Scale> mean_scale(nn::Quantization input, nn::Quantization output, int64_t count);

// Element-wise functions; nothing where the kernel is undefined or refuses.
std::optional<Table8> requantise_table(nn::Quantization input, nn::Quantization output);
std::optional<Table8> logistic_table(nn::Quantization input);
std::optional<Table8> tanh_table(nn::Quantization input);
std::optional<Table8> relu_table(nn::Activation activation, nn::Quantization input, nn::Quantization output);
std::optional<Table8> leaky_relu_table(float alpha, nn::Quantization input, nn::Quantization output);
std::optional<Table8> hard_swish_table(nn::Quantization input, nn::Quantization output);

/// Sum, or difference, of two elements.
std::optional<Add> add(nn::Quantization first, nn::Quantization second, nn::Quantization output, nn::Range range,
                       bool subtract);
int8_t apply(const Add& add, int8_t first, int8_t second);

/// clamp(requantise((first - zero point) * (second - zero point)) + output zero point).
struct Product {
  int32_t first_zero_point, second_zero_point;
  nn::Scale scale;
  int32_t zero_point;
  nn::Range range;
};
std::optional<Product> multiply(nn::Quantization first, nn::Quantization second, nn::Quantization output,
                                nn::Range range);
int8_t apply(const Product& product, int8_t first, int8_t second);

/// The table of a function of one byte's value.
Table8 table_of(const std::function<int64_t(int32_t)>& function);

}  // namespace zkvm::compiler::tflite
