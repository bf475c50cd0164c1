// Real functions of each element, and of two. README.md has the table.
#include <algorithm>

#include "guest-sdk/compiler/onnx/importer.hpp"

namespace zkvm::compiler::onnx {
namespace {

constexpr float INFINITE = std::numeric_limits<float>::infinity();

float logistic(float x) { return static_cast<float>(1 / (1 + std::exp(-static_cast<double>(x)))); }

Item put_step(Call& call, const Item& item, Step step, bool monotone) {
  if (const auto* a = std::get_if<Activation>(&item)) {
    if (a->type != Type::FLOAT) call.refuse("expected a tensor of float, found " + text(a->type));
    Activation out = *a;
    for (float& x : out.reals) x = step.apply(x, 0);
    if (std::any_of(out.reals.begin(), out.reals.end(), [](float x) { return std::isnan(x); }))
      call.refuse("the result is not a number for some inputs");
    out.function = a->is_affine ? step.name : a->function + " and " + step.name;
    out.is_affine = false;
    return out;
  }
  if (const auto* p = std::get_if<Parts>(&item)) {
    Parts out = *p;
    for (Activation& a : out.parts) a = std::get<Activation>(put_step(call, a, step, monotone));
    return out;
  }
  if (const auto* p = std::get_if<Pair>(&item)) {
    Pair out = *p;
    out.steps.push_back(std::move(step));
    return out;
  }
  if (const auto* a = std::get_if<Accumulators>(&item)) {
    if (a->type != Type::FLOAT) call.refuse("expected float, found the int32 sums of " + a->node.name);
    if (!monotone)
      call.refuse("expected QuantizeLinear and DequantizeLinear between " + a->node.name +
                  " and this function, which "
                  "is not increasing");
    Accumulators out = *a;
    out.steps.push_back(std::move(step));
    return out;
  }
  call.refuse("expected a quantised tensor (QuantizeLinear before it), found something else");
}

Item relu(Call& call) { return call.clamp(call.item(0), "relu", 0, INFINITE); }

Item clip(Call& call) {
  float low = call.real("min", -INFINITE), high = call.real("max", INFINITE);
  if (call.has(1)) low = call.scalar(1);
  if (call.has(2)) high = call.scalar(2);
  if (low > high) call.refuse("expected min <= max, found " + std::to_string(low) + " and " + std::to_string(high));
  return call.clamp(call.item(0), "clip", low, high);
}

Item leaky_relu(Call& call) {
  const float alpha = call.real("alpha", 0.01F);
  return call.apply(call.item(0), "leaky relu", alpha >= 0, [=](float x) { return x < 0 ? alpha * x : x; });
}

Item sigmoid(Call& call) { return call.apply(call.item(0), "logistic", true, logistic); }
Item tanh(Call& call) {
  return call.apply(call.item(0), "tanh", true,
                    [](float x) { return static_cast<float>(std::tanh(static_cast<double>(x))); });
}

Item hard_sigmoid(Call& call) {
  const float alpha = call.real("alpha", 0.2F), beta = call.real("beta", 0.5F);
  return call.apply(call.item(0), "hard sigmoid", alpha >= 0,
                    [=](float x) { return std::clamp(alpha * x + beta, 0.0F, 1.0F); });
}
Item hard_swish(Call& call) {
  return call.apply(call.item(0), "hard swish", false,
                    [](float x) { return x * std::clamp(x / 6 + 0.5F, 0.0F, 1.0F); });
}
Item elu(Call& call) {
  const float alpha = call.real("alpha", 1);
  return call.apply(call.item(0), "elu", alpha >= 0 && alpha <= 1, [=](float x) {
    return x < 0 ? alpha * static_cast<float>(std::expm1(static_cast<double>(x))) : x;
  });
}
Item softplus(Call& call) {
  return call.apply(call.item(0), "softplus", true, [](float x) {
    return x > 50 ? x : static_cast<float>(std::log1p(std::exp(static_cast<double>(x))));
  });
}
Item exponential(Call& call) {
  return call.apply(call.item(0), "exp", true,
                    [](float x) { return static_cast<float>(std::exp(static_cast<double>(x))); });
}
Item absolute(Call& call) {
  return call.apply(call.item(0), "abs", false, [](float x) { return std::abs(x); });
}
Item negative(Call& call) {
  return call.apply(call.item(0), "neg", false, [](float x) { return -x; });
}

using Function = float (*)(float, float);
struct BinaryOperator {
  const char* type;
  const char* name;
  Function f;
};
constexpr BinaryOperator BINARY[] = {
    {"Add", "add", [](float a, float b) { return a + b; }},
    {"Sub", "subtract", [](float a, float b) { return a - b; }},
    {"Mul", "multiply", [](float a, float b) { return a * b; }},
    {"Div", "divide", [](float a, float b) { return a / b; }},
    {"Max", "maximum", [](float a, float b) { return a > b ? a : b; }},
    {"Min", "minimum", [](float a, float b) { return a < b ? a : b; }},
};

const BinaryOperator& binary_operator(const std::string& type) {
  const std::string plain = type.starts_with("QLinear") ? type.substr(7) : type;
  return *std::find_if(std::begin(BINARY), std::end(BINARY), [&](const BinaryOperator& b) { return b.type == plain; });
}

/// The dimensions of two tensors together, or nothing: NumPy's rule.
std::optional<std::vector<int64_t>> broadcast(std::vector<int64_t> a, std::vector<int64_t> b) {
  const size_t rank = std::max(a.size(), b.size());
  a.insert(a.begin(), rank - a.size(), 1);
  b.insert(b.begin(), rank - b.size(), 1);
  for (size_t d = 0; d < rank; ++d) {
    if (a[d] != b[d] && a[d] != 1 && b[d] != 1) return std::nullopt;
    a[d] = std::max(a[d], b[d]);
  }
  return a;
}

/// Dimensions of 1 in front.
Layout widened(Layout l, size_t rank) {
  const size_t more = rank - std::min(rank, l.dims.size());
  l.dims.insert(l.dims.begin(), more, 1);
  l.axes.insert(l.axes.begin(), more, 0);
  return l;
}

Item pair(Call& call, const BinaryOperator& op, Activation a, Activation b) {
  const bool difference = std::string(op.type) == "Sub";
  if (difference)
    for (float& x : b.reals) x = -x;
  const BinaryOperator& f = difference ? BINARY[0] : op;
  const auto dims = broadcast(a.layout.dims, b.layout.dims);
  if (!dims)
    call.refuse("expected shapes that fit together, found " + text(a.layout.dims) + " and " + text(b.layout.dims));
  a.layout = widened(a.layout, dims->size());
  b.layout = widened(b.layout, dims->size());
  Pair p;
  p.function = op.name;
  p.apply = f.f;
  if (a.layout.dims != *dims) {
    if (b.layout.dims != *dims)
      call.refuse("expected one of the tensors to have all dimensions of the result " + text(*dims) + ", found " +
                  text(a.layout.dims) + " and " + text(b.layout.dims));
    std::swap(a, b);
    p.swapped = true;
    p.apply = [g = f.f](float x, float y) { return g(y, x); };
  }
  Layout to = a.layout;
  to.dims = b.layout.dims;
  b = call.arranged(std::move(b), to);
  if (!(a.is_affine && b.is_affine) && a.value == b.value &&
      a.layout.dims == b.layout.dims) {  // x * sigmoid(x) without a QuantizeLinear between
    for (size_t i = 0; i < 256; ++i) a.reals[i] = p.apply(a.reals[i], b.reals[i]);
    if (std::any_of(a.reals.begin(), a.reals.end(), [](float x) { return std::isnan(x); }))
      call.refuse("the result is not a number for some inputs");
    a.function = op.name;
    a.is_affine = false;
    return a;
  }
  p.is_sum = std::string(f.type) == "Add";
  p.a = std::move(a);
  p.b = std::move(b);
  return p;
}

/// The constants at each channel of accumulators, or one.
std::vector<float> per_channel(Call& call, const Tensor& t, const Layout& layout, size_t channels) {
  if (t.elements() == 1) return {static_cast<float>(t.at(0))};
  const auto dims = broadcast(layout.dims, t.dims);
  const auto refuse = [&] {
    call.refuse("expected one number, or one for each channel, found a constant " + text(t.dims) + " for " +
                text(layout.dims));
  };
  if (!dims || *dims != layout.dims) refuse();
  const size_t skipped = layout.dims.size() - t.dims.size();
  for (size_t d = 0; d < t.dims.size(); ++d)
    if (t.dims[d] != 1 && layout.axis(d + skipped) != 2) refuse();
  if (t.elements() != static_cast<int64_t>(channels)) refuse();
  std::vector<float> out;
  for (int64_t i = 0; i < t.elements(); ++i) out.push_back(static_cast<float>(t.at(i)));
  return out;
}

Item with_constant(Call& call, const BinaryOperator& f, size_t variable, const Tensor& t) {
  const Item& item = call.item(variable);
  for (int64_t i = 0; i < t.elements(); ++i)
    if (!std::isfinite(t.at(i))) call.refuse("expected finite constants");
  const std::string type = f.type;
  std::vector<float> values;
  if (const auto* a = std::get_if<Accumulators>(&item)) {
    values = per_channel(call, t, a->layout, a->channels);
  } else {
    const auto* x = std::get_if<Activation>(&item);
    if (t.elements() != 1) call.refuse("expected one number or a quantised constant, found float " + text(t.dims));
    const size_t rank = x != nullptr ? x->layout.dims.size() : 0;
    if (x != nullptr && t.dims.size() > rank) call.refuse("expected a number, found float " + text(t.dims));
    values = {static_cast<float>(t.at(0))};
  }
  const bool second = variable == 0;  // the constant is
  const bool positive = std::all_of(values.begin(), values.end(), [](float x) { return x > 0; });
  const bool monotone = type == "Add" || type == "Max" || type == "Min" || (type == "Mul" && positive) ||
                        ((type == "Sub" || type == "Div") && second && (type == "Sub" || positive));
  const Function g = f.f;
  Step step{[values, second, g](float x, size_t c) {
              const float y = values[values.size() == 1 ? 0 : c];
              return second ? g(x, y) : g(y, x);
            },
            false, 0, 0, f.name};
  return put_step(call, item, std::move(step), monotone);
}

Item fold(Call& call, const BinaryOperator& f) {
  const Tensor &a = call.constant(0), &b = call.constant(1);
  if (a.type != b.type || (a.type != Type::FLOAT && a.type != Type::INT64 && a.type != Type::INT32) ||
      (a.dims != b.dims && a.elements() != 1 && b.elements() != 1))
    call.refuse("expected constants of one type and shape, found " + call.describe(0) + " and " + call.describe(1));
  const bool first = a.elements() != 1 || a.dims.size() > b.dims.size();
  Tensor t{a.type, first ? a.dims : b.dims, {}, {}};
  const int64_t count = std::max(a.elements(), b.elements());
  if (a.elements() == 0 || b.elements() == 0 || !call.importer.afford(count * 4)) call.refuse("expected elements");
  for (int64_t i = 0; i < count; ++i) {
    const double x = a.at(a.elements() == 1 ? 0 : i), y = b.at(b.elements() == 1 ? 0 : i);
    if (a.type == Type::FLOAT) {
      t.reals.push_back(f.f(static_cast<float>(x), static_cast<float>(y)));
    } else {
      const std::string type = f.type;
      if (type == "Div" && y == 0) call.refuse("division by 0");
      const double z = type == "Add"   ? x + y
                       : type == "Sub" ? x - y
                       : type == "Mul" ? x * y
                       : type == "Div" ? std::trunc(x / y)
                       : type == "Max" ? std::max(x, y)
                                       : std::min(x, y);
      t.integers.push_back(static_cast<int32_t>(std::clamp(z, -2147483648.0, 2147483647.0)));
    }
  }
  return std::make_shared<const Tensor>(std::move(t));
}

Item binary(Call& call) {
  const BinaryOperator& f = binary_operator(call.op.type);
  if (call.op.inputs.size() != 2) call.refuse("expected two inputs, found " + std::to_string(call.op.inputs.size()));
  // Quantised constants are tensors like others, but for one number beside what is not quantised.
  const auto plain = [&](size_t i) {
    if (!std::holds_alternative<Quantised>(call.item(i))) return call.is_constant(i);
    const auto* other = std::get_if<Activation>(&call.item(1 - i));
    return call.constant(i).elements() == 1 && (other == nullptr || !other->is_affine);
  };
  if (call.is_constant(0) && call.is_constant(1)) return fold(call, f);
  if (plain(1)) return with_constant(call, f, 0, call.constant(1));
  if (plain(0)) return with_constant(call, f, 1, call.constant(0));
  Activation a = call.activation(0), b = call.activation(1);
  if (a.type != Type::FLOAT || b.type != Type::FLOAT)
    call.refuse("expected tensors of float, found " + call.describe(0) + " and " + call.describe(1));
  return pair(call, f, std::move(a), std::move(b));
}

Item qlinear_binary(Call& call) {
  const BinaryOperator& f = binary_operator(call.op.type);
  Activation a = call.quantised(0), b = call.quantised(3);
  const Parameters to = call.parameters(6, 7, a.parameters.type);
  return call.quantise(pair(call, f, std::move(a), std::move(b)), to, call.output());
}

/// QLinearSigmoid and QLinearLeakyRelu: the real function between two quantisations.
Item qlinear_unary(Call& call) {
  const Activation x = call.quantised(0);
  const Parameters to = call.parameters(3, 4, x.parameters.type);
  const float alpha = call.op.type == "QLinearLeakyRelu" ? call.real("alpha", 0.01F) : 0;
  const Item y = call.op.type == "QLinearSigmoid"
                     ? call.apply(x, "logistic", true, logistic)
                     : call.apply(x, "leaky relu", true, [=](float v) { return v < 0 ? alpha * v : v; });
  return call.quantise(y, to, call.output());
}

Item distribution(Call& call, Activation x, int64_t axis, bool flattens) {
  const auto rank = static_cast<int64_t>(x.layout.dims.size());
  if (axis < 0) axis += rank;
  if (axis < 0 || axis >= rank)
    call.refuse("attribute axis: expected a dimension of " + text(x.layout.dims) + ", found " + std::to_string(axis));
  Layout to = linear_layout(x.layout.dims);
  if (flattens) {  // before version 13: over all dimensions from `axis` on
    int wide = 0;
    for (int64_t d = axis; d < rank; ++d)
      if (to.dims[static_cast<size_t>(d)] != 1) {
        ++wide;
        axis = d;
      }
    if (wide > 1) call.refuse("expected one dimension from the axis on, found " + text(x.layout.dims));
  }
  if (to.dims[static_cast<size_t>(axis)] == 1) call.refuse("expected more than one element along the axis");
  int next = 3 - to.wide();  // the axis last, the others in order before it
  for (size_t d = 0; d < to.dims.size(); ++d)
    if (static_cast<int64_t>(d) != axis && to.dims[d] != 1) to.axes[d] = next++;
  to.axes[static_cast<size_t>(axis)] = 2;
  return Distribution{call.arranged(std::move(x), to), call.op.name};
}

Item softmax(Call& call) {
  const bool old = call.importer.model().opset < 13;
  const int64_t axis = call.integer("axis", old ? 1 : -1);
  return distribution(call, call.affine(0), axis, old);
}

Item qlinear_softmax(Call& call) {
  const int64_t axis = call.integer("axis", -1), opset = call.integer("opset", 13);
  Activation x = call.quantised(0);
  const Parameters to = call.parameters(3, 4, x.parameters.type);
  return call.quantise(distribution(call, std::move(x), axis, opset < 13), to, call.output());
}

}  // namespace

Item Call::apply(const Item& item, const std::string& name, bool monotone, const std::function<float(float)>& f) {
  return put_step(*this, item, {[f](float x, size_t) { return f(x); }, false, 0, 0, name}, monotone);
}
Item Call::clamp(const Item& item, const std::string& name, float low, float high) {
  return put_step(*this, item,
                  {[=](float x, size_t) { return x < low    ? low
                                                 : x > high ? high
                                                            : x; }, true, low, high, name}, true);
}

Import find_elementwise(const std::string& type, bool microsoft) {
  static const std::unordered_map<std::string, Import> STANDARD{{"Relu", relu},
                                                                {"Clip", clip},
                                                                {"LeakyRelu", leaky_relu},
                                                                {"Sigmoid", sigmoid},
                                                                {"Tanh", tanh},
                                                                {"Elu", elu},
                                                                {"HardSigmoid", hard_sigmoid},
                                                                {"HardSwish", hard_swish},
                                                                {"Exp", exponential},
                                                                {"Abs", absolute},
                                                                {"Neg", negative},
                                                                {"Softplus", softplus},
                                                                {"Add", binary},
                                                                {"Sub", binary},
                                                                {"Mul", binary},
                                                                {"Div", binary},
                                                                {"Max", binary},
                                                                {"Min", binary},
                                                                {"Softmax", softmax}};
  static const std::unordered_map<std::string, Import> MICROSOFT{{"QLinearAdd", qlinear_binary},
                                                                 {"QLinearMul", qlinear_binary},
                                                                 {"QLinearSigmoid", qlinear_unary},
                                                                 {"QLinearLeakyRelu", qlinear_unary},
                                                                 {"QLinearSoftmax", qlinear_softmax}};
  const auto& table = microsoft ? MICROSOFT : STANDARD;
  const auto found = table.find(type);
  return found == table.end() ? nullptr : found->second;
}

}  // namespace zkvm::compiler::onnx
