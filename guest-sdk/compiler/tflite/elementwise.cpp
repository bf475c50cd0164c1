// Layers that are functions of one or two elements.
#include <algorithm>

#include "guest-sdk/compiler/tflite/importer.hpp"

namespace zkvm::compiler::tflite {
namespace {

constexpr const char* NO_KERNEL = "scales that the reference kernel takes";

/// Emits a table, or says that the kernel takes no such scales.
void emit_table(Layer& l, const std::string& function, const std::optional<Table8>& table) {
  const nn::Quantization in = l.input_quantization(0), out = l.output_quantization();
  const ValueId x = l.value(0);
  if (!l.ok() || !l.require(table.has_value(), "scales", NO_KERNEL, text(in) + " to " + text(out))) return;
  const Shape shape = l.shape(x);
  if (l.require_shape(shape) && l.g.room_for(256)) l.emit({x}, Table{function, *table}, shape);
}

/// The shape of a sum of two tensors, each of which may have 1 where the other has not.
std::optional<Shape> spread_shape(Shape a, Shape b) {
  const auto fit = [](int32_t x, int32_t y) { return x == y || x == 1 || y == 1; };
  if (!fit(a.h, b.h) || !fit(a.w, b.w) || !fit(a.c, b.c)) return std::nullopt;
  return Shape{std::max(a.h, b.h), std::max(a.w, b.w), std::max(a.c, b.c)};
}

/// A constant operand's elements in a larger shape, as a value.
ValueId spread_constant(Layer& l, size_t operand, Shape from, Shape to) {
  const std::vector<int8_t> elements = l.constant<int8_t>(operand, format::TensorType::INT8, "operand");
  if (elements.empty() || !l.g.room_for(to.elements())) return -1;
  Constant spread;
  for (int32_t y = 0; y < to.h; ++y)
    for (int32_t x = 0; x < to.w; ++x)
      for (int32_t c = 0; c < to.c; ++c) {
        const int64_t row = from.h == 1 ? 0 : y, col = from.w == 1 ? 0 : x, channel = from.c == 1 ? 0 : c;
        spread.values.push_back(elements[static_cast<size_t>((row * from.w + col) * from.c + channel)]);
      }
  const Tensor& t = l.input(operand);
  const ValueId value = l.g.add_value(t.name, to, quantization_of(t));
  l.g.add_node(l.op.name + "_operand", "constant", {}, value, std::move(spread));
  return value;
}

/// Two operands as they are seen by all of ADD, SUB and MUL.
struct Operands {
  Shape shape[2], out;
  bool constant[2];
};
std::optional<Operands> read_operands(Layer& l) {
  Operands o;
  for (size_t i = 0; i < 2; ++i) {
    o.constant[i] = l.g.is_constant(l.input_id(i)) && !l.input(i).is_variable;
    std::string wrong;
    const std::optional<Shape> shape = shape_of(l.input(i), wrong);
    if (!shape) l.problem("input: " + wrong);
    o.shape[i] = shape.value_or(Shape{});
    if (o.constant[i]) l.constant<int8_t>(i, format::TensorType::INT8, "operand");
    if (!o.constant[i])
      l.require(l.input(i).type == format::TensorType::INT8, "input", "INT8", name_of(l.input(i).type));
  }
  if (!l.ok()) return std::nullopt;
  const std::optional<Shape> out = spread_shape(o.shape[0], o.shape[1]);
  if (!l.require(out.has_value(), "operands", "shapes that fit together",
                 text(o.shape[0]) + " and " + text(o.shape[1])))
    return std::nullopt;
  o.out = *out;
  if (!l.require_shape(o.out)) return std::nullopt;
  return o;
}

/// A function of one element, if the other operand is a constant of one element.
template <class Function>
bool emit_scalar(Layer& l, const Operands& o, const std::string& name, Function function) {
  for (size_t i = 0; i < 2; ++i) {
    if (!o.constant[i] || o.shape[i].elements() != 1 || o.constant[1 - i]) continue;
    const std::vector<int8_t> scalar = l.constant<int8_t>(i, format::TensorType::INT8, "operand");
    const ValueId x = l.value(1 - i);
    if (l.ok() && l.g.room_for(256))
      l.emit({x}, Table{name, table_of([&](int32_t e) -> int64_t {
                          const auto element = static_cast<int8_t>(e);
                          return i == 0 ? function(scalar[0], element) : function(element, scalar[0]);
                        })},
             o.out);
    return true;
  }
  return false;
}

/// Any function of two elements. The second operand is the one that is spread.
template <class Function>
void emit_binary(Layer& l, const Operands& o, const std::string& name, Function function) {
  const bool swapped = o.shape[0] != o.out;
  if (!l.require(!swapped || o.shape[1] == o.out, "operands", "one with the output's shape " + text(o.out),
                 text(o.shape[0]) + " and " + text(o.shape[1])))
    return;
  const ValueId first = l.value(swapped ? 1 : 0), second = l.value(swapped ? 0 : 1);
  if (!l.ok() || !l.g.room_for(65536)) return;
  Binary binary{name, std::vector<int8_t>(65536)};
  for (int32_t a = -128; a < 128; ++a)
    for (int32_t b = -128; b < 128; ++b) {
      const auto x = static_cast<int8_t>(a), y = static_cast<int8_t>(b);
      binary.table[static_cast<size_t>(256 * (a & 255) + (b & 255))] = swapped ? function(y, x) : function(x, y);
    }
  l.emit({first, second}, std::move(binary), o.out);
}

void convert_sum(Layer& l, format::Activation activation, bool subtract) {
  const std::string name = subtract ? "subtract" : "add";
  const std::optional<Operands> o = read_operands(l);
  const nn::Quantization a = l.input_quantization(0), b = l.input_quantization(1), out = l.output_quantization();
  const nn::Range range = l.range(activation);
  if (!l.ok() || !o) return;
  const std::optional<Add> sum = add(a, b, out, range, subtract);
  if (!l.require(sum.has_value(), "scales", "an output scale above 2^-19 times the larger input scale",
                 text(a) + ", " + text(b) + ", " + text(out)))
    return;
  const auto function = [&](int8_t x, int8_t y) { return apply(*sum, x, y); };
  if (emit_scalar(l, *o, name, function)) return;
  ValueId operand[2];
  for (size_t i = 0; i < 2; ++i) {
    if (o->shape[i] != o->out && !o->constant[i]) return emit_binary(l, *o, name, function);
    operand[i] = o->shape[i] == o->out ? l.value(i) : spread_constant(l, i, o->shape[i], o->out);
  }
  if (l.ok() && operand[0] >= 0 && operand[1] >= 0) l.emit({operand[0], operand[1]}, *sum, o->out);
}

/// A product with a constant for each channel is a depthwise convolution, if the constants fit its weights.
bool emit_channel_product(Layer& l, const Operands& o, const Product& p) {
  for (size_t i = 0; i < 2; ++i) {
    if (!o.constant[i] || o.constant[1 - i] || o.shape[i] != Shape{1, 1, o.out.c} || o.shape[1 - i] != o.out) continue;
    const std::vector<int8_t> factors = l.constant<int8_t>(i, format::TensorType::INT8, "operand");
    const int32_t zero_point = i == 0 ? p.first_zero_point : p.second_zero_point;
    Linear linear;
    linear.kind = Linear::Kind::DEPTHWISE;
    for (const int8_t factor : factors) {
      const int32_t weight = factor - zero_point;
      if (weight < -128 || weight > 127) return false;
      linear.weights.push_back(static_cast<int8_t>(weight));
    }
    if (p.scale.shift > 13) return false;
    linear.biases.assign(factors.size(), 0);
    linear.input_zero_point = i == 0 ? p.second_zero_point : p.first_zero_point;
    linear.requantise = {std::vector<nn::Scale>(factors.size(), p.scale), {}, p.zero_point, p.range};
    const ValueId x = l.value(1 - i);
    if (l.ok() && l.g.room_for(static_cast<int64_t>(factors.size()))) l.emit({x}, std::move(linear), o.out);
    return true;
  }
  return false;
}

}  // namespace

void convert_add(Layer& l) {
  const auto* o = l.options<format::AddOptions>();
  if (l.count_inputs(2, 2) && o != nullptr) convert_sum(l, o->activation(), false);
}
void convert_sub(Layer& l) {
  const auto* o = l.options<format::SubOptions>();
  if (l.count_inputs(2, 2) && o != nullptr) convert_sum(l, o->activation(), true);
}

void convert_mul(Layer& l) {
  const auto* options = l.options<format::MulOptions>();
  if (!l.count_inputs(2, 2) || options == nullptr) return;
  const std::optional<Operands> o = read_operands(l);
  const nn::Quantization a = l.input_quantization(0), b = l.input_quantization(1), out = l.output_quantization();
  const nn::Range range = l.range(options->activation());
  if (!l.ok() || !o) return;
  const std::optional<Product> product = multiply(a, b, out, range);
  if (!l.require(product.has_value(), "scales", NO_KERNEL, text(a) + ", " + text(b) + ", " + text(out))) return;
  const auto function = [&](int8_t x, int8_t y) { return apply(*product, x, y); };
  if (emit_scalar(l, *o, "multiply", function) || emit_channel_product(l, *o, *product)) return;
  emit_binary(l, *o, "multiply", function);
}

void convert_activation(Layer& l) {
  using enum format::BuiltinOperator;
  if (!l.count_inputs(1, 1)) return;
  const auto* leaky = l.op.code == LEAKY_RELU ? l.options<format::LeakyReluOptions>() : nullptr;
  const nn::Quantization in = l.input_quantization(0), out = l.output_quantization();
  if (!l.ok()) return;
  switch (l.op.code) {
    case LOGISTIC:  // the kernels have these scales built in
      l.require(out.scale == 1.0F / 256 && out.zero_point == -128, "output", "scale 1/256 and zero point -128",
                text(out));
      return emit_table(l, "logistic", logistic_table(in));
    case TANH:
      l.require(out.scale == 1.0F / 128 && out.zero_point == 0, "output", "scale 1/128 and zero point 0", text(out));
      return emit_table(l, "tanh", tanh_table(in));
    case RELU:
      return emit_table(l, "relu", relu_table(nn::Activation::RELU, in, out));
    case RELU_N1_TO_1:
      return emit_table(l, "relu_n1_to_1", relu_table(nn::Activation::RELU_N1_TO_1, in, out));
    case RELU6: {  // the kernel clamps the input's elements and does not look at the output's scale
      l.require(in.scale == out.scale && in.zero_point == out.zero_point, "output", text(in) + " of the input",
                text(out));
      const std::optional<nn::Range> range = fused_range(nn::Activation::RELU6, in);
      std::optional<Table8> table;
      if (range) table = table_of([&](int32_t x) { return std::clamp(x, range->min, range->max); });
      return emit_table(l, "relu6", table);
    }
    case HARD_SWISH:
      return emit_table(l, "hard_swish", hard_swish_table(in, out));
    default:
      return emit_table(l, "leaky_relu", leaky_relu_table(leaky->alpha(), in, out));
  }
}

/// From int8 or uint8 to either; float is taken care of where the graph begins and ends.
void convert_quantize(Layer& l) {
  if (!l.count_inputs(1, 1)) return;
  const nn::Quantization in = l.input_quantization(0), out = l.output_quantization();
  if (l.ok()) emit_table(l, "requantise", requantise_table(in, out));
}

}  // namespace zkvm::compiler::tflite
