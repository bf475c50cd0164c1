#include "guest-sdk/compiler/onnx/testing/cases.hpp"

#include "guest-sdk/compiler/onnx/testing/model_builder.hpp"

namespace zkvm::compiler::onnx::testing {
namespace {

/// Random data of a model.
class Data {
 public:
  explicit Data(uint64_t seed) : next_(seed << 20) {}
  uint64_t below(uint64_t n) { return noise(next_++) % n; }
  template <class T>
  std::vector<T> integers(size_t n, int64_t low, int64_t high) {
    std::vector<T> out(n);
    for (T& x : out) x = static_cast<T>(low + static_cast<int64_t>(below(static_cast<uint64_t>(high - low + 1))));
    return out;
  }
  std::vector<int8_t> int8s(size_t n) { return integers<int8_t>(n, -127, 127); }
  std::vector<uint8_t> uint8s(size_t n) { return integers<uint8_t>(n, 0, 255); }
  std::vector<float> reals(size_t n, float least, float most) {
    std::vector<float> out(n);
    for (float& x : out) x = least + (most - least) * static_cast<float>(below(1 << 20)) / (1 << 20);
    return out;
  }

 private:
  uint64_t next_;
};

size_t elements(const Dims& dims) {
  size_t n = 1;
  for (const int64_t d : dims) n *= static_cast<size_t>(d);
  return n;
}

// Scales without common divisors: results seldom lie in the middle of two integers.
constexpr Q A{0.05137F, -3}, B{0.07211F, 11}, OUT{0.2033F, 5}, U{0.04319F, 117, true}, V{0.2139F, 100, true};

struct Conv {
  Dims input, weights;
  Settings settings;
  Q from = A, to = OUT;
  bool per_channel = true;
  enum { NONE, INTEGERS, REALS } bias = INTEGERS;
  int32_t weights_zero_point = -1;  ///< of uint8; -1: int8
  std::string activation{};
};

/// Between DequantizeLinear and QuantizeLinear.
std::vector<uint8_t> conv(uint64_t seed, const Conv& o) {
  Data data(seed);
  ModelBuilder m;
  const auto channels = static_cast<size_t>(o.weights[0]);
  const std::vector<float> scales = data.reals(o.per_channel ? channels : 1, 0.002F, 0.02F);
  const size_t count = elements(o.weights);
  Names in{m.input(o.input, o.from)};
  if (o.weights_zero_point < 0)
    in.push_back(m.dequantised(o.weights, data.int8s(count), scales));
  else
    in.push_back(m.dequantised(o.weights, data.uint8s(count), scales, static_cast<uint8_t>(o.weights_zero_point)));
  if (o.bias == Conv::INTEGERS) {
    std::vector<float> products;
    for (const float s : scales) products.push_back(o.from.scale * s);
    in.push_back(m.dequantised(Dims{o.weights[0]}, data.integers<int32_t>(channels, -3000, 3000), products));
  } else if (o.bias == Conv::REALS) {
    in.push_back(m.constant(Dims{o.weights[0]}, data.reals(channels, -3, 3)));
  }
  std::string y = m.add("Conv", in, o.settings);
  if (o.activation == "Clip") y = m.add("Clip", {y, m.number(0.0F), m.number(6.0F)});
  if (o.activation == "Relu" || o.activation == "Sigmoid" || o.activation == "LeakyRelu") y = m.add(o.activation, {y});
  return m.quantised(y, o.to);
}

std::vector<uint8_t> qlinear_conv(uint64_t seed, const Conv& o) {
  Data data(seed);
  ModelBuilder m;
  const auto channels = static_cast<size_t>(o.weights[0]);
  const std::vector<float> scales = data.reals(o.per_channel ? channels : 1, 0.002F, 0.02F);
  const size_t count = elements(o.weights), zeros = scales.size();
  const Dims each = zeros == 1 ? Dims{} : Dims{static_cast<int64_t>(zeros)};
  const Names from = m.parameters(o.from), to = m.parameters(o.to);
  Names in{m.input(o.input, o.from.type()), from[0], from[1]};
  in.push_back(o.weights_zero_point < 0 ? m.constant(o.weights, data.int8s(count))
                                        : m.constant(o.weights, data.uint8s(count)));
  in.push_back(m.constant(each, scales));
  in.push_back(o.weights_zero_point < 0
                   ? m.constant(each, std::vector<int8_t>(zeros, 0))
                   : m.constant(each, std::vector<uint8_t>(zeros, static_cast<uint8_t>(o.weights_zero_point))));
  in.insert(in.end(), to.begin(), to.end());
  if (o.bias != Conv::NONE) in.push_back(m.constant(Dims{o.weights[0]}, data.integers<int32_t>(channels, -3000, 3000)));
  return m.bytes(m.add("QLinearConv", in, o.settings), o.to);
}

/// Weights as reals, quantised in the model.
std::vector<uint8_t> conv_of_real_weights(bool per_channel) {
  Data data(28);
  ModelBuilder m;
  const std::vector<float> scales = data.reals(per_channel ? 4 : 1, 0.004F, 0.02F);
  const size_t zeros = scales.size();
  const Dims each = zeros == 1 ? Dims{} : Dims{4};
  const std::string s = m.constant(each, scales), z = m.constant(each, std::vector<int8_t>(zeros, 0));
  const Settings axis{{"axis", 0}};
  const std::string x = m.input({1, 3, 6, 5}, U);
  const std::string w = m.add("QuantizeLinear", {m.constant({4, 3, 3, 3}, data.reals(108, -1, 1)), s, z}, axis);
  return m.quantised(m.add("Conv", {x, m.add("DequantizeLinear", {w, s, z}, axis)}), V);
}

/// As onnxruntime's quantize_dynamic leaves them, but with fixed scales.
std::vector<uint8_t> conv_integer() {
  Data data(30);
  ModelBuilder m;
  const std::string sums =
      m.add("ConvInteger", {m.input({1, 3, 5, 5}, U.type()), m.constant<uint8_t>({4, 3, 3, 3}, data.uint8s(108)),
                            m.number<uint8_t>(117), m.number<uint8_t>(131)});
  const std::string x = m.add("Mul", {m.add("Cast", {sums}, {{"to", 1}}), m.number(0.0004F)});
  return m.quantised(m.add("Add", {x, m.constant<float>({1, 4, 1, 1}, {0.5F, -1, 2, 0.25F})}), V);
}

struct Product {
  Dims a, b;
  Q from = A, to = OUT;
  bool per_channel = false, turned = false;
  float alpha = 1;
  enum { NONE, INTEGERS, REALS } bias = NONE;
};
/// Gemm if `gemm`, else MatMul, with constant weights.
std::vector<uint8_t> product(uint64_t seed, bool gemm, const Product& o) {
  Data data(seed);
  ModelBuilder m;
  const int64_t outs = o.turned ? o.b[0] : o.b.back(), axis = o.turned ? 0 : static_cast<int64_t>(o.b.size()) - 1;
  const auto count = static_cast<size_t>(outs);
  const std::vector<float> scales = data.reals(o.per_channel ? count : 1, 0.002F, 0.03F);
  Names in{m.input(o.a, o.from), m.dequantised(o.b, data.int8s(elements(o.b)), scales, int8_t{0}, axis)};
  if (o.bias == Product::INTEGERS)
    in.push_back(m.dequantised(Dims{outs}, data.integers<int32_t>(count, -2000, 2000), {o.from.scale * scales[0]}));
  if (o.bias == Product::REALS) in.push_back(m.constant(Dims{outs}, data.reals(count, -2, 2)));
  if (!gemm) return m.quantised(m.add("MatMul", in), o.to);
  Settings settings;
  if (o.turned) settings.push_back({"transB", 1});
  if (o.alpha != 1) settings.push_back({"alpha", o.alpha});
  return m.quantised(m.add("Gemm", in, settings), o.to);
}

std::vector<uint8_t> product_of_inputs(const std::string& type, const Dims& a, const Dims& b,
                                       const Settings& settings = {}) {
  ModelBuilder m;
  const std::string x = m.input(a, A);
  return m.quantised(m.add(type, {x, m.input(b, B)}, settings), {0.1077F, 2});
}

std::vector<uint8_t> qlinear_matmul(bool constant) {
  Data data(41);
  ModelBuilder m;
  const Names from = m.parameters(U), to = m.parameters(V), other = m.parameters({0.013F, 120, true});
  const std::string x = m.input({3, 12}, U.type());
  const std::string y = constant ? m.constant<uint8_t>({12, 5}, data.uint8s(60)) : m.input({12, 5}, U.type());
  return m.bytes(m.add("QLinearMatMul", {x, from[0], from[1], y, other[0], other[1], to[0], to[1]}), V);
}
std::vector<uint8_t> qgemm(bool turned) {
  Data data(42);
  ModelBuilder m;
  const Names from = m.parameters(U), to = m.parameters(V);
  const Dims dims = turned ? Dims{5, 12} : Dims{12, 5};
  return m.bytes(
      m.microsoft("QGemm",
                  {m.input({1, 12}, U.type()), from[0], from[1], m.constant(dims, data.int8s(60)), m.number(0.011F),
                   m.number<int8_t>(0), m.constant(Dims{5}, data.integers<int32_t>(5, -900, 900)), to[0], to[1]},
                  {{"transB", turned ? 1 : 0}}),
      V);
}
std::vector<uint8_t> matmul_integer() {
  Data data(43);
  ModelBuilder m;
  const std::string sums =
      m.add("MatMulInteger", {m.input({2, 16}, A.type()), m.constant({16, 6}, data.int8s(96)), m.number<int8_t>(-3)});
  const std::string x =
      m.add("Mul", {m.add("Cast", {sums}, {{"to", 1}}), m.constant(Dims{6}, data.reals(6, 1e-4F, 1e-3F))});
  return m.quantised(m.add("Relu", {m.add("Add", {x, m.constant(Dims{6}, data.reals(6, -1, 1))})}), {0.03F, -128});
}

std::vector<uint8_t> unary(const std::string& type, Q from, Q to, const Settings& settings = {}) {
  ModelBuilder m;
  return m.quantised(m.add(type, {m.input({1, 4, 8, 8}, from)}, settings), to);
}
std::vector<uint8_t> clip(Q from, Q to, float low, float high) {
  ModelBuilder m;
  return m.quantised(m.add("Clip", {m.input({1, 64}, from), m.number(low), m.number(high)}), to);
}
/// x * sigmoid(x) without integers between.
std::vector<uint8_t> swish() {
  ModelBuilder m;
  const std::string x = m.input({1, 256}, A);
  return m.quantised(m.add("Mul", {x, m.add("Sigmoid", {x})}), {0.04F, -120});
}

std::vector<uint8_t> binary(const std::string& type, Q a, Q b, Q to, const Dims& first = {1, 3, 4, 5},
                            const Dims& second = {1, 3, 4, 5}, const std::string& activation = "") {
  ModelBuilder m;
  const std::string x = m.input(first, a);
  std::string y = m.add(type, {x, m.input(second, b)});
  if (!activation.empty()) y = m.add(activation, {y});
  return m.quantised(y, to);
}
std::vector<uint8_t> with_constant(const std::string& type, const Dims& dims, bool quantised) {
  Data data(60);
  ModelBuilder m;
  const std::string x = m.input({1, 3, 4, 5}, A);
  const std::string c = quantised ? m.dequantised(dims, data.int8s(elements(dims)), {0.04F}) : m.number(1.75F);
  return m.quantised(m.add(type, {x, c}), {0.11F, 7});
}
std::vector<uint8_t> qlinear_binary(const std::string& type, const Dims& second) {
  ModelBuilder m;
  const Names a = m.parameters(U), b = m.parameters({0.031F, 140, true}), to = m.parameters(V);
  const std::string x = m.input({1, 3, 4, 5}, U.type());
  return m.bytes(m.microsoft(type, {x, a[0], a[1], m.input(second, U.type()), b[0], b[1], to[0], to[1]}), V);
}
std::vector<uint8_t> qlinear_unary(const std::string& type, Q from, Q to, const Dims& dims,
                                   const Settings& settings = {}) {
  ModelBuilder m;
  const Names a = m.parameters(from), b = m.parameters(to);
  return m.bytes(m.microsoft(type, {m.input(dims, from.type()), a[0], a[1], b[0], b[1]}, settings), to);
}

std::vector<uint8_t> softmax(Q from, const Dims& dims, int64_t axis, int64_t opset = 17) {
  ModelBuilder m(opset);
  return m.quantised(m.add("Softmax", {m.input(dims, from)}, {{"axis", axis}}), {1.0F / 256, -128});
}

/// An operator that moves elements, on reals.
std::vector<uint8_t> moved(const std::string& type, const Dims& dims, const Settings& settings = {}) {
  ModelBuilder m;
  return m.quantised(m.add(type, {m.input(dims, A)}, settings), A);
}
std::vector<uint8_t> moved_by(const std::string& type, const Dims& dims, const Dims& list) {
  ModelBuilder m;
  const std::string x = m.input(dims, A);
  return m.quantised(m.add(type, {x, m.list(list)}), A);
}
/// As frameworks write x.view(x.size(0), -1).
std::vector<uint8_t> reshape_by_shape() {
  ModelBuilder m;
  const std::string x = m.input({1, 3, 4, 5}, A);
  const std::string batch = m.add("Gather", {m.add("Shape", {x}), m.number<int64_t>(0)}, {{"axis", 0}});
  const std::string shape = m.add("Concat", {m.add("Unsqueeze", {batch, m.list({0})}), m.list({-1})}, {{"axis", 0}});
  return m.quantised(m.add("Reshape", {x, shape}), A);
}
std::vector<uint8_t> concat(const std::vector<Dims>& parts, const std::vector<Q>& from, int64_t axis, Q to) {
  ModelBuilder m;
  Names in;
  for (size_t i = 0; i < parts.size(); ++i) in.push_back(m.input(parts[i], from[i % from.size()]));
  return m.quantised(m.add("Concat", in, {{"axis", axis}}), to);
}
std::vector<uint8_t> concat_of_integers() {
  Data data(70);
  ModelBuilder m;
  const std::string x = m.input({1, 3, 4}, A.type());
  return m.bytes(
      m.add("Concat", {x, m.constant({1, 2, 4}, data.int8s(8)), m.input({1, 1, 4}, A.type())}, {{"axis", 1}}), A);
}
std::vector<uint8_t> qlinear_concat() {
  ModelBuilder m;
  const Names to = m.parameters(V), a = m.parameters(U), b = m.parameters({0.09F, 33, true});
  const std::string x = m.input({1, 2, 3, 4}, U.type()), y = m.input({1, 3, 3, 4}, U.type());
  return m.bytes(m.microsoft("QLinearConcat", {to[0], to[1], x, a[0], a[1], y, b[0], b[1]}, {{"axis", 1}}), V);
}
std::vector<uint8_t> pad(const Dims& dims, const Dims& pads, float value) {
  ModelBuilder m;
  return m.quantised(m.add("Pad", {m.input(dims, A), m.list(pads), m.number(value)}), A);
}
std::vector<uint8_t> pad_integers() {
  ModelBuilder m;
  const std::string x = m.input({1, 2, 3, 3}, U.type());
  return m.bytes(m.add("Pad", {x, m.list({0, 0, 1, 1, 0, 0, 0, 2}), m.number<uint8_t>(117)}), U);
}
std::vector<uint8_t> pool_of_integers() {
  ModelBuilder m;
  return m.bytes(m.add("MaxPool", {m.input({1, 3, 7, 8}, U.type())},
                       {{"kernel_shape", Dims{2, 3}}, {"strides", Dims{2, 3}}, {"ceil_mode", 1}}),
                 U);
}
std::vector<uint8_t> requantise(Q from, Q to) {
  ModelBuilder m;
  return m.quantised(m.input({1, 256}, from), to);
}
std::vector<uint8_t> float_borders() {
  ModelBuilder m;
  const std::string x = m.dequantise(m.quantise(m.input({1, 2, 3, 3}, pb::TensorProto::FLOAT), U), U);
  m.output(m.dequantise(m.quantise(m.add("LeakyRelu", {x}), V), V), pb::TensorProto::FLOAT);
  return m.bytes();
}
/// Between channels first and channels last, and back.
std::vector<uint8_t> channels_last() {
  Data data(80);
  ModelBuilder m;
  const std::string x = m.add("Transpose", {m.input({1, 5, 6, 3}, A)}, {{"perm", Dims{0, 3, 1, 2}}});
  const std::string w = m.dequantised(Dims{4, 3, 3, 3}, data.int8s(108), data.reals(4, 0.002F, 0.02F));
  const std::string y = m.dequantise(m.quantise(m.add("Conv", {x, w}), OUT), OUT);
  return m.quantised(m.add("Transpose", {y}, {{"perm", Dims{0, 2, 3, 1}}}), OUT);
}
/// The tokens of a patch embedding: [1, c, h, w] -> [1, h * w, c].
std::vector<uint8_t> tokens() {
  Data data(81);
  ModelBuilder m;
  const std::string w = m.dequantised(Dims{6, 3, 2, 2}, data.int8s(72), {0.01013F});
  const std::string y = m.add("Conv", {m.input({1, 3, 4, 6}, A), w}, {{"strides", Dims{2, 2}}});
  const std::string z = m.add("Reshape", {m.dequantise(m.quantise(y, OUT), OUT), m.list({1, 6, 6})});
  const std::string t = m.add("Transpose", {z}, {{"perm", Dims{0, 2, 1}}});
  const std::string v = m.dequantised(Dims{6, 5}, data.int8s(30), {0.00971F});
  return m.quantised(m.add("MatMul", {t, v}), OUT);
}

}  // namespace

std::vector<Case> cases() {
  std::vector<Case> all;
  const auto add = [&](const std::string& name, std::vector<uint8_t> model, const std::string& way = "default") {
    all.push_back({name, way, std::move(model)});
  };
  const Settings same{{"pads", Dims{1, 1, 1, 1}}};
  add("conv", conv(1, {{1, 3, 6, 5}, {4, 3, 3, 3}, {}}));
  add("conv_padded", conv(2, {{1, 3, 6, 5}, {4, 3, 3, 3}, same}), "int8");
  add("conv_strided", conv(3, {{1, 3, 7, 8}, {5, 3, 3, 2}, {{"strides", Dims{2, 3}}, {"pads", Dims{0, 1, 2, 0}}}}));
  add("conv_dilated", conv(4, {{1, 2, 9, 8}, {3, 2, 3, 3}, {{"dilations", Dims{2, 3}}, {"pads", Dims{2, 3, 2, 3}}}}),
      "int8");
  add("conv_same_upper", conv(5, {{1, 2, 6, 7}, {3, 2, 3, 2}, {{"auto_pad", "SAME_UPPER"}, {"strides", Dims{2, 2}}}}));
  add("conv_same_lower", conv(6, {{1, 2, 6, 7}, {3, 2, 3, 2}, {{"auto_pad", "SAME_LOWER"}, {"strides", Dims{2, 2}}}}));
  add("conv_grouped", conv(7, {{1, 4, 5, 5}, {6, 2, 3, 3}, {{"group", 2}, {"pads", Dims{1, 1, 1, 1}}}}));
  add("conv_depthwise", conv(8, {{1, 4, 6, 6}, {4, 1, 3, 3}, {{"group", 4}, {"pads", Dims{1, 1, 1, 1}}}}));
  add("conv_depthwise_multiplied", conv(9, {{1, 3, 6, 6}, {6, 1, 3, 3}, {{"group", 3}}}));
  add("conv_of_sequence", conv(10, {{1, 4, 20}, {3, 4, 5}, {{"pads", Dims{2, 2}}, {"strides", Dims{2}}}}));
  add("conv_per_tensor", conv(11, {{1, 3, 6, 5}, {4, 3, 3, 3}, same, A, OUT, false}));
  add("conv_unsigned", conv(12, {{1, 3, 6, 5}, {4, 3, 3, 3}, same, U, V}));
  add("conv_unsigned_weights", conv(13, {{1, 3, 6, 5}, {4, 3, 3, 3}, same, U, V, false, Conv::INTEGERS, 128}));
  add("conv_skewed_weights", conv(14, {{1, 3, 6, 5}, {4, 3, 3, 3}, same, U, V, false, Conv::INTEGERS, 97}));
  add("conv_far_weights", conv(15, {{1, 3, 6, 5}, {4, 3, 3, 3}, same, U, {0.5F, 100, true}, false, Conv::NONE, 255}));
  add("conv_relu", conv(16, {{1, 3, 6, 5}, {4, 3, 3, 3}, same, A, {0.1F, -128}, true, Conv::INTEGERS, -1, "Relu"}));
  add("conv_clip", conv(17, {{1, 3, 6, 5}, {4, 3, 3, 3}, same, A, {0.03F, -100}, true, Conv::INTEGERS, -1, "Clip"}));
  add("conv_real_bias", conv(18, {{1, 3, 6, 5}, {4, 3, 3, 3}, same, A, OUT, true, Conv::REALS}), "plain");
  add("conv_logistic",
      conv(19, {{1, 3, 6, 5}, {4, 3, 3, 3}, same, A, {1.0F / 60, 0}, true, Conv::INTEGERS, -1, "Sigmoid"}), "int8");
  add("conv_leaky_relu", conv(29, {{1, 3, 6, 5}, {4, 3, 3, 3}, same, A, OUT, true, Conv::INTEGERS, -1, "LeakyRelu"}));
  add("qlinear_conv", qlinear_conv(20, {{1, 3, 6, 5}, {4, 3, 3, 3}, same, U, V}));
  add("qlinear_conv_int8", qlinear_conv(21, {{1, 3, 6, 5}, {4, 3, 3, 3}, same, A, OUT}));
  add("qlinear_conv_no_bias", qlinear_conv(22, {{1, 3, 6, 5}, {4, 3, 3, 3}, same, U, V, false, Conv::NONE}));
  add("qlinear_conv_skewed", qlinear_conv(23, {{1, 3, 6, 5}, {4, 3, 3, 3}, same, U, V, false, Conv::INTEGERS, 140}));
  add("qlinear_conv_depthwise",
      qlinear_conv(24, {{1, 4, 6, 6}, {4, 1, 3, 3}, {{"group", 4}, {"pads", Dims{1, 1, 1, 1}}}, U, V}));
  add("conv_integer", conv_integer());
  add("conv_of_real_weights", conv_of_real_weights(false));
  add("conv_of_real_weights_per_channel", conv_of_real_weights(true));

  add("gemm", product(31, true, {{1, 24}, {24, 7}}));
  add("gemm_turned_bias", product(32, true, {{1, 24}, {7, 24}, A, OUT, false, true, 1, Product::INTEGERS}));
  add("gemm_per_channel", product(33, true, {{1, 24}, {24, 7}, A, OUT, true}));
  add("gemm_real_bias", product(340, true, {{3, 24}, {24, 7}, U, V, true, false, 1, Product::REALS}), "plain");
  add("gemm_alpha", product(35, true, {{2, 24}, {24, 7}, A, OUT, false, false, 0.37F}));
  add("gemm_of_inputs", product_of_inputs("Gemm", {4, 6}, {5, 6}, {{"transB", 1}}));
  add("gemm_of_turned_input", product_of_inputs("Gemm", {6, 4}, {6, 5}, {{"transA", 1}}));
  add("matmul", product(36, false, {{1, 24}, {24, 7}}));
  add("matmul_rank_3", product(37, false, {{1, 5, 12}, {12, 7}, U, V, true}));
  add("matmul_rank_4", product(38, false, {{1, 2, 5, 12}, {12, 7}}));
  add("matmul_of_inputs", product_of_inputs("MatMul", {1, 4, 6}, {1, 6, 5}));
  add("qlinear_matmul", qlinear_matmul(true));
  add("qlinear_matmul_of_inputs", qlinear_matmul(false));
  add("qgemm", qgemm(false));
  add("qgemm_turned", qgemm(true));
  add("matmul_integer", matmul_integer());

  const Q unit{1.0F / 256, -128}, half{1.0F / 128, 0};
  add("relu", unary("Relu", A, {0.04F, -128}));
  add("leaky_relu", unary("LeakyRelu", A, B, {{"alpha", 0.3F}}));
  add("sigmoid", unary("Sigmoid", {0.047F, -3}, unit));
  add("tanh", unary("Tanh", {0.031F, 9}, half));
  add("elu", unary("Elu", A, {0.03F, -90}, {{"alpha", 0.8F}}));
  add("hard_sigmoid", unary("HardSigmoid", A, unit, {{"alpha", 0.17F}, {"beta", 0.45F}}));
  add("hard_swish", unary("HardSwish", A, {0.05F, -120}));
  add("softplus", unary("Softplus", A, {0.05F, -120}));
  add("exp", unary("Exp", {0.02F, 30}, {0.06F, -110}));
  add("abs", unary("Abs", A, {0.05F, -128}));
  add("neg", unary("Neg", A, B));
  add("clip", clip(A, {0.04F, -20}, -1, 3.3F));
  add("swish", swish());

  add("add", binary("Add", A, B, OUT));
  add("add_unsigned", binary("Add", U, {0.033F, 7, true}, V));
  add("add_relu", binary("Add", A, B, {0.06F, -128}, {1, 3, 4, 5}, {1, 3, 4, 5}, "Relu"), "plain");
  add("add_channels", binary("Add", A, B, OUT, {1, 3, 4, 5}, {1, 3, 1, 1}));
  add("add_spread_first", binary("Add", A, B, OUT, {5}, {1, 3, 4, 5}));
  add("sub", binary("Sub", A, B, OUT));
  add("sub_spread_first", binary("Sub", A, B, OUT, {4, 1}, {3, 4, 5}));
  add("mul", binary("Mul", A, B, {0.3F, -7}));
  add("mul_channels", binary("Mul", A, {1.0F / 256, -128}, A, {1, 3, 4, 5}, {1, 3, 1, 1}));
  add("max", binary("Max", A, B, OUT));
  add("min", binary("Min", A, B, OUT));
  add("add_number", with_constant("Add", {}, false));
  add("mul_number", with_constant("Mul", {}, false));
  add("div_number", with_constant("Div", {}, false));
  add("add_constant", with_constant("Add", {1, 3, 1, 1}, true));
  add("mul_constant", with_constant("Mul", {3, 4, 5}, true));
  add("qlinear_add", qlinear_binary("QLinearAdd", {1, 3, 4, 5}));
  add("qlinear_add_channels", qlinear_binary("QLinearAdd", {3, 1, 1}));
  add("qlinear_mul", qlinear_binary("QLinearMul", {1, 3, 4, 5}));
  add("qlinear_sigmoid", qlinear_unary("QLinearSigmoid", {0.05F, 128, true}, {1.0F / 256, 0, true}, {1, 64}));
  add("qlinear_leaky_relu", qlinear_unary("QLinearLeakyRelu", U, V, {1, 64}, {{"alpha", 0.2F}}));

  add("softmax", softmax({0.1F, 30}, {1, 12}, -1));
  add("softmax_of_channels", softmax({0.07F, -20}, {1, 5, 3, 4}, 1));
  add("softmax_of_rows", softmax({0.2F, 0}, {1, 4, 6}, 2));
  add("softmax_sharp", softmax({3.0F, 0}, {1, 5}, 1));
  add("softmax_flat", softmax({0.0001F, 0}, {1, 300}, 1));
  add("qlinear_softmax",
      qlinear_unary("QLinearSoftmax", U, {1.0F / 256, 0, true}, {1, 5, 7}, {{"axis", -1}, {"opset", 13}}));
  add("softmax_old", softmax({0.1F, 30}, {1, 12}, 1, 12));

  add("max_pool", moved("MaxPool", {1, 3, 7, 8},
                        {{"kernel_shape", Dims{3, 3}}, {"strides", Dims{2, 2}}, {"pads", Dims{1, 1, 1, 1}}}));
  add("max_pool_of_sequence", moved("MaxPool", {1, 3, 15}, {{"kernel_shape", Dims{3}}, {"strides", Dims{3}}}));
  add("max_pool_of_integers", pool_of_integers());
  const Settings nine{{"kernel_shape", Dims{3, 3}}, {"strides", Dims{2, 2}}};
  add("average_pool", unary("AveragePool", A, {0.03F, 4}, nine));
  add("average_pool_padded",
      unary("AveragePool", A, {0.03F, 4},
            {{"kernel_shape", Dims{3, 3}}, {"pads", Dims{1, 1, 1, 1}}, {"count_include_pad", 1}}));
  add("global_average_pool", unary("GlobalAveragePool", A, {0.013F, 4}));
  add("reduce_mean", unary("ReduceMean", A, {0.013F, 4}, {{"axes", Dims{2, -1}}, {"keepdims", 0}}));
  add("reduce_mean_of_channels", unary("ReduceMean", A, {0.021F, 4}, {{"axes", Dims{2, 1, 0}}}));
  add("qlinear_average_pool", qlinear_unary("QLinearAveragePool", U, {0.019F, 120, true}, {1, 3, 7, 7}, nine));
  add("qlinear_global_average_pool", qlinear_unary("QLinearGlobalAveragePool", U, {0.011F, 120, true}, {1, 3, 7, 7}));

  add("identity", moved("Identity", {1, 7}));
  add("flatten", moved("Flatten", {1, 3, 4, 5}));
  add("flatten_in_front", moved("Flatten", {3, 4, 1, 5}, {{"axis", 2}}));
  add("reshape", moved_by("Reshape", {1, 3, 4, 5}, {0, -1, 6}));
  add("reshape_by_shape", reshape_by_shape());
  add("squeeze", moved_by("Squeeze", {1, 3, 1, 5}, {2}));
  add("unsqueeze", moved_by("Unsqueeze", {3, 5}, {0, -1}));
  add("transpose", moved("Transpose", {1, 3, 4, 5}, {{"perm", Dims{0, 2, 3, 1}}}));
  add("transpose_matrix", moved("Transpose", {3, 5}));
  add("concat_channels", concat({{1, 2, 3, 4}, {1, 3, 3, 4}, {1, 1, 3, 4}}, {A}, 1, A));
  add("concat_of_scales", concat({{1, 2, 3, 4}, {1, 3, 3, 4}}, {A, B}, 1, OUT));
  add("concat_height", concat({{1, 2, 3, 4}, {1, 2, 1, 4}}, {A}, -2, A));
  add("concat_of_ones", concat({{1, 1}, {1, 4}, {1, 1}}, {A, B}, 1, OUT));
  add("concat_of_integers", concat_of_integers());
  add("qlinear_concat", qlinear_concat());
  add("pad", pad({1, 2, 3, 4}, {0, 0, 1, 2, 0, 0, 0, 1}, 0));
  add("pad_channels", pad({1, 2, 3, 4}, {0, 1, 0, 0, 0, 2, 0, 0}, 0.05137F * 20));
  add("pad_rank_1", pad({5}, {2, 1}, 0));
  add("pad_integers", pad_integers());
  add("requantise", requantise(A, OUT));
  add("requantise_finer", requantise({0.9F, 11}, {0.01F, -50}));
  add("requantise_to_unsigned", requantise(A, {0.051F, 99, true}));
  add("float_borders", float_borders());
  add("channels_last", channels_last());
  add("tokens", tokens());
  return all;
}

}  // namespace zkvm::compiler::onnx::testing
