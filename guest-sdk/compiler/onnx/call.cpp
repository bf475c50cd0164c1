// What operators ask for: attributes, inputs, parameters; each question checks what the file answers.
#include <algorithm>

#include "guest-sdk/compiler/onnx/importer.hpp"

namespace zkvm::compiler::onnx {
namespace {

Constants as_constants(const Item& item) {
  if (const auto* c = std::get_if<Constants>(&item)) return *c;
  if (const auto* q = std::get_if<Quantised>(&item)) return std::make_shared<const Tensor>(q->dequantise());
  return nullptr;
}

}  // namespace

Tensor Quantised::dequantise() const {
  Tensor t;
  t.type = Type::FLOAT;
  t.dims = integers->dims;
  int64_t inner = 1;
  if (scales.size() > 1)
    for (size_t d = static_cast<size_t>(axis) + 1; d < t.dims.size(); ++d) inner *= t.dims[d];
  t.reals.resize(integers->integers.size());
  for (size_t i = 0; i < t.reals.size(); ++i) {
    const size_t c = scales.size() > 1 ? i / static_cast<size_t>(inner) % scales.size() : 0;
    t.reals[i] = static_cast<float>(int64_t{integers->integers[i]} - zero_points[c]) * scales[c];
  }
  return t;
}

void Call::complain(const std::string& what) {
  if (importer.seen_problems_.emplace(op.name, what).second) importer.problems.push_back({op.name, op.type, what});
}
void Call::refuse(const std::string& what) {
  complain(what);
  throw Refused{};
}

void Call::finish() {
  for (const auto& [name, a] : op.attributes)
    if (!used_.contains(name)) complain("attribute " + name + ": expected none, this one is not supported");
  if (!importer.problems.empty() && importer.problems.back().layer == op.name) throw Refused{};
}

const Attribute* Call::attribute(const std::string& name) {
  used_.insert(name);
  const auto found = op.attributes.find(name);
  return found == op.attributes.end() ? nullptr : &found->second;
}
int64_t Call::integer(const std::string& name, int64_t otherwise) {
  const Attribute* a = attribute(name);
  if (a == nullptr) return otherwise;
  if (a->kind != Attribute::Kind::INT) refuse("attribute " + name + ": expected an integer");
  return a->integer;
}
float Call::real(const std::string& name, float otherwise) {
  const Attribute* a = attribute(name);
  if (a == nullptr) return otherwise;
  if (a->kind != Attribute::Kind::FLOAT || std::isnan(a->real)) refuse("attribute " + name + ": expected a number");
  return a->real;
}
std::string Call::string(const std::string& name, const std::string& otherwise) {
  const Attribute* a = attribute(name);
  if (a == nullptr) return otherwise;
  if (a->kind != Attribute::Kind::STRING) refuse("attribute " + name + ": expected a text");
  return a->string;
}
std::vector<int64_t> Call::integers(const std::string& name, std::vector<int64_t> otherwise) {
  const Attribute* a = attribute(name);
  if (a == nullptr) return otherwise;
  if (a->kind != Attribute::Kind::INTS || a->integers.size() > 16)
    refuse("attribute " + name + ": expected a list of at most 16 integers");
  for (const int64_t i : a->integers)
    if (i < -MAX_ELEMENTS || i > MAX_ELEMENTS)
      refuse("attribute " + name + ": " + std::to_string(i) + " is out of range");
  return a->integers;
}
void Call::expect(const std::string& name, int64_t expected) {
  const int64_t found = integer(name, expected);
  if (found != expected)
    complain("attribute " + name + ": expected " + std::to_string(expected) + ", found " + std::to_string(found));
}

const Item& Call::item(size_t input) {
  if (!has(input)) refuse("expected an input " + std::to_string(input) + ", found none");
  const auto found = importer.items_.find(op.inputs[input]);
  if (found == importer.items_.end()) refuse("its input " + op.inputs[input] + " is not computed before it");
  if (std::holds_alternative<Broken>(found->second)) throw Refused{};
  return found->second;
}

std::string Call::describe(size_t input) {
  const Item& i = item(input);
  const std::string name = "input " + op.inputs[input];
  if (const auto* a = std::get_if<Activation>(&i))
    return name + " of " + text(a->type) + " " + text(a->layout.dims) +
           (a->type == Type::FLOAT && !a->is_affine ? " after " + a->function : "");
  if (const auto* a = std::get_if<Accumulators>(&i)) return name + ", not quantised, of " + a->node.name;
  if (const auto c = as_constants(i)) return name + ", a constant " + text(c->type) + " " + text(c->dims);
  return name + ", not quantised";
}

bool Call::is_constant(size_t input) { return as_constants(item(input)) != nullptr; }

const Tensor& Call::constant(size_t input) {
  const Item& i = item(input);
  if (const auto* c = std::get_if<Constants>(&i)) return **c;
  if (const auto* q = std::get_if<Quantised>(&i)) {  // replaced by its reals from now on? No: kept beside them.
    const std::string key = op.inputs[input] + " as reals";
    auto& kept = importer.items_[key];
    if (!std::holds_alternative<Constants>(kept)) {
      if (!importer.afford(q->integers->elements() * 4)) refuse("the model needs too much memory");
      kept = std::make_shared<const Tensor>(q->dequantise());
    }
    return *std::get<Constants>(kept);
  }
  refuse("expected a constant, found " + describe(input));
}

std::vector<int64_t> Call::constant_integers(size_t input) {
  const Tensor& t = constant(input);
  if ((t.type != Type::INT64 && t.type != Type::INT32) || t.dims.size() > 1 || t.elements() > 16)
    refuse("expected a list of at most 16 integers, found " + describe(input));
  std::vector<int64_t> out(t.integers.begin(), t.integers.end());
  for (const int64_t i : out)
    if (i < -MAX_ELEMENTS || i > INT32_MAX) refuse(describe(input) + ": " + std::to_string(i) + " is out of range");
  return out;
}

float Call::scalar(size_t input) {
  const Tensor& t = constant(input);
  if (t.type != Type::FLOAT || t.elements() != 1 || std::isnan(t.reals[0]))
    refuse("expected one number, found " + describe(input));
  return t.reals[0];
}

Parameters Call::parameters(size_t scale, size_t zero_point, Type type) {
  Parameters p;
  p.scale = scalar(scale);
  if (!(p.scale > 0) || std::isinf(p.scale)) refuse("expected a scale above 0, found " + std::to_string(p.scale));
  p.type = type == Type::OTHER ? Type::UINT8 : type;
  if (!has(zero_point)) return p;
  const Tensor& t = constant(zero_point);
  if ((t.type != Type::UINT8 && t.type != Type::INT8) || t.elements() != 1)
    refuse("expected a zero point of int8 or uint8, found " + describe(zero_point));
  if (type != Type::OTHER && t.type != type)
    refuse("expected a zero point of " + text(type) + " like its tensor, found " + describe(zero_point));
  p.type = t.type;
  p.zero_point = t.integers[0];
  return p;
}

Activation Call::activation(size_t input) {
  const Item& i = item(input);
  if (const auto* a = std::get_if<Activation>(&i)) return *a;
  const auto* q = std::get_if<Quantised>(&i);
  const auto* c = std::get_if<Constants>(&i);
  if ((q == nullptr && c == nullptr))
    refuse("expected a quantised tensor (QuantizeLinear before it), found " + describe(input));
  const Tensor& t = q != nullptr ? *q->integers : **c;
  if ((t.type != Type::UINT8 && t.type != Type::INT8) || (q != nullptr && q->scales.size() != 1) || t.elements() == 0)
    refuse("expected a quantised tensor, found " + describe(input));
  Activation a;
  a.layout = linear_layout(t.dims);
  if (!a.layout.representable()) refuse("expected at most three dimensions that are not 1, found " + describe(input));
  a.type = t.type;
  a.parameters = {1, 0, t.type};
  if (q != nullptr) {
    a.parameters = {q->scales[0], q->zero_points[0], t.type};
    a.type = Type::FLOAT;
    a.is_affine = true;
    for (int x = -128; x < 128; ++x) a.reals[static_cast<uint8_t>(x)] = a.parameters.real(static_cast<int8_t>(x));
  }
  Constant values;
  for (const int32_t x : t.integers) values.values.push_back(static_cast<int8_t>(x - a.parameters.offset()));
  if (!importer.afford(t.elements())) refuse("the model needs too much memory");
  a.value = importer.emit({op.inputs[input], "Constant", {}, -1, std::move(values)}, a.layout.shape(), op.inputs[input],
                          a.parameters.quantization());
  return a;
}

Activation Call::affine(size_t input) {
  Activation a = activation(input);
  if (a.type != Type::FLOAT || !a.is_affine) refuse("expected a DequantizeLinear before it, found " + describe(input));
  return a;
}
Activation Call::integers_of(size_t input) {
  Activation a = activation(input);
  if (a.type == Type::FLOAT) refuse("expected int8 or uint8, found " + describe(input));
  return a;
}

Activation Call::quantised(size_t tensor, size_t scale, size_t zero_point) {
  Activation a = integers_of(tensor);
  a.parameters = parameters(scale, zero_point, a.type);
  importer.learn(a.value, a.parameters);
  a.type = Type::FLOAT;
  a.is_affine = true;
  for (int x = -128; x < 128; ++x) a.reals[static_cast<uint8_t>(x)] = a.parameters.real(static_cast<int8_t>(x));
  return a;
}
Activation Call::quantised(size_t input) { return quantised(input, input + 1, input + 2); }

Quantised Call::quantised_constant(size_t tensor, size_t scale, size_t zero_point, int64_t axis) {
  const Item& i = item(tensor);
  const auto* c = std::get_if<Constants>(&i);
  if (c == nullptr) refuse("expected constant integers, found " + describe(tensor));
  const Tensor& t = **c;
  if (t.type != Type::INT8 && t.type != Type::UINT8 && t.type != Type::INT32)
    refuse("expected int8, uint8 or int32, found " + describe(tensor));
  Quantised q{*c, {}, {}, axis};
  const Tensor& scales = constant(scale);
  if (scales.type != Type::FLOAT || scales.dims.size() > 1) refuse("expected scales, found " + describe(scale));
  q.scales = scales.reals;
  const auto rank = static_cast<int64_t>(t.dims.size());
  if (q.axis < 0) q.axis += rank;
  const bool fits =
      q.scales.size() == 1 ||
      (q.axis >= 0 && q.axis < rank && static_cast<int64_t>(q.scales.size()) == t.dims[static_cast<size_t>(q.axis)]);
  if (!fits || q.scales.empty())
    refuse("expected a scale, or one for each index of dimension " + std::to_string(axis) + " of " + describe(tensor) +
           ", found " + describe(scale));
  for (const float s : q.scales)
    if (!(s > 0) || std::isinf(s)) refuse("expected scales above 0, found " + std::to_string(s));
  q.zero_points.assign(q.scales.size(), 0);
  if (has(zero_point)) {
    const Tensor& z = constant(zero_point);
    if (z.type != t.type || (z.elements() != 1 && z.elements() != static_cast<int64_t>(q.scales.size())))
      refuse("expected zero points of " + text(t.type) + ", as many as scales, found " + describe(zero_point));
    for (size_t k = 0; k < q.zero_points.size(); ++k) q.zero_points[k] = z.integers[z.elements() == 1 ? 0 : k];
  }
  return q;
}

void Call::check_dims(const std::vector<int64_t>& dims) {
  int64_t elements = 1;
  bool fits = dims.size() <= 16;
  for (const int64_t d : dims) fits = fits && d >= 1 && d <= MAX_ELEMENTS && (elements *= d) <= MAX_ELEMENTS;
  if (!fits || Layout{dims, {}}.wide() > 3)
    refuse("expected at most 2^27 elements and three dimensions that are not 1, found " + text(dims));
  if (!importer.afford(elements)) refuse("the model needs too much memory");
}

Activation Call::arranged(Activation a, const Layout& to) {
  a.value = importer.arrange(a.value, a.layout, to, output());
  a.layout = to;
  return a;
}
Activation Call::in_linear_layout(Activation a) {
  const Layout to = linear_layout(a.layout.dims);
  return arranged(std::move(a), to);
}
Activation Call::in_image_layout(Activation a) {
  const std::vector<int64_t>& dims = a.layout.dims;
  if ((dims.size() != 4 && dims.size() != 3) || dims[0] != 1)
    refuse("expected [1, channels, height, width] or [1, channels, width], found " + text(dims));
  return arranged(std::move(a), image_layout(a.layout.dims));
}

}  // namespace zkvm::compiler::onnx
