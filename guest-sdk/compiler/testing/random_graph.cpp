#include "guest-sdk/compiler/testing/random_graph.hpp"

#include <algorithm>
#include <cmath>

#include "guest-sdk/include/zkvm/nn/layers.hpp"

namespace zkvm::compiler::testing {

ValueId GraphBuilder::input(Shape shape, bool is_unsigned) {
  const auto id = static_cast<ValueId>(graph.values.size());
  graph.values.push_back({"input " + std::to_string(id), shape, {0.5F, number(-128, 127)}});
  graph.inputs.push_back({id, "in", {1, shape.h, shape.w, shape.c}, is_unsigned, false});
  return id;
}

ValueId GraphBuilder::node(Operation operation, std::vector<ValueId> inputs, Shape out, const char* type) {
  const auto id = static_cast<ValueId>(graph.values.size());
  graph.values.push_back({"value " + std::to_string(id), out, {0.25F, number(-128, 127)}});
  graph.nodes.push_back(
      {"layer/" + std::to_string(graph.nodes.size()), type, std::move(inputs), id, std::move(operation)});
  return id;
}

void GraphBuilder::output(ValueId value, bool is_unsigned) {
  const Shape s = shape(value);
  graph.outputs.push_back({value, "out", {1, s.h, s.w, s.c}, is_unsigned, false});
}

nn::Range GraphBuilder::range() {
  if (number(0, 2) != 0) return {};
  const int32_t a = number(-128, 127), b = number(-128, 127);
  return {std::min(a, b), std::max(a, b)};
}

Requantise GraphBuilder::requantise(int32_t channels, int64_t largest, bool by_thresholds) {
  Requantise r;
  // Sums of this size use most of the output's range.
  const double scale = 400.0 / static_cast<double>(std::max<int64_t>(largest, 1));
  for (int32_t c = 0; c < channels; ++c) {
    const double own = scale * std::exp(number(-100, 100) / 50.0);
    if (!by_thresholds) {
      r.scales.push_back(nn::quantize_multiplier(own));
      continue;
    }
    Thresholds t;
    const int32_t kind = number(0, 3);
    for (int32_t i = 0; i < 255; ++i) {
      const double at = (i - 127 - 0.5) / own;
      t[static_cast<size_t>(i)] = static_cast<int32_t>(std::clamp(std::ceil(at), -1e8, 1e8));
      // Not from a scale: steps of their own.
      if (kind == 0) t[static_cast<size_t>(i)] = number(-static_cast<int32_t>(largest), static_cast<int32_t>(largest));
    }
    if (kind == 0) std::sort(t.begin(), t.end());
    if (kind == 1) std::fill_n(t.begin(), 127, ALWAYS);
    r.thresholds.push_back(t);
  }
  if (!by_thresholds) {
    r.zero_point = number(-128, 127);
    r.range = range();
  }
  return r;
}

ValueId GraphBuilder::linear(ValueId in, Linear::Kind kind, bool by_thresholds) {
  const Shape s = shape(in);
  Linear l;
  l.kind = kind;
  Shape out = s;
  Window& w = l.window;
  if (kind != Linear::Kind::FULLY_CONNECTED) {
    w = {std::min(number(1, 3), s.h),
         std::min(number(1, 3), s.w),
         number(1, 2),
         number(1, 2),
         number(0, 1),
         number(0, 1),
         number(0, 1),
         number(0, 1)};
    if (number(0, 3) == 0) w = {s.h, s.w, 1, 1, 0, 0, 0, 0};
    out.h = (s.h + w.top + w.bottom - w.kernel_h) / w.stride_h + 1;
    out.w = (s.w + w.left + w.right - w.kernel_w) / w.stride_w + 1;
  }
  if (kind != Linear::Kind::DEPTHWISE) out.c = number(1, 9);
  const size_t taps = static_cast<size_t>(w.kernel_h) * static_cast<size_t>(w.kernel_w);
  const size_t each = taps * (kind == Linear::Kind::DEPTHWISE ? 1 : static_cast<size_t>(s.c));
  for (size_t i = 0; i < each * static_cast<size_t>(out.c); ++i) l.weights.push_back(byte());
  for (int32_t c = 0; c < out.c; ++c) l.biases.push_back(number(-3000, 3000));
  if (number(0, 3) == 0) {
    // A channel without weights, and one whose result is always clamped.
    const auto dead = static_cast<size_t>(number(0, out.c - 1));
    for (size_t i = 0; i < each; ++i)
      l.weights[kind == Linear::Kind::DEPTHWISE ? i * static_cast<size_t>(out.c) + dead : dead * each + i] = 0;
    l.biases[static_cast<size_t>(number(0, out.c - 1))] = number(0, 1) != 0 ? 100'000'000 : -100'000'000;
  }
  l.input_zero_point = number(-128, 127);
  l.requantise = requantise(out.c, static_cast<int64_t>(each) * 9000, by_thresholds);
  const char* type = kind == Linear::Kind::CONV ? "CONV" : kind == Linear::Kind::DEPTHWISE ? "DEPTHWISE" : "DENSE";
  return node(std::move(l), {in}, out, type);
}

ValueId GraphBuilder::matmul(ValueId a, ValueId b, bool transposed, bool by_thresholds) {
  MatMul m;
  m.transposed = transposed;
  m.a_zero_point = number(-128, 127), m.b_zero_point = number(-128, 127);
  const int32_t columns = transposed ? shape(b).w : shape(b).c;
  m.requantise = requantise(columns, int64_t{shape(a).c} * 9000, by_thresholds);
  return node(std::move(m), {a, b}, {1, shape(a).w, columns}, "MATMUL");
}

ValueId GraphBuilder::add(ValueId a, ValueId b) {
  Add add;
  const int32_t first = number(1, 1 << 18), second = number(1, 1 << 18), zero = number(-128, 127);
  for (int32_t x = -128; x < 128; ++x) {
    add.first[static_cast<uint8_t>(x)] = (x - zero) * first;
    add.second[static_cast<uint8_t>(x)] = (x + zero) * second;
  }
  add.scale = nn::quantize_multiplier(1.0 / (1 << 18));
  add.zero_point = number(-128, 127);
  add.range = range();
  return node(add, {a, b}, shape(a), "ADD");
}

ValueId GraphBuilder::binary(ValueId a, ValueId b) {
  Binary binary{"multiply", {}};
  const bool monotone = number(0, 1) != 0;
  const int32_t divisor = number(20, 200);
  for (int32_t x = 0; x < 256; ++x)
    for (int32_t y = 0; y < 256; ++y) {
      const int32_t product = static_cast<int8_t>(x) * static_cast<int8_t>(y) / divisor;
      binary.table.push_back(monotone ? static_cast<int8_t>(std::clamp(product, -128, 127)) : byte());
    }
  return node(std::move(binary), {a, b}, shape(a), "MUL");
}

ValueId GraphBuilder::table(ValueId in) {
  Table t{"function", {}};
  const int32_t kind = number(0, 3), low = number(-128, 0), high = number(0, 127);
  std::array<int8_t, 256> sorted;
  for (int8_t& x : sorted) x = byte();
  std::sort(sorted.begin(), sorted.end());
  for (int32_t x = -128; x < 128; ++x)
    t.table[static_cast<uint8_t>(x)] = kind == 0   ? static_cast<int8_t>(std::clamp(x, low, high))
                                       : kind == 1 ? sorted[static_cast<size_t>(x + 128)]
                                       : kind == 2 ? static_cast<int8_t>(std::clamp(x / 2 + low / 4, -128, 127))
                                                   : byte();
  return node(t, {in}, shape(in), "TABLE");
}

ValueId GraphBuilder::pool(ValueId in, bool is_max) {
  const Shape s = shape(in);
  Pool p;
  p.is_max = is_max;
  Window& w = p.window;
  w.kernel_h = std::min(number(1, 3), s.h), w.kernel_w = std::min(number(1, 3), s.w);
  w.stride_h = number(1, 3), w.stride_w = number(1, 3);
  if (number(0, 1) != 0) w.stride_h = w.kernel_h, w.stride_w = w.kernel_w;
  if (number(0, 2) == 0) w.top = w.kernel_h / 2, w.left = w.kernel_w / 2;
  p.range = range();
  const Shape out{(s.h + w.top - w.kernel_h) / w.stride_h + 1, (s.w + w.left - w.kernel_w) / w.stride_w + 1, s.c};
  return node(p, {in}, out, "POOL");
}

ValueId GraphBuilder::softmax(ValueId in) {
  const nn::SoftmaxRecord r = nn::softmax_layer({.cols = 1, .input_scale = 0.05F});
  Softmax s;
  std::copy_n(r.exponential, 256, s.exponential.begin());
  return node(s, {in}, shape(in), "SOFTMAX");
}

ValueId GraphBuilder::softmax_float(ValueId in) {
  SoftmaxFloat s;
  for (size_t d = 0; d < 256; ++d) s.exponential[d] = std::exp(-0.05F * static_cast<float>(d));
  s.output = {1.0F / 256, number(-128, 127)};
  return node(s, {in}, shape(in), "SOFTMAX");
}

ValueId GraphBuilder::concat(std::vector<ValueId> in, int32_t axis) {
  Shape out = shape(in[0]);
  for (size_t i = 1; i < in.size(); ++i) {
    const Shape s = shape(in[i]);
    (axis == 0 ? out.h : axis == 1 ? out.w : out.c) += axis == 0 ? s.h : axis == 1 ? s.w : s.c;
  }
  return node(Concat{axis}, std::move(in), out, "CONCAT");
}

ValueId GraphBuilder::pad(ValueId in, int8_t value) {
  Pad p;
  p.before = {number(0, 1), number(0, 1), number(0, 3) == 0 ? 1 : 0};
  p.after = {number(0, 1), number(0, 1), number(0, 3) == 0 ? 1 : 0};
  p.value = value;
  const Shape s = shape(in);
  return node(p, {in}, {s.h + p.before[0] + p.after[0], s.w + p.before[1] + p.after[1], s.c + p.before[2] + p.after[2]},
              "PAD");
}

ValueId GraphBuilder::reshape(ValueId in, Shape out) { return node(Reshape{}, {in}, out, "RESHAPE"); }

ValueId GraphBuilder::transpose(ValueId in) {
  Transpose t;
  std::shuffle(t.order.begin(), t.order.end(), random);
  const Shape s = shape(in);
  const int32_t sizes[] = {s.h, s.w, s.c};
  return node(t, {in}, {sizes[t.order[0]], sizes[t.order[1]], sizes[t.order[2]]}, "TRANSPOSE");
}

ValueId GraphBuilder::constant(Shape s, bool uniform) {
  Constant c;
  const int8_t one = byte();
  for (int64_t i = 0; i < s.elements(); ++i) c.values.push_back(uniform ? one : byte());
  return node(std::move(c), {}, s, "CONSTANT");
}

namespace {

/// One step of a random graph: a node of this kind on a value that is there.
ValueId grow(GraphBuilder& b, int32_t kind, ValueId v) {
  const Shape s = b.shape(v);
  const auto flat = [&] { return s.h == 1 ? v : b.reshape(v, {1, s.h * s.w, s.c}); };
  switch (kind) {
    case 0:
      return b.linear(v, Linear::Kind::CONV, b.number(0, 1) != 0);
    case 1:
      return b.linear(v, Linear::Kind::DEPTHWISE, b.number(0, 1) != 0);
    case 2:
      return b.linear(flat(), Linear::Kind::FULLY_CONNECTED, b.number(0, 1) != 0);
    case 3:
      return b.linear(b.reshape(v, {1, 1, static_cast<int32_t>(s.elements())}), Linear::Kind::FULLY_CONNECTED,
                      b.number(0, 1) != 0);
    case 4: {
      const bool transposed = b.number(0, 1) != 0;
      const ValueId a = flat();
      const Shape m = b.shape(a);
      const int32_t n = b.number(1, 6);
      const ValueId other = b.number(0, 1) != 0 ? b.constant(transposed ? Shape{1, n, m.c} : Shape{1, m.c, n})
                            : transposed        ? b.linear(a, Linear::Kind::CONV, false)
                                                : a;
      const Shape o = b.shape(other);
      if (transposed ? o.h != 1 || o.c != m.c : o.h != 1 || o.w != m.c)
        return b.matmul(a, a, true, b.number(0, 1) != 0);
      return b.matmul(a, other, transposed, b.number(0, 1) != 0);
    }
    case 5:
      return b.add(v, b.table(v));
    case 6:
      return b.add(v, b.number(0, 1) != 0 ? v : b.constant(s, b.number(0, 1) != 0));
    case 7: {
      const int32_t way = b.number(0, 3);
      return b.binary(v, way == 0               ? b.table(v)
                         : way == 1             ? b.constant({1, 1, s.c})
                         : way == 2             ? b.constant({1, 1, 1})
                         : b.pool(v, true) == v ? v
                                                : b.constant(s));
    }
    case 8:
      return b.table(v);
    case 9:
      return b.pool(v, false);
    case 10:
      return b.pool(v, true);
    case 11:
      return b.softmax(v);
    case 12:
      return b.softmax_float(v);
    case 13:
      return b.concat({b.table(v), b.table(v)}, b.number(0, 2));
    case 14:
      return b.concat({v, v, b.constant(s)}, b.number(0, 2));
    case 15:
      return b.pad(v, b.byte());
    case 16: {
      const ValueId padded = b.pad(v, static_cast<int8_t>(-7));
      const ValueId conv = b.linear(padded, Linear::Kind::CONV, false);
      std::get<Linear>(b.graph.nodes.back().operation).input_zero_point = -7;
      return conv;
    }
    case 17:
      return b.reshape(v, {s.w, s.c, s.h});
    case 18:
      return b.transpose(v);
    default: {
      const ValueId t = b.transpose(v);
      return b.linear(b.reshape(t, {1, 1, static_cast<int32_t>(s.elements())}), Linear::Kind::FULLY_CONNECTED, false);
    }
  }
}
constexpr int32_t KINDS = 20;

}  // namespace

Graph random_graph(uint32_t seed, bool every_operator) {
  GraphBuilder b(seed);
  b.graph.name = "random " + std::to_string(seed);
  b.graph.format = "none";
  std::vector<ValueId> values;
  const int32_t inputs = b.number(1, 2);
  for (int32_t i = 0; i < inputs; ++i)
    values.push_back(b.input({b.number(1, 6), b.number(1, 6), b.number(1, 6)}, b.number(0, 2) == 0));
  const int32_t nodes = every_operator ? KINDS : b.number(1, 8);
  for (int32_t i = 0; i < nodes; ++i) {
    const ValueId from = values[static_cast<size_t>(b.number(0, static_cast<int32_t>(values.size()) - 1))];
    if (b.shape(from).elements() > 4000) continue;
    values.push_back(grow(b, every_operator ? i : b.number(0, KINDS - 1), from));
  }
  b.output(values.back(), b.number(0, 2) == 0);
  if (every_operator)
    for (size_t i = static_cast<size_t>(inputs); i + 1 < values.size(); ++i) b.output(values[i], i % 3 == 0);
  else if (b.number(0, 1) != 0)
    b.output(values[static_cast<size_t>(b.number(0, static_cast<int32_t>(values.size()) - 1))], b.number(0, 2) == 0);
  return std::move(b.graph);
}

std::vector<uint8_t> random_input(const Graph& graph, std::mt19937& random) {
  std::vector<uint8_t> bytes;
  for (const Border& b : graph.inputs)
    for (int64_t i = 0; i < graph.value(b.value).shape.elements(); ++i) bytes.push_back(static_cast<uint8_t>(random()));
  return bytes;
}

}  // namespace zkvm::compiler::testing
