#include "guest-sdk/compiler/tflite/testing/cases.hpp"

#include <cmath>

#include "guest-sdk/compiler/tflite/testing/model_builder.hpp"

namespace zkvm::compiler::tflite::testing {
namespace {

using format::Activation;
using format::Padding;
using Sizes = std::vector<int32_t>;

/// Random data of a model.
class Data {
 public:
  explicit Data(uint64_t seed) : next_(seed << 20) {}
  uint64_t below(uint64_t n) { return noise(next_++) % n; }
  std::vector<int8_t> int8s(size_t n) {
    std::vector<int8_t> out(n);
    for (int8_t& x : out) x = static_cast<int8_t>(static_cast<int64_t>(below(255)) - 127);
    return out;
  }
  std::vector<int32_t> int32s(size_t n, int32_t limit) {
    std::vector<int32_t> out(n);
    for (int32_t& x : out)
      x = static_cast<int32_t>(static_cast<int64_t>(below(2 * static_cast<uint64_t>(limit) + 1)) - limit);
    return out;
  }
  std::vector<float> scales(size_t n, float least, float most) {
    std::vector<float> out(n);
    for (float& x : out) x = least + (most - least) * static_cast<float>(below(1 << 20)) / (1 << 20);
    return out;
  }

 private:
  uint64_t next_;
};

size_t elements(const Sizes& shape) {
  size_t n = 1;
  for (const int32_t size : shape) n *= static_cast<size_t>(size);
  return n;
}
int32_t outputs(int32_t in, int32_t kernel, int32_t stride, int32_t dilation, Padding padding) {
  const int32_t reach = (kernel - 1) * dilation + 1;
  return padding == Padding::SAME ? (in + stride - 1) / stride : (in - reach) / stride + 1;
}

struct Conv {
  int32_t h, w, c, out_c, kernel_h, kernel_w;
  int32_t stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  Padding padding = Padding::SAME;
  Activation activation = Activation::NONE;
  bool per_channel = true, bias = true;
  Quantised input{0.05F, -3}, output{0.2F, 5};
  int32_t multiplier = 0;  ///< depthwise if not 0
};

std::vector<uint8_t> conv(uint64_t seed, const Conv& o) {
  Data data(seed);
  ModelBuilder m;
  const bool depthwise = o.multiplier != 0;
  const auto channels = static_cast<size_t>(o.out_c);
  const Sizes kernel =
      depthwise ? Sizes{1, o.kernel_h, o.kernel_w, o.out_c} : Sizes{o.out_c, o.kernel_h, o.kernel_w, o.c};
  const int axis = depthwise ? 3 : 0;
  const std::vector<float> scales = data.scales(o.per_channel ? channels : 1, 0.001F, 0.02F);
  const int x = m.input({1, o.h, o.w, o.c}, o.input);
  const int weights = m.int8s(kernel, data.int8s(elements(kernel)), along(axis, scales));
  std::vector<int32_t> operands{x, weights};
  if (o.bias) {
    std::vector<float> bias_scales;
    for (const float s : scales) bias_scales.push_back(s * o.input.scales[0]);
    operands.push_back(m.int32s({o.out_c}, data.int32s(channels, 3000), along(0, bias_scales)));
  }
  const Sizes shape{1, outputs(o.h, o.kernel_h, o.stride_h, o.dilation_h, o.padding),
                    outputs(o.w, o.kernel_w, o.stride_w, o.dilation_w, o.padding), o.out_c};
  format::DepthwiseConv2DOptionsT d;
  d.padding = o.padding, d.activation = o.activation, d.depth_multiplier = o.multiplier;
  d.stride_h = o.stride_h, d.stride_w = o.stride_w, d.dilation_h = o.dilation_h, d.dilation_w = o.dilation_w;
  format::Conv2DOptionsT c;
  c.padding = o.padding, c.activation = o.activation;
  c.stride_h = o.stride_h, c.stride_w = o.stride_w, c.dilation_h = o.dilation_h, c.dilation_w = o.dilation_w;
  return m.bytes(m.add(depthwise ? Op::DEPTHWISE_CONV_2D : Op::CONV_2D, operands, shape, o.output,
                       depthwise ? options(d) : options(c)));
}

/// One tap, one input channel: the output channels' scales and biases are what is tested.
std::vector<uint8_t> pointwise(Quantised input, Quantised output, std::vector<int8_t> weights,
                               std::vector<float> scales, std::vector<int32_t> biases) {
  ModelBuilder m;
  const auto channels = static_cast<int32_t>(weights.size());
  const int x = m.input({1, 4, 4, 1}, input);
  const int w = m.int8s({channels, 1, 1, 1}, weights, along(0, scales));
  const int b = m.int32s({channels}, biases, along(0, scales));
  format::Conv2DOptionsT o;
  o.stride_h = o.stride_w = 1;
  return m.bytes(m.add(Op::CONV_2D, {x, w, b}, {1, 4, 4, channels}, output, options(o)));
}

struct Dense {
  Sizes in, out;
  bool per_channel = false, bias = true;
  Activation activation = Activation::NONE;
  Quantised input{0.03F, 7}, output{0.3F, -11};
};
std::vector<uint8_t> dense(uint64_t seed, const Dense& o) {
  Data data(seed);
  ModelBuilder m;
  const auto units = static_cast<size_t>(o.out.back());
  const size_t rows = elements(o.out) / units, depth = elements(o.in) / rows;
  const std::vector<float> scales = data.scales(o.per_channel ? units : 1, 0.002F, 0.03F);
  const int x = m.input(o.in, o.input);
  const int w = m.int8s({o.out.back(), static_cast<int32_t>(depth)}, data.int8s(units * depth), along(0, scales));
  std::vector<int32_t> operands{x, w};
  if (o.bias)
    operands.push_back(m.int32s({o.out.back()}, data.int32s(units, 2000), {scales[0] * o.input.scales[0], 0}));
  else
    operands.push_back(-1);
  format::FullyConnectedOptionsT f;
  f.activation = o.activation;
  return m.bytes(m.add(Op::FULLY_CONNECTED, operands, o.out, o.output, options(f)));
}

std::vector<uint8_t> mean(Sizes in, Sizes axes, Sizes out, Quantised input, Quantised output) {
  ModelBuilder m;
  const int x = m.input(std::move(in), std::move(input));
  const auto count = static_cast<int32_t>(axes.size());
  return m.bytes(m.add(Op::MEAN, {x, m.int32s({count}, axes)}, std::move(out), std::move(output)));
}

struct Pooling {
  Op op;
  int32_t h, w, c, kernel_h, kernel_w, stride_h, stride_w;
  Padding padding = Padding::SAME;
  Activation activation = Activation::NONE;
  Quantised quantised{0.1F, -20};
};
std::vector<uint8_t> pool(const Pooling& o) {
  ModelBuilder m;
  const int x = m.input({1, o.h, o.w, o.c}, o.quantised);
  format::Pool2DOptionsT p;
  p.padding = o.padding, p.activation = o.activation, p.filter_h = o.kernel_h, p.filter_w = o.kernel_w;
  p.stride_h = o.stride_h, p.stride_w = o.stride_w;
  return m.bytes(m.add(
      o.op, {x},
      {1, outputs(o.h, o.kernel_h, o.stride_h, 1, o.padding), outputs(o.w, o.kernel_w, o.stride_w, 1, o.padding), o.c},
      o.quantised, options(p)));
}

/// The options of ADD, SUB or MUL.
format::OptionsUnion arithmetic(Op op, Activation activation) {
  format::AddOptionsT add;
  format::SubOptionsT sub;
  format::MulOptionsT mul;
  add.activation = sub.activation = mul.activation = activation;
  return op == Op::ADD ? options(add) : op == Op::SUB ? options(sub) : options(mul);
}
/// An operand with `seed` other than 0 is a constant.
struct Operand {
  Sizes shape;
  Quantised quantised;
  uint64_t seed = 0;
};
std::vector<uint8_t> binary(Op op, const Operand& a, const Operand& b, Sizes shape, Quantised output,
                            Activation activation = Activation::NONE) {
  ModelBuilder m;
  const auto operand = [&](const Operand& o) {
    return o.seed == 0 ? m.input(o.shape, o.quantised)
                       : m.int8s(o.shape, Data(o.seed).int8s(elements(o.shape)), o.quantised);
  };
  const int first = operand(a), second = operand(b);
  return m.bytes(m.add(op, {first, second}, std::move(shape), std::move(output), arithmetic(op, activation)));
}

std::vector<uint8_t> unary(Op op, Quantised input, Quantised output, format::OptionsUnion o = {},
                           Sizes shape = {1, 4, 8, 8}) {
  ModelBuilder m;
  const int x = m.input(shape, std::move(input));
  return m.bytes(m.add(op, {x}, shape, std::move(output), std::move(o)));
}
std::vector<uint8_t> leaky(float alpha, Quantised input, Quantised output) {
  format::LeakyReluOptionsT o;
  o.alpha = alpha;
  return unary(Op::LEAKY_RELU, std::move(input), std::move(output), options(o));
}
std::vector<uint8_t> softmax(float beta, Quantised input, Sizes shape) {
  format::SoftmaxOptionsT o;
  o.beta = beta;
  return unary(Op::SOFTMAX, std::move(input), {1.0F / 256, -128}, options(o), std::move(shape));
}

/// Channels of one input, 0 at its zero point, so that the bias alone counts: `bias` is one for which a product of
/// scales rounded to float would give another output.
std::vector<uint8_t> dense_of_bias(float input, float weights, float output, int32_t bias) {
  ModelBuilder m;
  const int x = m.input({1, 1}, {input, 0});
  const int w = m.int8s({2, 1}, {0, 1}, {weights, 0}), b = m.int32s({2}, {bias, bias}, {input * weights, 0});
  return m.bytes(m.add(Op::FULLY_CONNECTED, {x, w, b}, {1, 2}, {output, 0}, options(format::FullyConnectedOptionsT())));
}

/// An operator with the input and constant integers, such as PAD.
std::vector<uint8_t> moved(Op op, Sizes in, Sizes integers_shape, Sizes integers, Sizes out) {
  ModelBuilder m;
  const Quantised q{0.1F, 9};
  const int x = m.input(std::move(in), q);
  return m.bytes(m.add(op, {x, m.int32s(std::move(integers_shape), integers)}, std::move(out), q));
}
std::vector<uint8_t> concatenation(int32_t axis, const std::vector<Sizes>& in, Sizes out, bool with_constant = false) {
  ModelBuilder m;
  const Quantised q{0.1F, 9};
  std::vector<int32_t> operands;
  for (const Sizes& shape : in) operands.push_back(m.input(shape, q));
  if (with_constant) operands.push_back(m.int8s(in[0], Data(77).int8s(elements(in[0])), q));
  format::ConcatenationOptionsT o;
  o.axis = axis;
  return m.bytes(m.add(Op::CONCATENATION, operands, std::move(out), q, options(o)));
}
std::vector<uint8_t> padv2() {
  ModelBuilder m;
  const Quantised q{0.1F, 9};
  const int x = m.input({1, 2, 3, 2}, q);
  const int paddings = m.int32s({4, 2}, {0, 0, 2, 0, 0, 1, 1, 1}), value = m.int8s({1}, {-77}, q);
  return m.bytes(m.add(Op::PADV2, {x, paddings, value}, {1, 4, 4, 4}, q));
}

std::vector<uint8_t> squeeze() {
  ModelBuilder m;
  const Quantised q{0.1F, 9};
  return m.bytes(m.add(Op::SQUEEZE, {m.input({1, 3, 1, 9}, q)}, {3, 9}, q));
}

/// uint8 in and out through QUANTIZE, int8 in between.
std::vector<uint8_t> unsigned_borders() {
  ModelBuilder m;
  const int x = m.input({1, 4, 8, 4}, {0.02F, 100}, Type::UINT8);
  const int a = m.add(Op::QUANTIZE, {x}, {1, 4, 8, 4}, {0.02F, -28});
  const int b = m.add(Op::TANH, {a}, {1, 4, 8, 4}, {1.0F / 128, 0});
  return m.bytes(m.add(Op::QUANTIZE, {b}, {1, 4, 8, 4}, {0.01F, 128}, {}, Type::UINT8));
}

/// A block of a residual network, squeeze and excitation included.
std::vector<uint8_t> block() {
  Data data(900);
  ModelBuilder m;
  const Quantised q{0.08F, -5};
  const int x = m.input({1, 6, 5, 4}, q);
  format::Conv2DOptionsT c;
  c.stride_h = c.stride_w = 1;
  c.activation = Activation::RELU;
  const int w1 = m.int8s({4, 3, 3, 4}, data.int8s(144), along(0, data.scales(4, 0.002F, 0.01F)));
  const int y = m.add(Op::CONV_2D, {x, w1}, {1, 6, 5, 4}, {0.1F, -128}, options(c));
  const int squeezed = m.add(Op::MEAN, {y, m.int32s({2}, {1, 2})}, {1, 4}, {0.09F, -128});
  const int w2 = m.int8s({4, 4}, data.int8s(16), {0.02F, 0});
  const int scores =
      m.add(Op::FULLY_CONNECTED, {squeezed, w2, -1}, {1, 4}, {0.07F, 3}, options(format::FullyConnectedOptionsT()));
  const int gates = m.add(Op::LOGISTIC, {scores}, {1, 4}, {1.0F / 256, -128});
  const int wide = m.add(Op::RESHAPE, {gates, m.int32s({4}, {1, 1, 1, 4})}, {1, 1, 1, 4}, {1.0F / 256, -128});
  const int gated = m.add(Op::MUL, {y, wide}, {1, 6, 5, 4}, {0.06F, -128}, arithmetic(Op::MUL, Activation::NONE));
  return m.bytes(m.add(Op::ADD, {x, gated}, {1, 6, 5, 4}, {0.11F, -7}, arithmetic(Op::ADD, Activation::RELU6)));
}

}  // namespace

std::vector<Case> cases() {
  std::vector<Case> all;
  const auto add = [&](const std::string& name, std::vector<uint8_t> model, const std::string& reference = "micro") {
    all.push_back({name, reference, std::move(model)});
  };
  using enum Activation;

  add("conv_valid", conv(1, {.h = 7,
                             .w = 5,
                             .c = 3,
                             .out_c = 4,
                             .kernel_h = 3,
                             .kernel_w = 3,
                             .padding = Padding::VALID,
                             .activation = RELU}));
  add("conv_same_stride_2", conv(2, {.h = 7,
                                     .w = 6,
                                     .c = 2,
                                     .out_c = 5,
                                     .kernel_h = 3,
                                     .kernel_w = 3,
                                     .stride_h = 2,
                                     .stride_w = 2,
                                     .input = {0.05F, -128}}));
  add("conv_dilated", conv(3, {.h = 9,
                               .w = 8,
                               .c = 2,
                               .out_c = 3,
                               .kernel_h = 3,
                               .kernel_w = 2,
                               .dilation_h = 2,
                               .dilation_w = 3,
                               .input = {0.05F, 127}}));
  add("conv_dilated_valid", conv(4, {.h = 9,
                                     .w = 8,
                                     .c = 1,
                                     .out_c = 3,
                                     .kernel_h = 2,
                                     .kernel_w = 3,
                                     .dilation_h = 4,
                                     .dilation_w = 2,
                                     .padding = Padding::VALID}));
  add("conv_per_tensor", conv(5, {.h = 4,
                                  .w = 4,
                                  .c = 3,
                                  .out_c = 3,
                                  .kernel_h = 2,
                                  .kernel_w = 2,
                                  .activation = RELU6,
                                  .per_channel = false,
                                  .bias = false,
                                  .output = {0.05F, -100}}));
  add("conv_kernel_above_input", conv(6, {.h = 3, .w = 2, .c = 2, .out_c = 4, .kernel_h = 5, .kernel_w = 5}));
  add("conv_stride_above_kernel", conv(7, {.h = 8,
                                           .w = 7,
                                           .c = 3,
                                           .out_c = 4,
                                           .kernel_h = 1,
                                           .kernel_w = 2,
                                           .stride_h = 3,
                                           .stride_w = 4,
                                           .activation = RELU_N1_TO_1}));
  add("conv_zero_points", conv(8, {.h = 5,
                                   .w = 5,
                                   .c = 2,
                                   .out_c = 2,
                                   .kernel_h = 3,
                                   .kernel_w = 3,
                                   .input = {0.05F, 127},
                                   .output = {0.2F, -128}}));
  add("conv_left_shifts", conv(9, {.h = 3,
                                   .w = 3,
                                   .c = 1,
                                   .out_c = 6,
                                   .kernel_h = 1,
                                   .kernel_w = 1,
                                   .input = {3.0F, 2},
                                   .output = {0.001F, 1}}));
  // Scales that become 0, and 2^-31; dead channels with large biases; scales from 2^13, beyond those of the graph.
  add("conv_small_scales",
      pointwise({1.0F, -4}, {1.0F, 3}, {127, -127, 5, 0, 0}, {0x1p-33F, 0x1p-32F, 0x1p-20F, 0x1p-31F, 0x1p-26F},
                {1 << 29, -(1 << 30), 1 << 29, INT32_MAX, INT32_MIN}));
  add("conv_large_scales",
      pointwise({1.0F, -4}, {1.0F, 3}, {1, -1, 3, 0, 0, 0},
                {0x1p13F, 0x1p14F, 0x1.8p13F, 0x1.9p16F, 0x1p20F, 0x1.cp28F}, {2, 0, -6, 12345678, -3, 1 << 30}));
  add("depthwise", conv(20, {.h = 6,
                             .w = 5,
                             .c = 5,
                             .out_c = 5,
                             .kernel_h = 3,
                             .kernel_w = 3,
                             .activation = RELU6,
                             .output = {0.03F, -128},
                             .multiplier = 1}));
  add("depthwise_valid_dilated", conv(21, {.h = 9,
                                           .w = 9,
                                           .c = 4,
                                           .out_c = 4,
                                           .kernel_h = 3,
                                           .kernel_w = 3,
                                           .dilation_h = 2,
                                           .dilation_w = 2,
                                           .padding = Padding::VALID,
                                           .multiplier = 1}));
  add("depthwise_stride_2", conv(22, {.h = 7,
                                      .w = 8,
                                      .c = 3,
                                      .out_c = 3,
                                      .kernel_h = 3,
                                      .kernel_w = 2,
                                      .stride_h = 2,
                                      .stride_w = 2,
                                      .per_channel = false,
                                      .input = {0.05F, -128},
                                      .multiplier = 1}));
  add("depthwise_of_one_channel", conv(23, {.h = 10,
                                            .w = 6,
                                            .c = 1,
                                            .out_c = 8,
                                            .kernel_h = 5,
                                            .kernel_w = 4,
                                            .stride_h = 2,
                                            .stride_w = 2,
                                            .activation = RELU,
                                            .multiplier = 8}));
  add("depthwise_multiplied",
      conv(24, {.h = 4, .w = 5, .c = 3, .out_c = 6, .kernel_h = 3, .kernel_w = 3, .bias = false, .multiplier = 2}));

  add("dense", dense(30, {.in = {1, 20}, .out = {1, 10}}));
  add("dense_no_bias", dense(31, {.in = {1, 9}, .out = {1, 3}, .bias = false, .activation = RELU}));
  add("dense_per_channel",
      dense(32, {.in = {1, 16}, .out = {1, 6}, .per_channel = true, .activation = RELU6, .output = {0.04F, -128}}));
  add("dense_of_image", dense(33, {.in = {1, 3, 2, 4}, .out = {1, 7}}));
  add("dense_rows", dense(34, {.in = {3, 8}, .out = {3, 5}, .input = {0.03F, -128}}));
  add("dense_rank_3", dense(35, {.in = {2, 3, 4}, .out = {2, 3, 5}, .input = {0.03F, 127}}));

  add("dense_double", dense_of_bias(0x1.a5a39cp-2F, 0x1.06ac36p-7F, 0x1.aca6d8p+8F, -4740143));

  const Quantised a{0.1F, -9}, b{0.07F, 20};
  add("mean_image", mean({1, 5, 7, 3}, {1, 2}, {1, 1, 1, 3}, a, b));
  add("mean_image_dropped", mean({1, 8, 8, 4}, {2, 1}, {1, 4}, a, a));
  add("mean_height", mean({1, 3, 4, 2}, {1}, {1, 4, 2}, a, b));
  add("mean_width", mean({1, 3, 11, 2}, {-2}, {1, 3, 1, 2}, a, {0.001F, 3}));
  add("mean_channels", mean({1, 3, 4, 6}, {3}, {1, 3, 4}, a, b));
  add("mean_all", mean({1, 3, 4, 5}, {1, 2, 3}, {1}, a, b));
  add("mean_of_row", mean({1, 100}, {1}, {1, 1}, {0.5F, -128}, {0.4F, -100}));
  add("mean_of_batch", mean({1, 4, 5}, {0, 1}, {5}, a, {3.0F, 0}));

  add("average_pool", pool({Op::AVERAGE_POOL_2D, 5, 6, 3, 2, 2, 2, 2}));
  add("average_pool_valid", pool({Op::AVERAGE_POOL_2D, 7, 6, 3, 3, 2, 2, 3, Padding::VALID, RELU}));
  add("average_pool_overlapping", pool({Op::AVERAGE_POOL_2D, 5, 5, 2, 3, 3, 1, 1, Padding::SAME, RELU6}));
  add("max_pool", pool({Op::MAX_POOL_2D, 5, 6, 3, 2, 2, 2, 2}));
  add("max_pool_overlapping", pool({Op::MAX_POOL_2D, 7, 5, 2, 3, 3, 2, 1, Padding::SAME, RELU_N1_TO_1}));
  add("max_pool_valid", pool({Op::MAX_POOL_2D, 7, 5, 2, 2, 3, 1, 2, Padding::VALID}));

  const Sizes image{1, 4, 8, 8};
  const Quantised sum{0.15F, -2};
  for (const auto& [op, name] : {std::pair{Op::ADD, "add"}, std::pair{Op::SUB, "sub"}, std::pair{Op::MUL, "mul"}}) {
    const std::string n = name;
    const Quantised out = op == Op::MUL ? Quantised{0.02F, 4} : sum;
    add(n, binary(op, {image, a}, {image, b}, image, out));
    add(n + "_relu", binary(op, {image, b}, {image, {0.0011F, 127}}, image, out, RELU));
    add(n + "_scalar", binary(op, {image, a}, {{}, b, 51}, image, out));
    add(n + "_scalar_first", binary(op, {{1}, b, 52}, {image, a}, image, out, RELU6));
    add(n + "_channels", binary(op, {image, a}, {{8}, {0.03F, 0}, 53}, image, out));
    add(n + "_channels_first", binary(op, {{1, 1, 1, 8}, {0.03F, -90}, 54}, {image, a}, image, out));
    add(n + "_map", binary(op, {image, a}, {{4, 8, 1}, b, 55}, image, out));
    add(n + "_constant", binary(op, {image, a}, {image, b, 56}, image, out));
    add(n + "_spread", binary(op, {image, a}, {{1, 1, 1, 8}, b}, image, out));
    add(n + "_spread_first", binary(op, {{1, 4, 1, 1}, a}, {image, b}, image, out));
  }
  add("mul_large_scale", binary(Op::MUL, {image, {30.0F, 1}}, {image, {20.0F, -2}}, image, {0.02F, 0}));
  add("add_far_scales", binary(Op::ADD, {image, {1e-7F, 1}}, {image, {2.0F, -128}}, image, {0.9F, 0}));
  add("sub_far_scales", binary(Op::SUB, {image, {0.3F, 127}}, {image, {0.0001F, -128}}, image, {0.01F, 0}));

  const Quantised quarter{1.0F / 256, -128}, half{1.0F / 128, 0};
  add("relu", unary(Op::RELU, a, {0.05F, -30}));
  add("relu_rescaled", unary(Op::RELU, {0.5F, 40}, {0.031F, -128}));
  add("relu_double", unary(Op::RELU, {0x1.df9e4cp-2F, 0}, {0x1.3fbedep-2F, -128}));
  add("relu6", unary(Op::RELU6, {0.05F, -30}, {0.05F, -30}));
  add("relu_n1_to_1", unary(Op::RELU_N1_TO_1, {0.05F, -30}, {0.02F, 3}), "lite");
  add("leaky_relu", leaky(0.1F, a, b));
  add("leaky_relu_negative", leaky(-1.7F, {0.3F, 90}, {0.2F, -5}));
  int number = 0;
  for (const Quantised& q :
       {Quantised{0.047F, -3}, Quantised{0.3F, 80}, Quantised{0.0009F, -128}, Quantised{5.0F, 127}}) {
    const std::string n = "_" + std::to_string(number++);
    add("logistic" + n, unary(Op::LOGISTIC, q, quarter));
    add("tanh" + n, unary(Op::TANH, q, half));
  }
  add("hard_swish", unary(Op::HARD_SWISH, {0.047F, -3}, {0.04F, -119}));
  add("hard_swish_narrow", unary(Op::HARD_SWISH, {0.01F, 0}, {0.006F, -80}));
  add("hard_swish_wide", unary(Op::HARD_SWISH, {0.5F, -100}, {0.6F, -128}));
  add("softmax", softmax(1.0F, {0.1F, 30}, {1, 12}));
  add("softmax_beta", softmax(0.3F, {0.6F, -128}, {1, 10}));
  add("softmax_sharp", softmax(1.0F, {9.0F, 0}, {1, 5}));
  add("softmax_flat", softmax(1.0F, {0.0001F, 0}, {1, 300}));
  add("softmax_of_image", softmax(1.0F, {0.05F, 1}, {1, 3, 2, 4}));

  const Quantised q{0.1F, 9};
  add("quantize", unary(Op::QUANTIZE, a, b));
  add("quantize_finer", unary(Op::QUANTIZE, {0.9F, 11}, {0.01F, -50}));
  add("unsigned_borders", unsigned_borders());
  add("reshape", moved(Op::RESHAPE, {1, 4, 3, 2}, {2}, {1, 24}, {1, 24}));
  add("expand_dims", moved(Op::EXPAND_DIMS, {4, 6}, {1}, {0}, {1, 4, 6}));
  add("squeeze", squeeze());
  add("concat_channels", concatenation(-1, {{1, 2, 3, 4}, {1, 2, 3, 1}, {1, 2, 3, 2}}, {1, 2, 3, 7}));
  add("concat_height", concatenation(1, {{1, 2, 3, 2}, {1, 1, 3, 2}}, {1, 3, 3, 2}));
  add("concat_rows", concatenation(0, {{2, 3}, {1, 3}}, {3, 3}));
  add("concat_constant", concatenation(2, {{1, 2, 3, 2}}, {1, 2, 6, 2}, true));
  add("pad", moved(Op::PAD, {1, 3, 4, 2}, {4, 2}, {0, 0, 1, 2, 3, 0, 0, 0}, {1, 6, 7, 2}));
  add("pad_channels", moved(Op::PAD, {1, 2, 2, 3}, {4, 2}, {0, 0, 0, 1, 0, 0, 2, 1}, {1, 3, 2, 6}));
  add("padv2", padv2());
  add("transpose", moved(Op::TRANSPOSE, {1, 3, 4, 2}, {4}, {0, 3, 1, 2}, {1, 2, 3, 4}));
  add("transpose_matrix", moved(Op::TRANSPOSE, {3, 5}, {2}, {1, 0}, {5, 3}));
  add("block", block());
  return all;
}

}  // namespace zkvm::compiler::tflite::testing
