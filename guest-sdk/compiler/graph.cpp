#include "guest-sdk/compiler/graph.hpp"

#include <algorithm>

namespace zkvm::compiler {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

std::string text(Shape s) { return std::to_string(s.h) + "x" + std::to_string(s.w) + "x" + std::to_string(s.c); }

/// The size of a window operator's output along one axis, or -1.
int64_t window_outputs(int32_t in, int32_t before, int32_t after, int32_t kernel, int32_t stride) {
  const int64_t room = int64_t{in} + before + after - kernel;
  return room < 0 || before < 0 || after < 0 || kernel < 1 || stride < 1 ? -1 : room / stride + 1;
}
bool window_fits(const Window& w, Shape in, Shape out) {
  return window_outputs(in.h, w.top, w.bottom, w.kernel_h, w.stride_h) == out.h &&
         window_outputs(in.w, w.left, w.right, w.kernel_w, w.stride_w) == out.w;
}

std::string check_requantise(const Requantise& r, int32_t channels) {
  if (r.scales.size() + r.thresholds.size() != static_cast<size_t>(channels) ||
      (!r.scales.empty() && !r.thresholds.empty()))
    return "expected scales or thresholds for " + std::to_string(channels) + " channels";
  for (const nn::Scale& s : r.scales)
    if (s.multiplier < 0 || s.shift < -31 || s.shift > 13) return "a scale is out of range";
  for (const Thresholds& t : r.thresholds)
    if (!std::is_sorted(t.begin(), t.end()) || t.front() < ALWAYS || t.back() > NEVER)
      return "thresholds decrease or are out of range";
  if (r.zero_point < -128 || r.zero_point > 127 || r.range.min < -128 || r.range.min > r.range.max || r.range.max > 127)
    return "zero point or range is out of range";
  return "";
}

std::string check_linear(const Linear& l, Shape in, Shape out) {
  if (l.biases.size() != static_cast<size_t>(out.c)) return "expected a bias for each output channel";
  if (l.input_zero_point < -128 || l.input_zero_point > 127) return "the input's zero point is out of range";
  int64_t weights = int64_t{out.c} * in.c;
  switch (l.kind) {
    case Linear::Kind::CONV:
      weights *= int64_t{l.window.kernel_h} * l.window.kernel_w;
      break;
    case Linear::Kind::DEPTHWISE:
      if (in.c != out.c) return "channels differ";
      weights = int64_t{l.window.kernel_h} * l.window.kernel_w * out.c;
      break;
    case Linear::Kind::FULLY_CONNECTED:
      if (l.window != Window{} || in.h != 1) return "a fully connected layer works on the rows of a matrix";
      break;
  }
  if (!window_fits(l.window, in, out)) return "the window does not give the output " + text(out);
  if (static_cast<int64_t>(l.weights.size()) != weights) return "expected " + std::to_string(weights) + " weights";
  return check_requantise(l.requantise, out.c);
}

/// Of one node: `in` are the shapes of its inputs.
std::string check_operation(const Operation& operation, const std::vector<Shape>& in, Shape out) {
  const auto inputs = [&](size_t n) { return in.size() == n; };
  const auto same = [&] { return in[0] == out ? std::string() : "the output should be " + text(in[0]); };
  const std::string count = "wrong number of inputs";
  return std::visit(
      Overloaded{[&](const Linear& l) { return inputs(1) ? check_linear(l, in[0], out) : count; },
                 [&](const MatMul& m) {
                   if (!inputs(2)) return count;
                   const Shape b = m.transposed ? Shape{1, in[1].c, in[1].w} : in[1];
                   if (in[0].h != 1 || in[1].h != 1 || in[0].c != b.w || out != Shape{1, in[0].w, b.c})
                     return std::string("the matrices do not fit together");
                   return check_requantise(m.requantise, out.c);
                 },
                 [&](const Add&) {
                   if (!inputs(2)) return count;
                   return in[0] == in[1] ? same() : "the operands differ in shape";
                 },
                 [&](const Binary& b) {
                   if (!inputs(2)) return count;
                   const auto fits = [](int32_t x, int32_t y) { return x == y || y == 1; };
                   if (!fits(in[0].h, in[1].h) || !fits(in[0].w, in[1].w) || !fits(in[0].c, in[1].c))
                     return std::string("the second operand cannot be spread over the first");
                   return b.table.size() == 65536 ? same() : "expected 65536 entries";
                 },
                 [&](const Table&) { return inputs(1) ? same() : count; },
                 [&](const Pool& p) {
                   if (!inputs(1)) return count;
                   if (in[0].c != out.c || !window_fits(p.window, in[0], out))
                     return "the window does not give " + text(out);
                   const Window& w = p.window;
                   const bool meets = w.top < w.kernel_h && w.left < w.kernel_w &&
                                      (out.h - 1) * int64_t{w.stride_h} - w.top < in[0].h &&
                                      (out.w - 1) * int64_t{w.stride_w} - w.left < in[0].w;
                   return meets ? std::string() : "a window lies outside of the input";
                 },
                 [&](const Softmax&) { return inputs(1) ? same() : count; },
                 [&](const SoftmaxFloat&) { return inputs(1) ? same() : count; },
                 [&](const Concat& c) {
                   if (in.empty()) return count;
                   Shape sum = in[0];
                   int32_t Shape::*const axes[] = {&Shape::h, &Shape::w, &Shape::c};
                   if (c.axis < 0 || c.axis > 2) return std::string("unknown axis");
                   sum.*axes[c.axis] = 0;
                   for (Shape s : in) {
                     sum.*axes[c.axis] += s.*axes[c.axis];
                     s.*axes[c.axis] = out.*axes[c.axis];
                     if (s != out) return std::string("the inputs differ across the axis");
                   }
                   return sum == out ? std::string() : "the output should be " + text(sum);
                 },
                 [&](const Pad& p) {
                   if (!inputs(1)) return count;
                   for (int i = 0; i < 3; ++i)
                     if (p.before[static_cast<size_t>(i)] < 0 || p.after[static_cast<size_t>(i)] < 0)
                       return std::string("negative padding");
                   const Shape sum{in[0].h + p.before[0] + p.after[0], in[0].w + p.before[1] + p.after[1],
                                   in[0].c + p.before[2] + p.after[2]};
                   return sum == out ? std::string() : "the output should be " + text(sum);
                 },
                 [&](const Reshape&) {
                   if (!inputs(1)) return count;
                   return in[0].elements() == out.elements() ? std::string() : "the number of elements changes";
                 },
                 [&](const Transpose& t) {
                   if (!inputs(1)) return count;
                   std::array<int32_t, 3> sorted = t.order;
                   std::sort(sorted.begin(), sorted.end());
                   if (sorted != std::array<int32_t, 3>{0, 1, 2}) return std::string("no permutation");
                   const int32_t sizes[] = {in[0].h, in[0].w, in[0].c};
                   const Shape turned{sizes[t.order[0]], sizes[t.order[1]], sizes[t.order[2]]};
                   return turned == out ? std::string() : "the output should be " + text(turned);
                 },
                 [&](const Constant& c) {
                   if (!inputs(0)) return count;
                   return static_cast<int64_t>(c.values.size()) == out.elements() ? std::string()
                                                                                  : "wrong number of values";
                 }},
      operation);
}

}  // namespace

