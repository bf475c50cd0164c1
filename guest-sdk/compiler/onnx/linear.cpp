// Sums of products: convolutions and matrix products, of integers and between DequantizeLinear and QuantizeLinear.
#include <algorithm>

#include "guest-sdk/compiler/onnx/importer.hpp"

namespace zkvm::compiler::onnx {
namespace {

constexpr int64_t LARGEST_SUM = 1 << 29;  // where thresholds end

/// Weights minus their zero points, in the file's order of dimensions.
struct Weights {
  std::vector<int32_t> values;
  std::vector<int64_t> dims;
  std::vector<int32_t> zero_points;  ///< that were subtracted: one, or one for each channel
};

/// What is added to a layer's sums.
struct Bias {
  std::vector<int32_t> integers;
  std::vector<float> reals;  ///< if it is no multiple of the sums' scales
};

Weights weights_of(Call& call, const Quantised& q) {
  Weights w{q.integers->integers, q.integers->dims, q.zero_points};
  if (q.integers->type == Type::INT32 || w.values.empty()) call.refuse("expected weights of int8 or uint8");
  int64_t inner = 1;
  for (size_t d = static_cast<size_t>(std::max<int64_t>(q.axis, 0)) + 1; d < w.dims.size(); ++d) inner *= w.dims[d];
  const auto channels = static_cast<int64_t>(q.zero_points.size());
  for (int64_t i = 0; i < static_cast<int64_t>(w.values.size()); ++i)
    w.values[static_cast<size_t>(i)] -= q.zero_points[static_cast<size_t>(channels > 1 ? i / inner % channels : 0)];
  return w;
}

/// Weights of an operator between DequantizeLinear and QuantizeLinear.
Quantised dequantised_weights(Call& call, size_t input) {
  if (const auto* q = std::get_if<Quantised>(&call.item(input))) return *q;
  call.refuse("expected int8 or uint8 weights with a DequantizeLinear behind them, found " + call.describe(input));
}

Bias bias_of(Call& call, size_t input, size_t channels, float x_scale, const std::vector<float>& weight_scales) {
  Bias bias;
  if (!call.has(input)) return bias;
  const Item& item = call.item(input);
  const auto fits = [&](const std::vector<int64_t>& dims, size_t elements) {
    const bool flat = std::all_of(dims.begin(), dims.end() - (dims.empty() ? 0 : 1), [](int64_t d) { return d == 1; });
    if (!flat || (elements != channels && elements != 1))
      call.refuse("expected a bias for each of " + std::to_string(channels) + " channels, found " +
                  call.describe(input));
  };
  const auto* q = std::get_if<Quantised>(&item);
  bool multiples = q != nullptr && q->integers->type == Type::INT32;
  for (size_t c = 0; multiples && c < channels; ++c) {
    const float product = x_scale * weight_scales[weight_scales.size() == 1 ? 0 : c];
    const float scale = q->scales[q->scales.size() == 1 ? 0 : std::min(c, q->scales.size() - 1)];
    multiples = std::abs(scale - product) <= 1e-5F * product && q->zero_points[0] == 0;
  }
  if (multiples) {
    fits(q->integers->dims, q->integers->integers.size());
    bias.integers = q->integers->integers;
    bias.integers.resize(channels, bias.integers[0]);
    return bias;
  }
  const Tensor& t = call.constant(input);
  if (t.type != Type::FLOAT) call.refuse("expected a bias of float or int32, found " + call.describe(input));
  fits(t.dims, t.reals.size());
  for (const float x : t.reals)
    if (!std::isfinite(x)) call.refuse("expected finite biases");
  bias.reals = t.reals;
  bias.reals.resize(channels, bias.reals[0]);
  return bias;
}

Bias integer_bias(Call& call, size_t input, size_t channels) {
  if (!call.has(input)) return {};
  const Tensor& t = call.constant(input);
  const auto count = static_cast<size_t>(t.elements());
  if (t.type != Type::INT32 || (count != channels && count != 1))
    call.refuse("expected an int32 bias for each of " + std::to_string(channels) + " channels, found " +
                call.describe(input));
  Bias b{t.integers, {}};
  b.integers.resize(channels, b.integers[0]);
  return b;
}

/// A tensor's channels `parts` times, one behind the other. A layer of 1s makes them at 30 cells for a byte, with many
/// channels at more; guest code at 170.
ValueId copies(Call& call, const Activation& x, size_t parts) {
  constexpr int32_t MOST_CHANNELS = 256;
  const Shape in = x.layout.shape();
  Shape wide = in;
  wide.c *= static_cast<int32_t>(parts);
  call.check_dims({wide.h, wide.w, wide.c});
  Node node{call.op.name + "/copies", call.op.type, std::vector<ValueId>(parts, x.value), -1, Concat{2}};
  if (in.c <= MOST_CHANNELS && in.h * int64_t{in.w} > 1) {
    const auto ins = static_cast<size_t>(in.c), outs = static_cast<size_t>(wide.c);
    if (!call.importer.afford(static_cast<int64_t>(outs * (ins + sizeof(Thresholds)))))
      call.refuse("the model needs too much memory");
    Linear l;
    l.weights.assign(outs * ins, 0);
    for (size_t c = 0; c < outs; ++c) l.weights[c * ins + c % ins] = 1;
    l.biases.assign(outs, 0);
    Thresholds identity{};
    for (int32_t i = 0; i < 255; ++i) identity[static_cast<size_t>(i)] = i - 127;
    l.requantise.thresholds.assign(outs, identity);
    node.inputs = {x.value};
    node.operation = std::move(l);
  }
  return call.importer.emit(std::move(node), wide, call.op.name + "/copies", x.parameters.quantization());
}

/// The layer, from weights as [out][taps][in], or [taps][channel] if depthwise. Weights that do not fit into int8 are
/// sums of two or three that do, for copies of the input one behind the other; not if depthwise.
Accumulators layer(Call& call, const Activation& x, Linear::Kind kind, const Window& window,
                   const std::vector<int32_t>& weights, const Bias& bias, const Layout& out) {
  const Shape in = x.layout.shape();
  const auto channels = static_cast<size_t>(out.shape().c);
  const bool depthwise = kind == Linear::Kind::DEPTHWISE;
  Linear l;
  l.kind = kind;
  l.window = window;
  l.input_zero_point = x.parameters.quantization().zero_point;
  l.biases = bias.integers;
  l.biases.resize(channels, 0);

  const int64_t farthest = std::max(127 - l.input_zero_point, l.input_zero_point + 128);
  const size_t each = weights.size() / channels;
  int32_t low = 0, high = 0;
  for (size_t c = 0; c < channels; ++c) {
    int64_t sum = 0;
    int32_t least = 0, greatest = 0;
    for (size_t i = 0; i < each; ++i) {
      const int32_t w = weights[depthwise ? i * channels + c : c * each + i];
      sum += std::abs(w);
      least = std::min(least, w);
      greatest = std::max(greatest, w);
    }
    const int64_t largest = sum * farthest + std::abs(int64_t{l.biases[c]});
    if (largest >= LARGEST_SUM)
      call.refuse("channel " + std::to_string(c) + ": sums can be as large as " + std::to_string(largest) +
                  "; expected less than 2^29");
    low = std::min(low, least);
    high = std::max(high, greatest);
  }
  Accumulators a;
  a.node = {call.op.name, call.op.type, {x.value}, -1, {}};
  const size_t parts = low >= -128 && high <= 127 ? 1 : low >= -256 && high <= 254 ? 2 : 3;
  if (!call.importer.afford(static_cast<int64_t>(weights.size() * parts)))
    call.refuse("the model needs too much memory");
  if (parts > 1) a.node.inputs = {copies(call, x, parts)};
  const auto inputs = static_cast<size_t>(depthwise ? 1 : in.c);
  l.weights.reserve(weights.size() * parts);
  for (size_t first = 0; first < weights.size(); first += inputs) {
    std::vector<int32_t> rest(weights.begin() + static_cast<ptrdiff_t>(first),
                              weights.begin() + static_cast<ptrdiff_t>(first + inputs));
    for (size_t p = 0; p < parts; ++p)
      for (int32_t& w : rest) {
        const int32_t part = std::clamp(w, -128, 127);
        l.weights.push_back(static_cast<int8_t>(part));
        w -= part;
      }
  }
  a.node.operation = std::move(l);
  a.layout = out;
  a.channels = channels;
  return a;
}

void add_reals(Accumulators& a, const Bias& bias) {
  if (bias.reals.empty() || std::all_of(bias.reals.begin(), bias.reals.end(), [](float x) { return x == 0; })) return;
  a.steps.push_back({[reals = bias.reals](float x, size_t c) { return x + reals[c]; }, false, 0, 0, "bias"});
}

std::vector<float> products(float x, const std::vector<float>& weights) {
  std::vector<float> out;
  for (const float w : weights) out.push_back(x * w);
  return out;
}

/// Everything of a convolution but its scales.
struct Convolution {
  Accumulators sums;
  Bias bias;
};
template <class MakeBias>
Convolution convolution(Call& call, const Activation& unarranged, const Weights& w, MakeBias make_bias) {
  const Activation x = call.in_image_layout(unarranged);
  const size_t axes = x.layout.dims.size() - 2;  // of images
  const int64_t channels = x.layout.dims[1];
  if (w.dims.size() != axes + 2)
    call.refuse("expected weights of " + std::to_string(axes + 2) + " dimensions, found " + text(w.dims));
  const int64_t group = call.integer("group", 1), outputs = w.dims[0], each = w.dims[1];
  if (group < 1 || group > channels || outputs % group != 0 || each * group != channels)
    call.refuse("attribute group: expected groups that divide " + std::to_string(outputs) + " outputs and fit " +
                std::to_string(channels) + " channels with weights " + text(w.dims) + ", found " +
                std::to_string(group));
  const std::vector<int64_t> taps(w.dims.begin() + 2, w.dims.end());
  const std::vector<int64_t> shape = call.integers("kernel_shape", taps);
  if (shape != taps)
    call.refuse("attribute kernel_shape: expected " + text(taps) + " like the weights, found " + text(shape));
  const std::vector<int64_t> dilations = call.integers("dilations", std::vector<int64_t>(axes, 1));
  if (dilations.size() != axes || *std::min_element(dilations.begin(), dilations.end()) < 1)
    call.refuse("attribute dilations: expected " + std::to_string(axes) + " of at least 1, found " + text(dilations));
  std::vector<int64_t> kernel;
  for (size_t i = 0; i < axes; ++i) kernel.push_back((taps[i] - 1) * dilations[i] + 1);
  const Window window = window_of(call, x.layout, kernel, false);
  const Layout out = window_layout(call, x.layout, window, outputs);

  const bool depthwise = group == channels && outputs == channels && group > 1;
  for (size_t i = 0; depthwise && i < w.values.size(); ++i) {
    const size_t channel = i / (w.values.size() / static_cast<size_t>(outputs));
    if (w.values[i] < -128 || w.values[i] > 127)
      call.refuse("channel " + std::to_string(channel) + ": a weight minus the zero point " +
                  std::to_string(w.zero_points[w.zero_points.size() == 1 ? 0 : channel]) + " is " +
                  std::to_string(w.values[i]) +
                  "; expected -128 to 127 in a depthwise convolution: quantise its weights as "
                  "int8 (weight_type=QuantType.QInt8)");
  }
  const int64_t kernel_taps = int64_t{window.kernel_h} * window.kernel_w, ins = depthwise ? 1 : channels;
  if (static_cast<double>(kernel_taps) * static_cast<double>(ins) * static_cast<double>(outputs) >
      static_cast<double>(MAX_ELEMENTS))
    call.refuse("expected at most 2^27 weights with zeros for dilation and groups");
  if (!call.importer.afford(4 * kernel_taps * ins * outputs)) call.refuse("the model needs too much memory");
  std::vector<int32_t> weights(static_cast<size_t>(kernel_taps * ins * outputs), 0);
  const int64_t kh = axes == 2 ? taps[0] : 1, kw = taps[axes - 1];
  const int64_t dh = axes == 2 ? dilations[0] : 1, dw = dilations[axes - 1];
  size_t from = 0;
  for (int64_t o = 0; o < outputs; ++o)
    for (int64_t i = 0; i < each; ++i)
      for (int64_t ky = 0; ky < kh; ++ky)
        for (int64_t kx = 0; kx < kw; ++kx) {
          const int64_t tap = ky * dh * window.kernel_w + kx * dw;
          const int64_t input = o / (outputs / group) * each + i;
          const int64_t to = depthwise ? tap * channels + o : (o * kernel_taps + tap) * channels + input;
          weights[static_cast<size_t>(to)] = w.values[from++];
        }
  Bias bias = make_bias(static_cast<size_t>(outputs));
  Convolution c{layer(call, x, depthwise ? Linear::Kind::DEPTHWISE : Linear::Kind::CONV, window, weights, bias, out),
                {}};
  c.bias = std::move(bias);
  return c;
}

Item conv(Call& call) {
  const Activation x = call.affine(0);
  const Quantised q = dequantised_weights(call, 1);
  if (q.scales.size() > 1 && q.axis != 0)
    call.refuse("expected weight scales along dimension 0, found " + std::to_string(q.axis));
  auto [sums, bias] = convolution(call, x, weights_of(call, q), [&](size_t outputs) {
    return bias_of(call, 2, outputs, x.parameters.scale, q.scales);
  });
  sums.scales = products(x.parameters.scale, q.scales);
  add_reals(sums, bias);
  return sums;
}

Item qlinear_conv(Call& call) {
  const Activation x = call.quantised(0);
  const Quantised q = call.quantised_constant(3, 4, 5, 0);
  const Parameters to = call.parameters(6, 7, x.parameters.type);
  auto [sums, bias] =
      convolution(call, x, weights_of(call, q), [&](size_t outputs) { return integer_bias(call, 8, outputs); });
  sums.scales = products(x.parameters.scale, q.scales);
  return call.quantise(sums, to, call.output());
}

/// An int8 tensor whose zero point alone is at `zero_point`.
Activation with_zero_point(Call& call, size_t input, size_t zero_point) {
  Activation x = call.integers_of(input);
  x.parameters = {1, 0, x.type};
  if (call.has(zero_point)) {
    const Tensor& z = call.constant(zero_point);
    if (z.type != x.type || z.elements() != 1)
      call.refuse("expected one zero point of " + text(x.type) + ", found " + call.describe(zero_point));
    x.parameters.zero_point = z.integers[0];
  }
  return x;
}

Quantised weights_with_zero_points(Call& call, size_t input, size_t zero_point, int64_t axis) {
  const auto* c = std::get_if<Constants>(&call.item(input));
  if (c == nullptr) call.refuse("expected constant weights, found " + call.describe(input));
  Quantised q{*c, {1.0F}, {0}, axis};
  if (!call.has(zero_point)) return q;
  const Tensor& z = call.constant(zero_point);
  const auto rank = static_cast<int64_t>((*c)->dims.size());
  const bool each = axis < rank && z.elements() == (*c)->dims[static_cast<size_t>(axis)] && z.dims.size() == 1;
  if (z.type != (*c)->type || (z.elements() != 1 && !each))
    call.refuse("expected zero points like the weights', found " + call.describe(zero_point));
  q.zero_points = z.integers;
  return q;
}

Item conv_integer(Call& call) {
  const Activation x = with_zero_point(call, 0, 2);
  const Quantised q = weights_with_zero_points(call, 1, 3, 0);
  Accumulators sums = convolution(call, x, weights_of(call, q), [](size_t) { return Bias{}; }).sums;
  sums.type = Type::INT32;
  return sums;
}

/// [..., rows, n] with n at the channels.
Layout rows_layout(Call& call, const std::vector<int64_t>& dims) {
  if (dims.empty()) call.refuse("expected a matrix, found a number");
  Layout l = linear_layout(dims);
  int axis = 2;
  for (size_t d = dims.size() - 1; d-- > 0;)
    if (dims[d] != 1 && --axis >= 0) l.axes[d] = axis;
  l.axes.back() = 2;
  if (axis < 0) call.refuse("expected at most two dimensions before the last that are not 1, found " + text(dims));
  return l;
}

/// x times constant weights [in][out], or [out][in] if `transposed`.
template <class MakeBias>
std::pair<Accumulators, Bias> product(Call& call, const Activation& unarranged, const Weights& w, bool transposed,
                                      MakeBias make_bias) {
  const size_t rank = w.dims.size();
  if (rank < 2 || std::any_of(w.dims.begin(), w.dims.end() - 2, [](int64_t d) { return d != 1; }))
    call.refuse("expected a matrix of weights, found " + text(w.dims));
  const int64_t ins = w.dims[rank - (transposed ? 1 : 2)], outs = w.dims[rank - (transposed ? 2 : 1)];
  std::vector<int64_t> dims = unarranged.layout.dims;
  if (dims.empty() || dims.back() != ins)
    call.refuse("expected rows of " + std::to_string(ins) + " for weights " + text(w.dims) + ", found " + text(dims));
  const Activation x = call.arranged(unarranged, rows_layout(call, dims));
  dims.back() = outs;
  call.check_dims(dims);
  Layout out = x.layout;
  out.dims = dims;
  std::vector<int32_t> weights;
  if (!call.importer.afford(4 * ins * outs)) call.refuse("the model needs too much memory");
  for (int64_t o = 0; o < outs; ++o)
    for (int64_t i = 0; i < ins; ++i)
      weights.push_back(w.values[static_cast<size_t>(transposed ? o * ins + i : i * outs + o)]);
  const Bias bias = make_bias(static_cast<size_t>(outs));
  const auto kind = x.layout.shape().h == 1 ? Linear::Kind::FULLY_CONNECTED : Linear::Kind::CONV;
  return {layer(call, x, kind, {}, weights, bias, out), bias};
}

/// A product of two tensors that depend on the input, [m][k] times [k][n].
Accumulators product(Call& call, Activation a, Activation b) {
  const auto matrix = [&](const Layout& l) {
    const size_t rank = l.dims.size();
    if (rank < 2 || std::any_of(l.dims.begin(), l.dims.end() - 2, [](int64_t d) { return d != 1; }))
      call.refuse("expected one product of matrices (all dimensions before the last two are 1), found " + text(l.dims));
    return std::pair(l.dims[rank - 2], l.dims[rank - 1]);
  };
  const auto [m, k] = matrix(a.layout);
  const auto [rows, n] = matrix(b.layout);
  if (rows != k)
    call.refuse("expected matrices that fit together, found " + text(a.layout.dims) + " and " + text(b.layout.dims));
  if (k * 255 * 255 >= LARGEST_SUM)
    call.refuse("sums can be as large as " + std::to_string(k * 255 * 255) + "; expected less than 2^29");
  a = call.arranged(std::move(a), rows_layout(call, a.layout.dims));
  MatMul p;
  const size_t rank = b.layout.dims.size();
  p.transposed = b.layout.axis(rank - 2) == 2;
  Layout to = b.layout;
  to.axes[rank - 2] = p.transposed ? 2 : 1;
  to.axes[rank - 1] = p.transposed ? 1 : 2;
  b = call.arranged(std::move(b), to);
  p.a_zero_point = a.parameters.quantization().zero_point;
  p.b_zero_point = b.parameters.quantization().zero_point;
  Accumulators out;
  out.node = {call.op.name, call.op.type, {a.value, b.value}, -1, p};
  out.channels = static_cast<size_t>(n);
  std::vector<int64_t> dims(std::max(a.layout.dims.size(), rank), 1);
  dims[dims.size() - 2] = m;
  dims.back() = n;
  call.check_dims(dims);
  out.layout = rows_layout(call, dims);
  return out;
}

void check_scales_along(Call& call, const Quantised& q, bool transposed) {
  const auto outs = static_cast<int64_t>(q.integers->dims.size()) - (transposed ? 2 : 1);
  if (q.scales.size() > 1 && q.axis != outs)
    call.refuse("expected weight scales along dimension " + std::to_string(outs) + ", the outputs, found " +
                std::to_string(q.axis));
}

Item matmul(Call& call) {
  const Activation a = call.affine(0);
  if (std::holds_alternative<Quantised>(call.item(1)) || call.is_constant(1)) {
    const Quantised q = dequantised_weights(call, 1);
    check_scales_along(call, q, false);
    Accumulators sums = product(call, a, weights_of(call, q), false, [](size_t) { return Bias{}; }).first;
    sums.scales = products(a.parameters.scale, q.scales);
    return sums;
  }
  const Activation b = call.affine(1);
  Accumulators sums = product(call, a, b);
  sums.scales = {a.parameters.scale * b.parameters.scale};
  return sums;
}

Item matmul_integer(Call& call) {
  const Activation a = with_zero_point(call, 0, 2);
  Accumulators sums;
  if (call.is_constant(1)) {
    const auto rank = static_cast<int64_t>(call.constant(1).dims.size());
    const Quantised q = weights_with_zero_points(call, 1, 3, rank - 1);
    sums = product(call, a, weights_of(call, q), false, [](size_t) { return Bias{}; }).first;
  } else {
    sums = product(call, a, with_zero_point(call, 1, 3));
  }
  sums.type = Type::INT32;
  return sums;
}

Item qlinear_matmul(Call& call) {
  const Activation a = call.quantised(0);
  const Parameters to = call.parameters(6, 7, a.parameters.type);
  Accumulators sums;
  if (call.is_constant(3)) {
    const Quantised q = call.quantised_constant(3, 4, 5, -1);
    sums = product(call, a, weights_of(call, q), false, [](size_t) { return Bias{}; }).first;
    sums.scales = products(a.parameters.scale, q.scales);
  } else {
    const Activation b = call.quantised(3);
    sums = product(call, a, b);
    sums.scales = {a.parameters.scale * b.parameters.scale};
  }
  return call.quantise(sums, to, call.output());
}

/// The matrix turned, by its description alone.
Activation maybe_turned(Call& call, Activation a, bool turned) {
  if (a.layout.dims.size() != 2) call.refuse("expected a matrix, found " + text(a.layout.dims));
  if (turned) {
    std::swap(a.layout.dims[0], a.layout.dims[1]);
    std::swap(a.layout.axes[0], a.layout.axes[1]);
  }
  return a;
}

/// Gemm and QGemm; the latter's inputs are quantised by the inputs behind them.
Item gemm(Call& call) {
  const bool quantised = call.op.type == "QGemm";
  const size_t b_input = quantised ? 3 : 1, bias_input = quantised ? 6 : 2;
  const bool a_turned = call.integer("transA", 0) != 0, b_turned = call.integer("transB", 0) != 0;
  const float alpha = call.real("alpha", 1), beta = quantised ? 1 : call.real("beta", 1);
  if (!(alpha > 0) || std::isinf(alpha))
    call.refuse("attribute alpha: expected more than 0, found " + std::to_string(alpha));
  if (beta != 1 && call.has(bias_input)) call.refuse("attribute beta: expected 1, found " + std::to_string(beta));
  const Activation a = maybe_turned(call, quantised ? call.quantised(0) : call.affine(0), a_turned);
  const float a_scale = alpha == 1 ? a.parameters.scale : alpha * a.parameters.scale;
  Accumulators sums;
  if (call.is_constant(b_input)) {
    const Quantised q = quantised ? call.quantised_constant(3, 4, 5, b_turned ? 0 : 1) : dequantised_weights(call, 1);
    check_scales_along(call, q, b_turned);
    auto [s, bias] = product(call, a, weights_of(call, q), b_turned, [&](size_t outs) {
      return quantised ? integer_bias(call, bias_input, outs) : bias_of(call, bias_input, outs, a_scale, q.scales);
    });
    sums = std::move(s);
    sums.scales = products(a_scale, q.scales);
    add_reals(sums, bias);
  } else {
    if (call.has(bias_input)) call.refuse("expected no bias for a product of two tensors that depend on the input");
    const Activation b = maybe_turned(call, quantised ? call.quantised(3) : call.affine(1), b_turned);
    sums = product(call, a, b);
    sums.scales = {a_scale * b.parameters.scale};
  }
  if (!quantised || !call.has(7)) return sums;
  return call.quantise(sums, call.parameters(7, 8, a.parameters.type), call.output());
}

}  // namespace

Item window_sums(Call& call, const Activation& x, const Window& window, const Layout& out, float scale) {
  const int64_t taps = int64_t{window.kernel_h} * window.kernel_w, channels = x.layout.shape().c;
  if (static_cast<double>(taps) * static_cast<double>(channels) > static_cast<double>(MAX_ELEMENTS) ||
      !call.importer.afford(taps * channels * 4))
    call.refuse("the model needs too much memory");
  const std::vector<int32_t> ones(static_cast<size_t>(taps * channels), 1);
  Accumulators a = layer(call, x, Linear::Kind::DEPTHWISE, window, ones, {}, out);
  a.scales = {scale};
  a.count = static_cast<float>(taps);
  return a;
}

Import find_linear(const std::string& type, bool microsoft) {
  static const std::unordered_map<std::string, Import> STANDARD{
      {"Conv", conv},     {"ConvInteger", conv_integer},     {"QLinearConv", qlinear_conv},
      {"MatMul", matmul}, {"MatMulInteger", matmul_integer}, {"QLinearMatMul", qlinear_matmul},
      {"Gemm", gemm}};
  if (microsoft) return type == "QGemm" ? gemm : nullptr;
  const auto found = STANDARD.find(type);
  return found == STANDARD.end() ? nullptr : found->second;
}

}  // namespace zkvm::compiler::onnx
