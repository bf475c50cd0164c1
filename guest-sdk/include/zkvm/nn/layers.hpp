#pragma once
/// \file
/// Builders of element-wise layers, pooling, softmax and layer norm. See linear.hpp.

#include "linear.hpp"

namespace zkvm::nn {

struct alignas(32) AddRecord {
  zkvm_nn_add header;
  std::int32_t first[256], second[256];
};
struct alignas(32) TableRecord {
  zkvm_nn_table header;
  std::int8_t values[256];
};
struct alignas(32) PoolRecord {
  zkvm_nn_pool header;
};
struct alignas(32) SoftmaxRecord {
  zkvm_nn_softmax header;
  std::int32_t exponential[256];
};
template <std::size_t COLS>
struct alignas(32) LayerNormRecord {
  zkvm_nn_layer_norm header;
  zkvm_nn_norm channels[COLS];
};

/// Options of a sum of two tensors of `count` elements (padding channels included), a multiple of 4.
struct Add {
  int count = 0;
  Quantization first{}, second{}, output{};
  Activation activation = Activation::NONE;
  std::optional<Range> range{};  ///< instead of `activation`
};

/// Options of pooling: [in_h][in_w][channels], channels a multiple of 4. The output has the input's quantisation, which
/// is needed for an Activation only.
struct Pool {
  int in_h = 1, in_w = 1, channels = 0;
  int kernel_h = 1, kernel_w = 1;
  int stride_h = 1, stride_w = 1;
  Padding padding{};
  Quantization quantization{};
  Activation activation = Activation::NONE;
  std::optional<Range> range{};  ///< instead of `activation`
};

/// Options of a softmax of each of `rows` rows. The output's scale is 1/256 and its zero point -128. In ROM, cols is a
/// multiple of 4 and at most 4060.
struct Softmax {
  int rows = 1, cols = 0;
  float input_scale = 1;
  float beta = 1;
};

/// Options of a layer norm of each of `rows` rows: gamma * (x - mean) / sqrt(variance + epsilon) + beta.
struct LayerNorm {
  int rows = 1;
  float input_scale = 1;
  Quantization output{};
  double epsilon = 1e-5;
};

namespace detail {
constexpr void check_count(int count) {
  if (count < 4 || count % 4 != 0) refuse("nn: an element-wise layer's count must be a positive multiple of 4");
}
}  // namespace detail

/// Sum, as the reference kernel: each operand times 2^20 is brought to twice the larger of both scales.
constexpr AddRecord add_layer(const Add& o) {
  detail::check_count(o.count);
  for (const Quantization& q : {o.first, o.second, o.output}) detail::check_zero_point(q);
  const double common = 2 * static_cast<double>(std::max(o.first.scale, o.second.scale));
  const Scale output = quantize_multiplier(common / ((1 << 20) * static_cast<double>(o.output.scale)));
  const Range range = output_range(o.range, o.activation, o.output);
  AddRecord r{};
  r.header.magic = ZKVM_NN_MAGIC;
  r.header.kind = ZKVM_NN_ADD;
  r.header.bytes = sizeof r;
  r.header.count = o.count;
  r.header.out_zp = o.output.zero_point;
  r.header.act_min = range.min, r.header.act_max = range.max;
  r.header.multiplier = output.multiplier, r.header.shift = output.shift;
  const Scale first = quantize_multiplier(static_cast<double>(o.first.scale) / common);
  const Scale second = quantize_multiplier(static_cast<double>(o.second.scale) / common);
  for (int x = -128; x < 128; ++x) {
    r.first[x & 255] = software::requantise((x - o.first.zero_point) * (1 << 20), first);
    r.second[x & 255] = software::requantise((x - o.second.zero_point) * (1 << 20), second);
  }
  return r;
}

/// The same from tables by byte, for sums whose operands do not come with scales: clamp(scale * (first[x & 255] +
/// second[y & 255]) + zero_point). Table values are within +-(2^28 - 1).
constexpr AddRecord add_layer(int count, const std::int32_t (&first)[256], const std::int32_t (&second)[256],
                              Scale scale, int zero_point, Range range) {
  detail::check_count(count);
  detail::check_zero_point({.zero_point = zero_point});
  if (scale.multiplier < 0 || scale.shift < -31 || scale.shift > 13)
    refuse("nn: a scale must have multiplier >= 0 and shift -31 ... 13");
  range = output_range(range, Activation::NONE, {});
  AddRecord r{};
  r.header.magic = ZKVM_NN_MAGIC;
  r.header.kind = ZKVM_NN_ADD;
  r.header.bytes = sizeof r;
  r.header.count = count;
  r.header.out_zp = zero_point;
  r.header.act_min = range.min, r.header.act_max = range.max;
  r.header.multiplier = scale.multiplier, r.header.shift = scale.shift;
  for (int i = 0; i < 256; ++i) r.first[i] = first[i], r.second[i] = second[i];
  return r;
}

/// values[x & 255] for every element x; tables.hpp has ready ones. count: elements, a multiple of 4.
constexpr TableRecord table_layer(int count, const std::array<std::int8_t, 256>& values) {
  detail::check_count(count);
  TableRecord r{};
  r.header.magic = ZKVM_NN_MAGIC;
  r.header.kind = ZKVM_NN_TABLE;
  r.header.bytes = sizeof r;
  r.header.count = count;
  for (std::size_t i = 0; i < 256; ++i) r.values[i] = values[i];
  return r;
}

namespace detail {
constexpr PoolRecord pool_layer(bool is_max, const Pool& o) {
  if (o.channels < 4 || o.channels % 4 != 0) refuse("nn: pooled tensors must have a multiple of 4 channels");
  const Axis rows = window_axis(o.in_h, o.kernel_h, o.stride_h, o.padding.same, o.padding.top, o.padding.bottom);
  const Axis cols = window_axis(o.in_w, o.kernel_w, o.stride_w, o.padding.same, o.padding.left, o.padding.right);
  if (rows.before >= o.kernel_h || cols.before >= o.kernel_w || (rows.out - 1) * o.stride_h - rows.before >= o.in_h ||
      (cols.out - 1) * o.stride_w - cols.before >= o.in_w)
    refuse("nn: every pooling window must meet the input");
  const Range range = output_range(o.range, o.activation, o.quantization);
  PoolRecord r{};
  r.header.magic = ZKVM_NN_MAGIC;
  r.header.kind = ZKVM_NN_POOL;
  r.header.bytes = sizeof r;
  r.header.is_max = is_max;
  r.header.in_h = o.in_h, r.header.in_w = o.in_w, r.header.channels = o.channels;
  r.header.out_h = rows.out, r.header.out_w = cols.out;
  r.header.kernel_h = o.kernel_h, r.header.kernel_w = o.kernel_w;
  r.header.stride_h = o.stride_h, r.header.stride_w = o.stride_w;
  r.header.pad_top = rows.before, r.header.pad_left = cols.before;
  r.header.act_min = range.min, r.header.act_max = range.max;
  return r;
}
}  // namespace detail

/// Average over the part of each window that lies in the input, rounded to nearest, halves away from zero; or maximum.
constexpr PoolRecord average_pool2d_layer(const Pool& o) { return detail::pool_layer(false, o); }
constexpr PoolRecord max_pool2d_layer(const Pool& o) { return detail::pool_layer(true, o); }

/// Softmax, as the reference kernel.
constexpr SoftmaxRecord softmax_layer(const Softmax& o) {
  if (o.rows < 1 || o.cols < 1 || o.cols > 4095) refuse("nn: a softmax has at least one row and 1 ... 4095 columns");
  // A step of the input, in Q5; saturated to 2^31 - 1 if it is 32 or more.
  const double step = std::min(static_cast<double>(o.beta) * static_cast<double>(o.input_scale) * (1 << 26),
                               math::power_of_two(31) - 1);
  if (!(step >= 1)) refuse("nn: a softmax's beta * input_scale must be at least 2^-26");
  const math::Parts parts = math::split(step);
  std::int64_t multiplier = math::round(parts.fraction * math::power_of_two(31));
  int shift = parts.exponent;
  if (multiplier == std::int64_t{1} << 31) multiplier /= 2, ++shift;
  // Differences beyond the radius would not fit Q5: their exponential is 0.
  const auto radius = static_cast<std::int64_t>(31 * math::power_of_two(26 - shift));
  SoftmaxRecord r{};
  r.header.magic = ZKVM_NN_MAGIC;
  r.header.kind = ZKVM_NN_SOFTMAX;
  r.header.bytes = sizeof r;
  r.header.rows = o.rows, r.header.cols = o.cols;
  for (int d = 0; d < 256 && d <= radius; ++d) {
    const auto shifted = static_cast<std::int32_t>(-(std::int64_t{d} << shift));
    r.exponential[d] = software::exp_on_negative_values(
        software::rounding_doubling_high_mul(shifted, static_cast<std::int32_t>(multiplier)));
  }
  return r;
}

/// Layer norm; gamma and beta are rounded to 14 bits of the larger of max |gamma| and max |beta| / 32. The error of an
/// output before its rounding is below 2^-9 * max |gamma| output steps / output scale for rows that are not constant.
template <std::size_t COLS>
constexpr auto layer_norm_layer(const LayerNorm& o, const float (&gamma)[COLS], const float (&beta)[COLS]) {
  static_assert(COLS % 4 == 0 && COLS <= 4096, "nn: a layer norm has a multiple of 4 columns, at most 4096");
  constexpr std::size_t SIZE = detail::record_bytes(COLS * sizeof(zkvm_nn_norm));
  static_assert(sizeof(LayerNormRecord<COLS>) == SIZE);
  if (o.rows < 1) refuse("nn: a layer norm has at least one row");
  detail::check_zero_point(o.output);
  double unit = 0;  // of gamma; beta's is unit / 2^10
  for (std::size_t c = 0; c < COLS; ++c) {
    const double g = static_cast<double>(gamma[c] < 0 ? -gamma[c] : gamma[c]);
    const double b = static_cast<double>(beta[c] < 0 ? -beta[c] : beta[c]);
    unit = std::max({unit, g / 8191, b / (1 << 18)});
  }
  if (!(unit > 0)) unit = 1;
  const double columns = static_cast<double>(COLS), step = static_cast<double>(o.input_scale);
  const double epsilon = o.epsilon * columns * columns / (step * step);
  const Scale scale = quantize_multiplier(unit / 1024 / static_cast<double>(o.output.scale));
  LayerNormRecord<COLS> r{};
  r.header.magic = ZKVM_NN_MAGIC;
  r.header.kind = ZKVM_NN_LAYER_NORM;
  r.header.bytes = SIZE;
  r.header.rows = o.rows, r.header.cols = static_cast<std::int32_t>(COLS);
  r.header.epsilon = epsilon < 1 ? 1 : epsilon > INT32_MAX ? INT32_MAX : static_cast<std::int32_t>(epsilon);
  r.header.out_zp = o.output.zero_point;
  r.header.act_min = -128, r.header.act_max = 127;
  r.header.multiplier = scale.multiplier, r.header.shift = scale.shift;
  for (std::size_t c = 0; c < COLS; ++c) {
    r.channels[c].gamma = static_cast<std::int32_t>(math::round(static_cast<double>(gamma[c]) / unit));
    r.channels[c].beta = static_cast<std::int32_t>(math::round(static_cast<double>(beta[c]) / unit * 1024));
  }
  return r;
}

}  // namespace zkvm::nn