std::string describe(const std::vector<Problem>& problems) {
  std::string out;
  for (const Problem& p : problems) {
    if (!out.empty()) out += "\n";
    const std::string type = p.type.empty() || p.layer.empty() ? p.type : " (" + p.type + ")";
    out += p.layer + type + (p.layer.empty() && p.type.empty() ? "" : ": ") + p.what;
  }
  return out;
}

int64_t multiplications(const Graph& graph, const Node& node) {
  const int64_t outputs = graph.value(node.output).shape.elements();
  if (const auto* l = std::get_if<Linear>(&node.operation)) {
    const int64_t taps = int64_t{l->window.kernel_h} * l->window.kernel_w;
    return outputs * taps * (l->kind == Linear::Kind::DEPTHWISE ? 1 : graph.value(node.inputs[0]).shape.c);
  }
  if (std::holds_alternative<MatMul>(node.operation)) return outputs * graph.value(node.inputs[0]).shape.c;
  return 0;
}

int64_t parameters(const Node& node) {
  if (const auto* l = std::get_if<Linear>(&node.operation))
    return static_cast<int64_t>(l->weights.size() + l->biases.size());
  if (const auto* c = std::get_if<Constant>(&node.operation)) return static_cast<int64_t>(c->values.size());
  return 0;
}

std::string kind_of(const Node& node) {
  return std::visit(
      Overloaded{[](const Linear& l) -> std::string {
                   return l.kind == Linear::Kind::CONV        ? "conv"
                          : l.kind == Linear::Kind::DEPTHWISE ? "depthwise conv"
                                                              : "fully connected";
                 },
                 [](const MatMul&) -> std::string { return "matmul"; }, [](const Add&) -> std::string { return "add"; },
                 [](const Binary& b) { return b.function; }, [](const Table& t) { return t.function; },
                 [](const Pool& p) -> std::string { return p.is_max ? "max pool" : "average pool"; },
                 [](const Softmax&) -> std::string { return "softmax"; },
                 [](const SoftmaxFloat&) -> std::string { return "softmax"; },
                 [](const Concat&) -> std::string { return "concat"; }, [](const Pad&) -> std::string { return "pad"; },
                 [](const Reshape&) -> std::string { return "reshape"; },
                 [](const Transpose&) -> std::string { return "transpose"; },
                 [](const Constant&) -> std::string { return "constant"; }},
      node.operation);
}

std::string check(const Graph& graph) {
  const auto count = static_cast<ValueId>(graph.values.size());
  for (const Value& v : graph.values)
    if (v.shape.h < 1 || v.shape.w < 1 || v.shape.c < 1 || v.shape.elements() > (int64_t{1} << 27))
      return "value " + v.name + ": expected a size of 1 to 2^27 elements, found " + text(v.shape);
  std::vector<bool> known(graph.values.size(), false);
  for (const Border& b : graph.inputs) {
    if (b.value < 0 || b.value >= count) return "an input is no value";
    if (known[static_cast<size_t>(b.value)]) return "two inputs are one value";
    known[static_cast<size_t>(b.value)] = true;
  }
  for (const Node& n : graph.nodes) {
    std::vector<Shape> in;
    for (const ValueId id : n.inputs) {
      if (id < 0 || id >= count || !known[static_cast<size_t>(id)]) return n.name + ": reads what is not there yet";
      in.push_back(graph.value(id).shape);
    }
    if (n.output < 0 || n.output >= count || known[static_cast<size_t>(n.output)])
      return n.name + ": the output is no value, or is computed twice";
    if (const std::string wrong = check_operation(n.operation, in, graph.value(n.output).shape); !wrong.empty())
      return n.name + ": " + wrong;
    known[static_cast<size_t>(n.output)] = true;
  }
  if (graph.inputs.empty() || graph.outputs.empty()) return "expected an input and an output at least";
  for (const Border& b : graph.outputs)
    if (b.value < 0 || b.value >= count || !known[static_cast<size_t>(b.value)]) return "an output is not computed";
  return "";
}

}  // namespace zkvm::compiler
