// Layers that are sums of products with constants.
#include <algorithm>

#include "guest-sdk/compiler/tflite/importer.hpp"
#include "guest-sdk/include/zkvm/nn/software.hpp"

namespace zkvm::compiler::tflite {
namespace {

constexpr int64_t MAX_KERNEL = 1 << 16;  // along an axis, with dilation
constexpr int64_t MAX_TAPS = 1 << 20, MAX_PAIRS = 1 << 28;

/// What convolutions and fully connected layers have: [out][taps][in] weights, biases and scales.
struct Weights {
  std::vector<int8_t> values;
  std::vector<int32_t> biases;
  std::vector<float> scales;  // one for each output channel
  bool per_channel = false;
};

/// Reads inputs 1 and 2; `axis` is that of the output channels.
std::optional<Weights> read_weights(Layer& l, size_t rank, size_t axis) {
  const Tensor& t = l.input(1);
  Weights w;
  if (!l.require(t.shape.size() == rank, "weights", std::to_string(rank) + " dimensions", text(t.shape)))
    return std::nullopt;
  w.values = l.constant<int8_t>(1, format::TensorType::INT8, "weights");
  if (!l.ok()) return std::nullopt;
  const auto channels = static_cast<size_t>(t.shape[axis]);
  l.require(std::all_of(t.zero_points.begin(), t.zero_points.end(), [](int64_t z) { return z == 0; }), "weights",
            "zero points of 0", "others");
  w.per_channel = t.scales.size() > 1;
  l.require(t.scales.size() == 1 || t.scales.size() == channels, "weights",
            "1 or " + std::to_string(channels) + " scales", std::to_string(t.scales.size()));
  if (w.per_channel)
    l.require(t.quantized_dimension == static_cast<int32_t>(axis), "weights",
              "scales along axis " + std::to_string(axis), "along axis " + std::to_string(t.quantized_dimension));
  l.require(std::all_of(t.scales.begin(), t.scales.end(), [](float s) { return s >= 0 && s <= 3.4e38F; }), "weights",
            "scales of at least 0", "others");
  if (l.has_input(2)) {
    w.biases = l.constant<int32_t>(2, format::TensorType::INT32, "bias");
    if (l.ok())
      l.require(w.biases.size() == channels, "bias", std::to_string(channels) + " elements",
                std::to_string(w.biases.size()));
  } else {
    w.biases.assign(channels, 0);
  }
  if (!l.ok()) return std::nullopt;
  for (size_t c = 0; c < channels; ++c) w.scales.push_back(t.scales[w.per_channel ? c : 0]);
  return w;
}

/// A channel's scale where the graph cannot have it, for shifts above 13: something else of the same effect.
/// `weights` is the sum of the channel's |weights|.
bool fit_large_scale(nn::Scale& scale, int32_t& bias, int64_t weights, int32_t input_zero_point, int32_t zero_point) {
  if (scale.shift <= 13) return true;
  if (weights == 0) {  // a constant, with the wrapping of the kernel's left shift: as a bias of its own
    const int32_t result = nn::software::requantise_to_int8(bias, scale, zero_point, -128, 127);
    bias = result - zero_point;
    scale = {1 << 30, 1};  // 1
    return true;
  }
  // Every accumulator other than 0 saturates the output, unless the left shift wraps.
  const int64_t reach = std::max(127 - input_zero_point, input_zero_point + 128);
  if (std::abs(int64_t{bias}) + weights * reach >= int64_t{1} << (31 - scale.shift)) return false;
  scale = {1 << 30, 13};
  return true;
}

/// Fills in what depends on quantisation. `scale_of` gives a channel's factor from accumulator to output; `sum_of` its
/// sum of |weights|.
template <class ScaleOf, class SumOf>
void set_requantise(Layer& l, Linear& linear, format::Activation activation, ScaleOf scale_of, SumOf sum_of) {
  const nn::Quantization output = l.output_quantization();
  linear.requantise.zero_point = output.zero_point;
  linear.requantise.range = l.range(activation);
  for (size_t c = 0; c < linear.biases.size() && l.ok(); ++c) {
    std::optional<nn::Scale> scale = scale_of(c);
    const std::string where = "channel " + std::to_string(c);
    if (!l.require(scale.has_value(), where, "input scale * weight scale / output scale below 2^30", "a larger one"))
      return;
    if (!l.require(fit_large_scale(*scale, linear.biases[c], sum_of(c), linear.input_zero_point, output.zero_point),
                   where, "input scale * weight scale / output scale below 2^13", "a larger one"))
      return;
    linear.requantise.scales.push_back(*scale);
  }
}

struct Options {
  format::Padding padding;
  int32_t stride_h, stride_w, dilation_h, dilation_w;
  format::Activation activation;
};

/// Both convolutions.
void convert(Layer& l, const Options& o, bool depthwise, int32_t multiplier) {
  const std::optional<Weights> weights = read_weights(l, 4, depthwise ? 3 : 0);
  l.require(l.input(0).shape.size() == 4, "input", "4 dimensions", text(l.input(0).shape));
  l.require(o.dilation_h >= 1 && o.dilation_w >= 1, "dilation", "at least 1",
            std::to_string(o.dilation_h) + " x " + std::to_string(o.dilation_w));
  const ValueId x = l.value(0);
  const nn::Quantization input = l.input_quantization(0), output = l.output_quantization();
  if (!l.ok()) return;
  const std::span<const int32_t> sizes = l.input(1).shape;
  const Shape in = l.shape(x);
  const int32_t kernel_h = sizes[1], kernel_w = sizes[2], out_c = sizes[depthwise ? 3 : 0];
  if (depthwise) {
    l.require(sizes[0] == 1, "weights", "a first dimension of 1", std::to_string(sizes[0]));
    l.require(multiplier >= 1 && int64_t{in.c} * multiplier == out_c, "depth multiplier",
              "one that makes " + std::to_string(out_c) + " channels from " + std::to_string(in.c),
              std::to_string(multiplier));
  } else {
    l.require(sizes[3] == in.c, "weights", std::to_string(in.c) + " input channels", std::to_string(sizes[3]));
  }
  const int64_t tall = int64_t{kernel_h - 1} * o.dilation_h + 1, wide = int64_t{kernel_w - 1} * o.dilation_w + 1;
  const std::optional<Placed> placed = place_window(l, in, tall, wide, o.stride_h, o.stride_w, o.padding);
  if (!l.ok() || !placed) return;

  Linear linear;
  // One input channel makes a convolution; several with a multiplier make one that is mostly zeros.
  const bool dense = !depthwise || multiplier != 1 || in.c == 1;
  const int64_t inputs = dense ? in.c : 1;
  linear.kind = dense ? Linear::Kind::CONV : Linear::Kind::DEPTHWISE;
  linear.window = placed->window;
  linear.input_zero_point = input.zero_point;
  linear.biases = weights->biases;
  const int64_t taps = tall * wide, pairs = out_c * inputs, size = taps * std::min(pairs, MAX_PAIRS);
  if (!l.require(taps <= MAX_TAPS && pairs <= MAX_PAIRS, "weights",
                 "at most 2^20 taps and 2^28 pairs of channels, zeros of dilation and depth multiplier included",
                 std::to_string(taps) + " and " + std::to_string(pairs)) ||
      !l.g.room_for(size))
    return;
  linear.weights.assign(static_cast<size_t>(size), 0);
  std::vector<int64_t> sums(static_cast<size_t>(out_c), 0);
  size_t index = 0;  // in the file's [out][h][w][in], or [h][w][out]
  const auto put = [&](int64_t out, int64_t row, int64_t col, int64_t channel) {
    const int8_t weight = weights->values[index++];
    const int64_t tap = row * o.dilation_h * wide + col * o.dilation_w;
    const int64_t to = dense ? (out * taps + tap) * inputs + channel : tap * out_c + out;
    linear.weights[static_cast<size_t>(to)] = weight;
    sums[static_cast<size_t>(out)] += weight < 0 ? -weight : weight;
  };
  if (depthwise) {
    for (int32_t row = 0; row < kernel_h; ++row)
      for (int32_t col = 0; col < kernel_w; ++col)
        for (int32_t out = 0; out < out_c; ++out) put(out, row, col, out / multiplier);
  } else {
    for (int32_t out = 0; out < out_c; ++out)
      for (int32_t row = 0; row < kernel_h; ++row)
        for (int32_t col = 0; col < kernel_w; ++col)
          for (int32_t channel = 0; channel < in.c; ++channel) put(out, row, col, channel);
  }
  set_requantise(
      l, linear, o.activation, [&](size_t c) { return channel_scale(input.scale, weights->scales[c], output.scale); },
      [&](size_t c) { return sums[c]; });
  const Shape shape{placed->out_h, placed->out_w, out_c};
  if (l.ok() && l.require_shape(shape)) l.emit({x}, std::move(linear), shape);
}

}  // namespace

std::optional<Placed> place_window(Layer& l, Shape in, int64_t kernel_h, int64_t kernel_w, int32_t stride_h,
                                   int32_t stride_w, format::Padding padding) {
  const bool same = padding == format::Padding::SAME;
  l.require(same || padding == format::Padding::VALID, "padding", "SAME or VALID",
            "number " + std::to_string(static_cast<int>(padding)));
  l.require(stride_h >= 1 && stride_w >= 1, "stride", "at least 1",
            std::to_string(stride_h) + " x " + std::to_string(stride_w));
  const bool fits = l.require(kernel_h >= 1 && kernel_w >= 1 && kernel_h <= MAX_KERNEL && kernel_w <= MAX_KERNEL,
                              "kernel", "1 to 2^16 in each direction, with dilation",
                              std::to_string(kernel_h) + " x " + std::to_string(kernel_w));
  if (fits && !same)
    l.require(kernel_h <= in.h && kernel_w <= in.w, "kernel", "at most the input's size " + text(in),
              std::to_string(kernel_h) + " x " + std::to_string(kernel_w));
  if (!l.ok()) return std::nullopt;
  Placed p;
  const auto axis = [same](int64_t size, int64_t kernel, int64_t stride, int32_t& outputs, int32_t& before,
                           int32_t& after) {
    const int64_t count = same ? (size + stride - 1) / stride : (size - kernel) / stride + 1;
    const int64_t total = same ? std::max<int64_t>(0, (count - 1) * stride + kernel - size) : 0;
    outputs = static_cast<int32_t>(count);
    before = static_cast<int32_t>(total / 2);
    after = static_cast<int32_t>(total - total / 2);
  };
  axis(in.h, kernel_h, stride_h, p.out_h, p.window.top, p.window.bottom);
  axis(in.w, kernel_w, stride_w, p.out_w, p.window.left, p.window.right);
  p.window.kernel_h = static_cast<int32_t>(kernel_h), p.window.kernel_w = static_cast<int32_t>(kernel_w);
  p.window.stride_h = stride_h, p.window.stride_w = stride_w;
  return p;
}

void convert_conv(Layer& l) {
  const auto* o = l.options<format::Conv2DOptions>();
  if (!l.count_inputs(2, 3) || o == nullptr) return;
  convert(l, {o->padding(), o->stride_h(), o->stride_w(), o->dilation_h(), o->dilation_w(), o->activation()}, false, 1);
}

void convert_depthwise_conv(Layer& l) {
  const auto* o = l.options<format::DepthwiseConv2DOptions>();
  if (!l.count_inputs(2, 3) || o == nullptr) return;
  convert(l, {o->padding(), o->stride_h(), o->stride_w(), o->dilation_h(), o->dilation_w(), o->activation()}, true,
          o->depth_multiplier());
}

void convert_fully_connected(Layer& l) {
  const auto* o = l.options<format::FullyConnectedOptions>();
  if (!l.count_inputs(2, 3) || o == nullptr) return;
  l.require(o->weights_format() == format::WeightsFormat::DEFAULT, "weights format", "DEFAULT",
            "number " + std::to_string(static_cast<int>(o->weights_format())));
  const std::optional<Weights> weights = read_weights(l, 2, 0);
  const ValueId x = l.value(0);
  const nn::Quantization input = l.input_quantization(0), output = l.output_quantization();
  if (!l.ok()) return;
  const int32_t out_c = l.input(1).shape[0], in_c = l.input(1).shape[1];
  const int64_t elements = l.shape(x).elements();
  if (!l.require(elements % in_c == 0, "input", "a multiple of " + std::to_string(in_c) + " elements",
                 std::to_string(elements)))
    return;
  const Tensor& w = l.input(1);
  if (l.has_input(2) && !weights->per_channel) {
    const double product = static_cast<double>(input.scale) * static_cast<double>(w.scales[0]);
    const std::span<const float> found = l.input(2).scales;
    const double bias = found.empty() ? 0 : static_cast<double>(found[0]);
    l.require(std::abs(product - bias) / static_cast<double>(output.scale) <= 0.02, "bias",
              "the scale input scale * weight scale, " + std::to_string(product), std::to_string(bias));
  }
  const Shape rows{1, static_cast<int32_t>(elements / in_c), in_c};
  if (!l.g.room_for(static_cast<int64_t>(weights->values.size()))) return;
  Linear linear;
  linear.kind = Linear::Kind::FULLY_CONNECTED;
  linear.weights = weights->values;
  linear.biases = weights->biases;
  linear.input_zero_point = input.zero_point;
  const auto scale = [&](size_t c) { return channel_scale(input.scale, weights->scales[c], output.scale); };
  set_requantise(l, linear, o->activation(), scale, [&](size_t c) {
    int64_t sum = 0;
    for (size_t i = 0; i < static_cast<size_t>(in_c); ++i)
      sum += std::abs(int{linear.weights[c * static_cast<size_t>(in_c) + i]});
    return sum;
  });
  const Tensor& out = l.output();
  l.require(!out.shape.empty() && out.shape.back() == out_c, "output shape",
            "a last dimension of " + std::to_string(out_c), text(out.shape));
  if (l.ok()) l.emit({l.reshaped(x, rows)}, std::move(linear), {1, rows.w, out_c});
}

/// A mean is a sum with weights of 1 that is requantised, in the kernel as here.
void convert_mean(Layer& l) {
  if (!l.count_inputs(2, 2)) return;
  const std::vector<int64_t> axes = l.integers(1, "axes");
  const ValueId x = l.value(0);
  const nn::Quantization input = l.input_quantization(0), output = l.output_quantization();
  if (!l.ok()) return;
  const auto rank = static_cast<int64_t>(l.input(0).shape.size());
  const Shape in = l.shape(x);
  bool over[3] = {false, false, false};  // height, width, channels
  std::vector<bool> reduced(static_cast<size_t>(rank), false);
  for (const int64_t given : axes) {
    const int64_t axis = given < 0 ? given + rank : given;
    if (!l.require(axis >= 0 && axis < rank, "axes", "axes of the input " + text(l.input(0).shape),
                   std::to_string(given)))
      return;
    reduced[static_cast<size_t>(axis)] = true;
    if (axis >= rank - 3) over[axis - (rank - 3)] = true;
  }
  std::vector<int32_t> kept, dropped;  // the output's shape, with and without dimensions of 1
  for (size_t i = 0; i < reduced.size(); ++i) {
    kept.push_back(reduced[i] ? 1 : l.input(0).shape[i]);
    if (!reduced[i]) dropped.push_back(l.input(0).shape[i]);
  }
  const std::span<const int32_t> found = l.output().shape;
  l.require(std::equal(found.begin(), found.end(), kept.begin(), kept.end()) ||
                std::equal(found.begin(), found.end(), dropped.begin(), dropped.end()),
            "output shape", text(kept) + " or " + text(dropped), text(found));
  const Shape out{over[0] ? 1 : in.h, over[1] ? 1 : in.w, over[2] ? 1 : in.c};
  const int64_t count = in.elements() / out.elements();
  const std::optional<nn::Scale> scale = mean_scale(input, output, count);
  l.require(scale && scale->shift <= 13, "scales", "input scale / output scale below 2^13",
            text(input) + " to " + text(output));
  Linear linear;
  linear.kind = over[2] ? Linear::Kind::CONV : Linear::Kind::DEPTHWISE;
  linear.window.kernel_h = over[0] ? in.h : 1;
  linear.window.kernel_w = over[1] ? in.w : 1;
  const int64_t weights = int64_t{linear.window.kernel_h} * linear.window.kernel_w * in.c;
  if (!l.ok() || !l.g.room_for(weights)) return;
  linear.weights.assign(static_cast<size_t>(weights), 1);
  linear.biases.assign(static_cast<size_t>(out.c), 0);
  linear.input_zero_point = input.zero_point;
  linear.requantise.scales.assign(static_cast<size_t>(out.c), *scale);
  linear.requantise.zero_point = output.zero_point;
  l.emit({x}, std::move(linear), out);
}

}  // namespace zkvm::compiler::tflite
