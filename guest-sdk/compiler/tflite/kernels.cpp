#include "guest-sdk/compiler/tflite/kernels.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "guest-sdk/include/zkvm/nn/layers.hpp"
#include "guest-sdk/include/zkvm/nn/software.hpp"

namespace zkvm::compiler::tflite {
namespace {

namespace software = nn::software;

int8_t saturate(int64_t x) { return static_cast<int8_t>(std::clamp<int64_t>(x, -128, 127)); }

double ratio(float a, float b) { return static_cast<double>(a) / static_cast<double>(b); }

/// exp(x), a Q0, for x < 0 with `integer_bits` integer bits: nn::software::exp_on_negative_values() for other formats.
int32_t exp_of_negative(int32_t x, int integer_bits) {
  if (integer_bits == 5) return software::exp_on_negative_values(x);
  // A Q4 is a Q5 with one bit more behind the point. That bit reaches the result only through the part of x below 1/4,
  // so both functions agree on everything above it: exp(whole quarters) comes from the Q5, the rest is the polynomial.
  constexpr int32_t QUARTER = 1 << 25;
  if (x == 0) return INT32_MAX;
  const int32_t rest = (x & (QUARTER - 1)) - QUARTER;  // -1/4 <= rest < 0
  const int32_t y = (rest << 4) + (1 << 28);           // rest + 1/8 in Q0
  const int32_t y2 = software::rounding_doubling_high_mul(y, y), y3 = software::rounding_doubling_high_mul(y2, y);
  const int32_t y4 = software::rounding_divide_by_pot(software::rounding_doubling_high_mul(y2, y2), 2);
  constexpr int32_t THIRD = 715827883, EXP_OF_MINUS_EIGHTH = 1895147668;
  const int32_t tail = software::rounding_divide_by_pot(software::rounding_doubling_high_mul(y4 + y3, THIRD) + y2, 1);
  int32_t result = EXP_OF_MINUS_EIGHTH + software::rounding_doubling_high_mul(EXP_OF_MINUS_EIGHTH, y + tail);
  constexpr int32_t POWERS[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401};
  const int32_t quarters = rest - x;
  for (int i = 0; i < 6; ++i)
    if (((quarters >> (25 + i)) & 1) != 0) result = software::rounding_doubling_high_mul(result, POWERS[i]);
  return result;
}

/// (1 - x) / (1 + x), a Q0, for 0 <= x < 1 in Q0: 2 / (1 + x) - 1 by the Newton steps of nn::software.
int32_t one_minus_x_over_one_plus_x(int32_t x) {
  const auto half = static_cast<int32_t>((int64_t{x} + INT32_MAX + 1) / 2);
  constexpr int32_t Q2_48_OVER_17 = 1515870810, Q2_MINUS_32_OVER_17 = -1010580540, Q2_ONE = 1 << 29;
  int32_t y = Q2_48_OVER_17 + software::rounding_doubling_high_mul(half, Q2_MINUS_32_OVER_17);
  for (int step = 0; step < 3; ++step) {
    const int32_t error = Q2_ONE - software::rounding_doubling_high_mul(half, y);
    y += software::saturating_left_shift(software::rounding_doubling_high_mul(y, error), 2);
  }
  return software::saturating_left_shift(y - Q2_ONE, 2);
}

/// 1 / (1 + exp(-x)), a Q0, x in Q4.
int32_t logistic(int32_t x) {
  if (x == 0) return 1 << 30;
  const int32_t positive = software::one_over_one_plus_x(exp_of_negative(x > 0 ? -x : x, 4));
  return x > 0 ? positive : INT32_MAX - positive;
}
/// tanh(x), a Q0, x in Q4: of exp(-2 |x|), where -2 |x| in Q5 has the bits of -|x| in Q4.
int32_t hyperbolic_tangent(int32_t x) {
  if (x == 0) return 0;
  const int32_t magnitude = one_minus_x_over_one_plus_x(exp_of_negative(x > 0 ? -x : x, 5));
  return x > 0 ? magnitude : -magnitude;
}

/// round(function(x) * 2^fraction_bits) for inputs that fit Q4; beyond, -128 and 127.
std::optional<Table8> fixed_point_table(nn::Quantization input, int32_t (*function)(int32_t), int32_t fraction_bits,
                                        int32_t offset) {
  int shift = 0;
  const double fraction = std::frexp(static_cast<double>(input.scale) * (1 << 27), &shift);
  if (shift < 0 || shift > 62) return std::nullopt;  // the kernel shifts by it; from 31 on its radius is 0
  const nn::Scale scale{static_cast<int32_t>(std::round(fraction * 0x1p31)), shift};  // exact: a float has 24 bits
  const auto radius = static_cast<int32_t>(std::floor(std::ldexp(15.0, 27 - shift)));
  return table_of([&](int32_t x) -> int64_t {
    const int32_t centred = x - input.zero_point;
    if (centred <= -radius) return -128;
    if (centred >= radius) return 127;
    const int32_t result = function(software::requantise(centred, scale));
    return software::rounding_divide_by_pot(result, 31 - fraction_bits) + offset;
  });
}

int16_t high_mul(int16_t a, int16_t b) {  // a b / 2^15, rounded to nearest, halves upwards
  if (a == INT16_MIN && b == INT16_MIN) return INT16_MAX;
  return static_cast<int16_t>((int32_t{a} * b + (1 << 14)) >> 15);
}
int16_t saturate16(int32_t x) { return static_cast<int16_t>(std::clamp(x, -32768, 32767)); }
/// The upper half of a multiplier, rounded.
int16_t upper_half(int32_t multiplier) {
  return multiplier >= INT32_MAX - (1 << 15) ? INT16_MAX : static_cast<int16_t>((multiplier + (1 << 15)) >> 16);
}

}  // namespace

Table8 table_of(const std::function<int64_t(int32_t)>& function) {
  Table8 table{};
  for (int32_t x = -128; x < 128; ++x) table[static_cast<size_t>(x & 255)] = saturate(function(x));
  return table;
}

std::optional<nn::Scale> quantise_scale(double real) {
  if (!(real >= 0 && real < 0x1p30)) return std::nullopt;
  int shift = 0;
  auto multiplier = static_cast<int64_t>(std::round(std::frexp(real, &shift) * 0x1p31));
  if (multiplier == int64_t{1} << 31) {
    multiplier /= 2;
    ++shift;
  }
  if (shift > 30) return std::nullopt;
  if (shift < -31) return nn::Scale{0, 0};
  return nn::Scale{static_cast<int32_t>(multiplier), shift};
}

std::optional<nn::Scale> channel_scale(float input, float weights, float output) {
  return quantise_scale(static_cast<double>(input) * static_cast<double>(weights) / static_cast<double>(output));
}

std::optional<nn::Range> fused_range(nn::Activation activation, nn::Quantization output) {
  if (activation != nn::Activation::NONE && 6 / output.scale >= 0x1p30F) return std::nullopt;
  return nn::activation_range(activation, output);
}

std::optional<nn::Scale> mean_scale(nn::Quantization input, nn::Quantization output, int64_t count) {
  const std::optional<nn::Scale> scale = quantise_scale(ratio(input.scale, output.scale));
  if (!scale) return std::nullopt;
  // The multiplier is divided by the count with as many bits more as the count has, as far as the shift goes.
  const int bits = 63 - std::countl_zero(static_cast<uint64_t>(count));
  const int shift = std::min({bits, 32, 31 + scale->shift});
  return nn::Scale{static_cast<int32_t>((int64_t{scale->multiplier} << shift) / count), scale->shift - shift};
}

std::optional<Table8> requantise_table(nn::Quantization input, nn::Quantization output) {
  const std::optional<nn::Scale> scale = quantise_scale(ratio(input.scale, output.scale));
  if (!scale) return std::nullopt;
  return table_of(
      [&](int32_t x) { return int64_t{software::requantise(x - input.zero_point, *scale)} + output.zero_point; });
}

std::optional<Table8> logistic_table(nn::Quantization input) { return fixed_point_table(input, logistic, 8, -128); }
std::optional<Table8> tanh_table(nn::Quantization input) { return fixed_point_table(input, hyperbolic_tangent, 7, 0); }

std::optional<Table8> relu_table(nn::Activation activation, nn::Quantization input, nn::Quantization output) {
  // TensorFlow Lite Micro has no kernel for -1 ... 1; TensorFlow Lite's rounds the quotient to float.
  const bool narrow = activation == nn::Activation::RELU_N1_TO_1;
  const std::optional<nn::Scale> scale =
      quantise_scale(narrow ? static_cast<double>(input.scale / output.scale) : ratio(input.scale, output.scale));
  const std::optional<nn::Range> range = fused_range(activation, output);
  if (!scale || !range) return std::nullopt;
  return table_of([&](int32_t x) -> int64_t {
    const int64_t rescaled = int64_t{software::requantise(x - input.zero_point, *scale)} + output.zero_point;
    return std::clamp<int64_t>(rescaled, range->min, range->max);
  });
}

std::optional<Table8> leaky_relu_table(float alpha, nn::Quantization input, nn::Quantization output) {
  const double below =
      static_cast<double>(input.scale) * static_cast<double>(alpha) / static_cast<double>(output.scale);
  const std::optional<nn::Scale> identity = quantise_scale(ratio(input.scale, output.scale));
  const std::optional<nn::Scale> slope = quantise_scale(std::abs(below));  // rounding is symmetric
  if (!identity || !slope) return std::nullopt;
  return table_of([&](int32_t x) -> int64_t {
    const int32_t centred = x - input.zero_point;
    if (centred >= 0) return int64_t{software::requantise(centred, *identity)} + output.zero_point;
    const int64_t scaled = software::requantise(centred, *slope);
    return (below < 0 ? -scaled : scaled) + output.zero_point;
  });
}

/// x relu6(x + 3) / 6 in 16-bit fixed point: x has 7 bits more than the input, (x + 3) / 6 is a Q0.
std::optional<Table8> hard_swish_table(nn::Quantization input, nn::Quantization output) {
  const float fine = (1.0F / 128.0F) * input.scale;
  const std::optional<nn::Scale> to_output = quantise_scale(ratio(fine, output.scale));
  const std::optional<nn::Scale> to_thirds = quantise_scale(ratio(fine, 3.0F / 32768.0F));
  // The kernel refuses a left shift, and is undefined for right shifts of more than 15 bits.
  if (!to_output || !to_thirds || to_output->shift > 0 || to_output->shift < -15 || to_thirds->shift < -15)
    return std::nullopt;
  const int32_t exponent = to_thirds->shift;
  return table_of([&](int32_t x) -> int64_t {
    const auto value = static_cast<int16_t>((x - input.zero_point) * 128);
    const int16_t scaled = high_mul(value, upper_half(to_output->multiplier));
    int16_t gate = value;
    if (exponent > 0) gate = saturate16(software::saturating_left_shift(gate, exponent - 1));
    gate = high_mul(gate, upper_half(to_thirds->multiplier));
    if (exponent > 0) gate = saturate16(gate * 2);
    if (exponent < 0) gate = static_cast<int16_t>(software::rounding_divide_by_pot(gate, -exponent));
    gate = static_cast<int16_t>((gate + 32768) >> 1);
    const auto product = static_cast<int16_t>(int32_t{gate} * scaled / 32768);  // towards zero; gate >= 0
    return int64_t{software::rounding_divide_by_pot(product, -to_output->shift)} + output.zero_point;
  });
}

std::optional<Add> add(nn::Quantization first, nn::Quantization second, nn::Quantization output, nn::Range range,
                       bool subtract) {
  const double common = 2 * static_cast<double>(std::max(first.scale, second.scale));
  const double output_scale = common / ((1 << 20) * static_cast<double>(output.scale));
  const std::optional<nn::Scale> to_common = quantise_scale(static_cast<double>(first.scale) / common);
  const std::optional<nn::Scale> second_to_common = quantise_scale(static_cast<double>(second.scale) / common);
  const std::optional<nn::Scale> scale = quantise_scale(output_scale);
  // The kernel takes factors between 0 and 1 only.
  if (!to_common || !second_to_common || !scale || !(output_scale > 0 && output_scale < 1)) return std::nullopt;
  Add out{.scale = *scale, .zero_point = output.zero_point, .range = range};
  for (int32_t x = -128; x < 128; ++x) {
    const auto i = static_cast<size_t>(x & 255);
    out.first[i] = software::requantise((x - first.zero_point) * (1 << 20), *to_common);
    out.second[i] = software::requantise((x - second.zero_point) * (1 << 20), *second_to_common);
    if (subtract) out.second[i] = -out.second[i];
  }
  return out;
}
int8_t apply(const Add& add, int8_t first, int8_t second) {
  const int32_t sum = add.first[static_cast<uint8_t>(first)] + add.second[static_cast<uint8_t>(second)];
  return software::requantise_to_int8(sum, add.scale, add.zero_point, add.range.min, add.range.max);
}

std::optional<Product> multiply(nn::Quantization first, nn::Quantization second, nn::Quantization output,
                                nn::Range range) {
  const std::optional<nn::Scale> scale = channel_scale(first.scale, second.scale, output.scale);
  if (!scale) return std::nullopt;
  return Product{first.zero_point, second.zero_point, *scale, output.zero_point, range};
}
int8_t apply(const Product& p, int8_t first, int8_t second) {
  return software::requantise_to_int8((first - p.first_zero_point) * (second - p.second_zero_point), p.scale,
                                      p.zero_point, p.range.min, p.range.max);
}

}  // namespace zkvm::compiler::tflite
