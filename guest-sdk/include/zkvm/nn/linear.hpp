#pragma once
/// \file
/// Builders of linear layers: records made in constant expressions from arrays as TensorFlow Lite has them. What does
/// not fit together does not compile; the compiler quotes the message of the failed check.
///
/// Tensors in memory have channel counts that are multiples of 4, padded(c); options name the true count. What a tensor
/// holds in padding channels does not matter to the layer that reads it: their weights are 0. A layer writes
/// clamp(zero point of the output) into them.
///
/// Results follow from accumulators by multipliers, as TensorFlow Lite rounds them, or by thresholds (record.h): any
/// nondecreasing function, such as that of float scales with halves rounded to even. Layers with thresholds have no
/// activation and no range: thresholds say everything, and the zero point of `output` is what padding channels get.

#include <algorithm>

#include "quantise.hpp"
#include "record.h"

namespace zkvm::nn {

/// The channel count of a tensor in memory.
constexpr int padded(int channels) { return (channels + 3) / 4 * 4; }

/// Where a window's first output stands. SAME: ceil(in / stride) outputs, the padding split evenly, the odd one at the
/// end; VALID: only windows that lie within the input. Or explicit amounts on each side.
struct Padding {
  bool same = false;
  int top = 0, left = 0, bottom = 0, right = 0;
};
inline constexpr Padding VALID{}, SAME{.same = true};

/// Options of a convolution. Shapes are [height][width][channels].
struct Conv2d {
  int in_h = 1, in_w = 1, in_c = 0;
  int out_c = 0;
  int kernel_h = 1, kernel_w = 1;
  int stride_h = 1, stride_w = 1;
  Padding padding{};
  Quantization input{}, output{};
  Activation activation = Activation::NONE;
  std::optional<Range> range{};  ///< instead of `activation`
};

/// Options of a fully connected layer, applied to each of `rows` rows; also of a matrix product with constant weights.
struct FullyConnected {
  int rows = 1;
  int in_c = 0, out_c = 0;
  Quantization input{}, output{};
  Activation activation = Activation::NONE;
  std::optional<Range> range{};  ///< instead of `activation`
};

/// Options of a product of two tensors, [m][k] times [k][n] (or its transpose [n][k]); k and n are multiples of 4.
struct MatMul {
  int m = 1, k = 0, n = 0;
  Quantization a{}, b{}, output{};
  Activation activation = Activation::NONE;
  std::optional<Range> range{};  ///< instead of `activation`
};

namespace detail {

constexpr std::size_t record_bytes(std::size_t payload) { return (ZKVM_NN_HEADER_BYTES + payload + 31) / 32 * 32; }

/// The output size and the padding before the first element, along one axis.
struct Axis {
  int out, before;
};
constexpr Axis window_axis(int in, int kernel, int stride, bool same, int before, int after) {
  if (in < 1 || kernel < 1 || stride < 1) refuse("nn: sizes, kernels and strides must be at least 1");
  if (before < 0 || after < 0) refuse("nn: padding must not be negative");
  if (same) {
    const int out = (in + stride - 1) / stride;
    return {out, std::max(0, (out - 1) * stride + kernel - in) / 2};
  }
  if (in + before + after < kernel) refuse("nn: the kernel is larger than its padded input");
  return {(in + before + after - kernel) / stride + 1, before};
}

constexpr void check_zero_point(Quantization q) {
  if (q.zero_point < -128 || q.zero_point > 127) refuse("nn: a zero point must be -128 ... 127");
}

/// Header without weights' size. Sizes are those of a convolution; a matrix is an image of one row.
constexpr zkvm_nn_linear linear_shape(int operand, const Conv2d& o, zkvm_nn_requantisation requantisation) {
  if (o.in_c < 1 || o.out_c < 1) refuse("nn: channel counts must be at least 1");
  check_zero_point(o.input);
  check_zero_point(o.output);
  const Axis rows = window_axis(o.in_h, o.kernel_h, o.stride_h, o.padding.same, o.padding.top, o.padding.bottom);
  const Axis cols = window_axis(o.in_w, o.kernel_w, o.stride_w, o.padding.same, o.padding.left, o.padding.right);
  const Range range = output_range(o.range, o.activation, o.output);
  zkvm_nn_linear h{};
  h.magic = ZKVM_NN_MAGIC;
  h.kind = ZKVM_NN_LINEAR;
  h.operand = operand;
  h.in_h = o.in_h, h.in_w = o.in_w, h.in_c = padded(o.in_c);
  h.out_h = rows.out, h.out_w = cols.out, h.out_c = padded(o.out_c);
  h.kernel_h = o.kernel_h, h.kernel_w = o.kernel_w;
  h.stride_h = o.stride_h, h.stride_w = o.stride_w;
  h.dilation_h = 1, h.dilation_w = 1;
  h.pad_top = rows.before, h.pad_left = cols.before;
  h.in_zp = o.input.zero_point, h.out_zp = o.output.zero_point;
  h.act_min = range.min, h.act_max = range.max;
  h.weight_in = o.in_c, h.weight_out = o.out_c;
  h.requantisation = requantisation;
  const bool by_thresholds = requantisation == ZKVM_NN_THRESHOLDS;
  if (by_thresholds && (range.min != -128 || range.max != 127))
    refuse("nn: a layer with thresholds has neither activation nor range, which thresholds can express");
  const std::size_t channel = by_thresholds ? sizeof(zkvm_nn_thresholds) : sizeof(zkvm_nn_channel);
  const std::size_t taps = static_cast<std::size_t>(o.kernel_h) * static_cast<std::size_t>(o.kernel_w);
  const std::size_t inputs = operand == ZKVM_NN_DENSE ? static_cast<std::size_t>(o.in_c) : operand == ZKVM_NN_DEPTHWISE;
  h.bytes = static_cast<std::uint32_t>(record_bytes(static_cast<std::size_t>(o.out_c) * (channel + taps * inputs)));
  return h;
}

}  // namespace detail

/// Headers of records alone, for layers whose records come from elsewhere (nn.hpp, "Large layers").
constexpr zkvm_nn_linear conv2d_shape(const Conv2d& o, zkvm_nn_requantisation requantisation = ZKVM_NN_MULTIPLIERS) {
  return detail::linear_shape(ZKVM_NN_DENSE, o, requantisation);
}
constexpr zkvm_nn_linear depthwise_conv2d_shape(const Conv2d& o,
                                                zkvm_nn_requantisation requantisation = ZKVM_NN_MULTIPLIERS) {
  if (o.in_c != o.out_c) refuse("nn: a depthwise convolution has as many output as input channels");
  return detail::linear_shape(ZKVM_NN_DEPTHWISE, o, requantisation);
}
constexpr zkvm_nn_linear fully_connected_shape(const FullyConnected& o,
                                               zkvm_nn_requantisation requantisation = ZKVM_NN_MULTIPLIERS) {
  return detail::linear_shape(ZKVM_NN_DENSE,
                              {.in_w = o.rows,
                               .in_c = o.in_c,
                               .out_c = o.out_c,
                               .padding = VALID,
                               .input = o.input,
                               .output = o.output,
                               .activation = o.activation,
                               .range = o.range},
                              requantisation);
}
constexpr zkvm_nn_linear matmul_shape(zkvm_nn_operand operand, const MatMul& o,
                                      zkvm_nn_requantisation requantisation = ZKVM_NN_MULTIPLIERS) {
  if (o.k % 4 != 0 || o.n % 4 != 0) refuse("nn: k and n of a product of tensors must be multiples of 4");
  detail::check_zero_point(o.b);
  zkvm_nn_linear h = detail::linear_shape(operand,
                                          {.in_w = o.m,
                                           .in_c = o.k,
                                           .out_c = o.n,
                                           .padding = VALID,
                                           .input = o.a,
                                           .output = o.output,
                                           .activation = o.activation,
                                           .range = o.range},
                                          requantisation);
  h.b_zp = o.b.zero_point;
  return h;
}

/// A linear layer's record; Channel: zkvm_nn_channel or zkvm_nn_thresholds; ROOM: bytes of weights and the zeros behind
/// them.
template <class Channel, std::size_t CHANNELS, std::size_t ROOM>
struct alignas(32) LinearRecord {
  zkvm_nn_linear header;
  Channel channels[CHANNELS];
  std::int8_t weights[ROOM];
};
template <class Channel, std::size_t CHANNELS>
struct alignas(32) LinearRecord<Channel, CHANNELS, 0> {
  zkvm_nn_linear header;
  Channel channels[CHANNELS];
};

namespace detail {

template <class Channel, std::size_t CHANNELS, std::size_t WEIGHTS>
using LinearRecordFor = LinearRecord<Channel, CHANNELS,
                                     record_bytes(CHANNELS * sizeof(Channel) + WEIGHTS) - ZKVM_NN_HEADER_BYTES -
                                         CHANNELS * sizeof(Channel)>;

/// A record with its weights; channels are left to the caller.
template <class Channel, std::size_t CHANNELS, std::size_t WEIGHTS>
constexpr auto weights_record(const zkvm_nn_linear& header, const std::int8_t (&weights)[WEIGHTS]) {
  LinearRecordFor<Channel, CHANNELS, WEIGHTS> record{};
  if (CHANNELS != static_cast<std::size_t>(header.weight_out))
    refuse("nn: there must be out_c biases or channels of thresholds");
  const std::size_t taps = static_cast<std::size_t>(header.kernel_h) * static_cast<std::size_t>(header.kernel_w);
  const auto inputs = static_cast<std::size_t>(header.operand == ZKVM_NN_DEPTHWISE ? 1 : header.weight_in);
  if (WEIGHTS != CHANNELS * taps * inputs)
    refuse("nn: weights must be out_c * kernel_h * kernel_w * in_c (depthwise: kernel_h * kernel_w * in_c)");
  record.header = header;
  // Two loops, since compilers limit the steps of one.
  for (std::size_t i = 0; i < WEIGHTS;)
    for (const std::size_t end = std::min(WEIGHTS, i + 65536); i < end; ++i) record.weights[i] = weights[i];
  return record;
}

/// SCALES: one per channel or one for all.
template <std::size_t CHANNELS, std::size_t WEIGHTS, std::size_t SCALES>
constexpr auto linear_layer(const zkvm_nn_linear& header, const std::int8_t (&weights)[WEIGHTS],
                            const std::int32_t (&biases)[CHANNELS], const std::array<Scale, SCALES>& scales) {
  static_assert(SCALES == CHANNELS || SCALES == 1, "nn: scales are given for each output channel or for all at once");
  auto record = weights_record<zkvm_nn_channel, CHANNELS>(header, weights);
  for (std::size_t c = 0; c < CHANNELS; ++c) {
    const Scale scale = scales[SCALES == 1 ? 0 : c];
    if (scale.multiplier < 0 || scale.shift < -31 || scale.shift > 13)
      refuse("nn: a scale must have multiplier >= 0 and shift -31 ... 13");
    record.channels[c] = {biases[c], scale.multiplier, scale.shift};
  }
  return record;
}

/// Into a record's channels; refuses what the machine would.
template <std::size_t CHANNELS>
constexpr void copy_thresholds(const zkvm_nn_thresholds (&from)[CHANNELS], zkvm_nn_thresholds (&to)[CHANNELS]) {
  constexpr std::int32_t LIMIT = 1 << 29;
  for (std::size_t c = 0; c < CHANNELS; ++c) {
    to[c].bias = from[c].bias;
    for (int i = 0; i < 255; ++i) {
      const std::int32_t t = from[c].threshold[i];
      if (t < (i == 0 ? -LIMIT : from[c].threshold[i - 1]) || t > LIMIT)
        refuse("nn: thresholds must not decrease and must be within -2^29 ... 2^29");
      to[c].threshold[i] = t;
    }
  }
}
template <std::size_t CHANNELS, std::size_t WEIGHTS>
constexpr auto linear_layer(const zkvm_nn_linear& header, const std::int8_t (&weights)[WEIGHTS],
                            const zkvm_nn_thresholds (&thresholds)[CHANNELS]) {
  auto record = weights_record<zkvm_nn_thresholds, CHANNELS>(header, weights);
  copy_thresholds(thresholds, record.channels);
  return record;
}

}  // namespace detail

/// 2-D convolution. weights: [out_c][kernel_h][kernel_w][in_c]; biases in units of input scale * weight scale;
/// weight_scales: one per output channel, or one. Output [out_h][out_w][padded(out_c)].
template <std::size_t CHANNELS, std::size_t WEIGHTS, std::size_t SCALES>
constexpr auto conv2d_layer(const Conv2d& o, const std::int8_t (&weights)[WEIGHTS],
                            const std::int32_t (&biases)[CHANNELS], const float (&weight_scales)[SCALES]) {
  return detail::linear_layer(conv2d_shape(o), weights, biases,
                              channel_scales(o.input.scale, weight_scales, o.output.scale));
}
/// The same with multipliers and shifts; the scales in `o` count only for Activation.
template <std::size_t CHANNELS, std::size_t WEIGHTS, std::size_t SCALES>
constexpr auto conv2d_layer(const Conv2d& o, const std::int8_t (&weights)[WEIGHTS],
                            const std::int32_t (&biases)[CHANNELS], const std::array<Scale, SCALES>& scales) {
  return detail::linear_layer(conv2d_shape(o), weights, biases, scales);
}
/// The same with thresholds; scales do not count.
template <std::size_t CHANNELS, std::size_t WEIGHTS>
constexpr auto conv2d_layer(const Conv2d& o, const std::int8_t (&weights)[WEIGHTS],
                            const zkvm_nn_thresholds (&thresholds)[CHANNELS]) {
  return detail::linear_layer(conv2d_shape(o, ZKVM_NN_THRESHOLDS), weights, thresholds);
}

/// Depthwise convolution, multiplier 1. weights: [kernel_h][kernel_w][channel].
template <std::size_t CHANNELS, std::size_t WEIGHTS, std::size_t SCALES>
constexpr auto depthwise_conv2d_layer(const Conv2d& o, const std::int8_t (&weights)[WEIGHTS],
                                      const std::int32_t (&biases)[CHANNELS], const float (&weight_scales)[SCALES]) {
  return detail::linear_layer(depthwise_conv2d_shape(o), weights, biases,
                              channel_scales(o.input.scale, weight_scales, o.output.scale));
}
template <std::size_t CHANNELS, std::size_t WEIGHTS, std::size_t SCALES>
constexpr auto depthwise_conv2d_layer(const Conv2d& o, const std::int8_t (&weights)[WEIGHTS],
                                      const std::int32_t (&biases)[CHANNELS], const std::array<Scale, SCALES>& scales) {
  return detail::linear_layer(depthwise_conv2d_shape(o), weights, biases, scales);
}
template <std::size_t CHANNELS, std::size_t WEIGHTS>
constexpr auto depthwise_conv2d_layer(const Conv2d& o, const std::int8_t (&weights)[WEIGHTS],
                                      const zkvm_nn_thresholds (&thresholds)[CHANNELS]) {
  return detail::linear_layer(depthwise_conv2d_shape(o, ZKVM_NN_THRESHOLDS), weights, thresholds);
}

/// Fully connected. in: [rows][padded(in_c)]; weights: [out_c][in_c]; out: [rows][padded(out_c)].
template <std::size_t CHANNELS, std::size_t WEIGHTS>
constexpr auto fully_connected_layer(const FullyConnected& o, const std::int8_t (&weights)[WEIGHTS],
                                     const std::int32_t (&biases)[CHANNELS], float weight_scale) {
  const std::array<Scale, 1> scale{product_scale(o.input.scale, weight_scale, o.output.scale)};
  return detail::linear_layer(fully_connected_shape(o), weights, biases, scale);
}
/// One weight scale per output channel, or multipliers and shifts.
template <std::size_t CHANNELS, std::size_t WEIGHTS>
constexpr auto fully_connected_layer(const FullyConnected& o, const std::int8_t (&weights)[WEIGHTS],
                                     const std::int32_t (&biases)[CHANNELS], const float (&weight_scales)[CHANNELS]) {
  return detail::linear_layer(fully_connected_shape(o), weights, biases,
                              channel_scales(o.input.scale, weight_scales, o.output.scale));
}
template <std::size_t CHANNELS, std::size_t WEIGHTS, std::size_t SCALES>
constexpr auto fully_connected_layer(const FullyConnected& o, const std::int8_t (&weights)[WEIGHTS],
                                     const std::int32_t (&biases)[CHANNELS], const std::array<Scale, SCALES>& scales) {
  return detail::linear_layer(fully_connected_shape(o), weights, biases, scales);
}
template <std::size_t CHANNELS, std::size_t WEIGHTS>
constexpr auto fully_connected_layer(const FullyConnected& o, const std::int8_t (&weights)[WEIGHTS],
                                     const zkvm_nn_thresholds (&thresholds)[CHANNELS]) {
  return detail::linear_layer(fully_connected_shape(o, ZKVM_NN_THRESHOLDS), weights, thresholds);
}

/// Matrix product with constant weights [in_c][out_c] and without biases: a fully connected layer, transposed.
template <std::size_t OUT, std::size_t WEIGHTS>
constexpr auto matmul_layer(const FullyConnected& o, const std::int8_t (&weights)[WEIGHTS], float weight_scale) {
  static_assert(WEIGHTS % OUT == 0, "nn: weights must be in_c * out_c");
  std::int8_t transposed[WEIGHTS]{};
  const std::int32_t biases[OUT]{};
  for (std::size_t i = 0; i < WEIGHTS / OUT; ++i)
    for (std::size_t j = 0; j < OUT; ++j) transposed[j * (WEIGHTS / OUT) + i] = weights[i * OUT + j];
  return fully_connected_layer(o, transposed, biases, weight_scale);
}

namespace detail {
template <class Channel, int N>
constexpr auto matmul_record(zkvm_nn_operand operand, const MatMul& o, zkvm_nn_requantisation requantisation) {
  if (N != o.n) refuse("nn: there must be n channels: the template argument of a product of tensors, or thresholds");
  LinearRecordFor<Channel, static_cast<std::size_t>(N), 0> record{};
  record.header = matmul_shape(operand, o, requantisation);
  return record;
}
template <int N>
constexpr auto scaled_matmul(zkvm_nn_operand operand, const MatMul& o) {
  auto record = matmul_record<zkvm_nn_channel, N>(operand, o, ZKVM_NN_MULTIPLIERS);
  const Scale scale = product_scale(o.a.scale, o.b.scale, o.output.scale);
  for (zkvm_nn_channel& channel : record.channels) channel = {0, scale.multiplier, scale.shift};
  return record;
}
template <std::size_t N>
constexpr auto scaled_matmul(zkvm_nn_operand operand, const MatMul& o, const std::array<Scale, N>& scales) {
  auto record = matmul_record<zkvm_nn_channel, static_cast<int>(N)>(operand, o, ZKVM_NN_MULTIPLIERS);
  for (std::size_t c = 0; c < N; ++c) {
    if (scales[c].multiplier < 0 || scales[c].shift < -31 || scales[c].shift > 13)
      refuse("nn: a scale must have multiplier >= 0 and shift -31 ... 13");
    record.channels[c] = {0, scales[c].multiplier, scales[c].shift};
  }
  return record;
}
template <std::size_t N>
constexpr auto stepped_matmul(zkvm_nn_operand operand, const MatMul& o, const zkvm_nn_thresholds (&thresholds)[N]) {
  auto record = matmul_record<zkvm_nn_thresholds, static_cast<int>(N)>(operand, o, ZKVM_NN_THRESHOLDS);
  copy_thresholds(thresholds, record.channels);
  return record;
}
}  // namespace detail

/// Product of two tensors, a [m][k] and b [n][k] (matmul_nk: the transposed right factor) or [k][n] (matmul_kn); N =
/// o.n.
template <int N>
constexpr auto matmul_nk_layer(const MatMul& o) {
  return detail::scaled_matmul<N>(ZKVM_NN_RAM_NK, o);
}
template <int N>
constexpr auto matmul_kn_layer(const MatMul& o) {
  return detail::scaled_matmul<N>(ZKVM_NN_RAM_KN, o);
}
/// The same with a multiplier and shift for each of the n columns.
template <std::size_t N>
constexpr auto matmul_nk_layer(const MatMul& o, const std::array<Scale, N>& scales) {
  return detail::scaled_matmul(ZKVM_NN_RAM_NK, o, scales);
}
template <std::size_t N>
constexpr auto matmul_kn_layer(const MatMul& o, const std::array<Scale, N>& scales) {
  return detail::scaled_matmul(ZKVM_NN_RAM_KN, o, scales);
}
/// The same with thresholds, one channel of them for each of the n columns.
template <std::size_t N>
constexpr auto matmul_nk_layer(const MatMul& o, const zkvm_nn_thresholds (&thresholds)[N]) {
  return detail::stepped_matmul(ZKVM_NN_RAM_NK, o, thresholds);
}
template <std::size_t N>
constexpr auto matmul_kn_layer(const MatMul& o, const zkvm_nn_thresholds (&thresholds)[N]) {
  return detail::stepped_matmul(ZKVM_NN_RAM_KN, o, thresholds);
}

}  // namespace zkvm::nn
