// Operators of two tensors that are functions of one.
#include <algorithm>

#include "guest-sdk/compiler/passes/pass.hpp"
#include "guest-sdk/include/zkvm/nn/fixed_point.hpp"

namespace zkvm::compiler::passes {
namespace {

using ByteTable = std::array<int8_t, 256>;

int8_t apply(const Add& a, uint8_t x, uint8_t y) {
  return nn::software::requantise_to_int8(a.first[x] + a.second[y], a.scale, a.zero_point, a.range.min, a.range.max);
}
int8_t apply(const Binary& b, uint8_t x, uint8_t y) { return b.table[size_t{256} * x + y]; }

template <class F>
ByteTable table_of(F f) {
  ByteTable t{};
  for (size_t x = 0; x < 256; ++x) t[x] = f(static_cast<uint8_t>(x));
  return t;
}

/// A depthwise layer of one tap that computes tables[c], or nothing if one of them both increases and decreases.
std::optional<Linear> monotone_layer(const std::vector<ByteTable>& tables) {
  Linear l;
  l.kind = Linear::Kind::DEPTHWISE;
  for (const ByteTable& t : tables) {
    bool up = true, down = true;
    for (int32_t x = -128; x < 127; ++x) {
      const int8_t here = t[static_cast<uint8_t>(x)], next = t[static_cast<uint8_t>(x + 1)];
      up &= here <= next;
      down &= here >= next;
    }
    if (!up && !down) return std::nullopt;
    const int8_t weight = up ? 1 : -1;
    Thresholds& thresholds = l.requantise.thresholds.emplace_back();
    for (int32_t i = 0; i < 255; ++i) {
      // The accumulator is x or -x.
      const int32_t first = up ? -128 : -127;
      int32_t a = first;
      while (a < first + 256 && t[static_cast<uint8_t>(a * weight)] < i - 127) ++a;
      thresholds[static_cast<size_t>(i)] = a == first ? ALWAYS : a == first + 256 ? NEVER : a;
    }
    l.weights.push_back(weight);
    l.biases.push_back(0);
  }
  return l;
}

/// The constant for each channel, or nothing if it varies within one.
std::optional<std::vector<uint8_t>> by_channel(const std::vector<int8_t>& values, Shape shape, int32_t channels) {
  std::vector<uint8_t> out(static_cast<size_t>(channels));
  for (size_t c = 0; c < out.size(); ++c) {
    const size_t step = shape.c == 1 ? 1 : static_cast<size_t>(channels), first = shape.c == 1 ? 0 : c;
    for (size_t i = first; i < values.size(); i += step)
      if (values[i] != values[first]) return std::nullopt;
    out[c] = static_cast<uint8_t>(values[first]);
  }
  return out;
}

template <class Operator>
bool simplify(Graph& graph, Node& n, const Operator& operation, const std::string& function) {
  const ValueId a = n.inputs[0], b = n.inputs[1];
  if (a == b) {
    n.operation = Table{function, table_of([&](uint8_t x) { return apply(operation, x, x); })};
    n.inputs = {a};
    return true;
  }
  const std::vector<int8_t>*first = constant_of(graph, a), *second = constant_of(graph, b);
  if ((first == nullptr) == (second == nullptr)) return false;
  const ValueId variable = second != nullptr ? a : b;
  const Shape shape = graph.value(n.output).shape;
  if (graph.value(variable).shape != shape) return false;
  const Shape of_constant = graph.value(second != nullptr ? b : a).shape;
  const auto constants = by_channel(second != nullptr ? *second : *first, of_constant, shape.c);
  if (!constants) return false;
  std::vector<ByteTable> tables;
  for (const uint8_t constant : *constants)
    tables.push_back(table_of(
        [&](uint8_t x) { return second != nullptr ? apply(operation, x, constant) : apply(operation, constant, x); }));
  if (std::all_of(tables.begin(), tables.end(), [&](const ByteTable& t) { return t == tables[0]; })) {
    n.operation = Table{function, tables[0]};
  } else if (auto layer = monotone_layer(tables)) {
    n.operation = std::move(*layer);
  } else {
    return false;
  }
  n.inputs = {variable};
  return true;
}

}  // namespace

bool simplify_functions(Graph& graph) {
  bool changed = false;
  for (Node& n : graph.nodes) {
    if (std::holds_alternative<Add>(n.operation)) {
      const Add add = std::get<Add>(n.operation);
      changed |= simplify(graph, n, add, "add");
    } else if (std::holds_alternative<Binary>(n.operation)) {
      const Binary binary = std::get<Binary>(n.operation);
      changed |= simplify(graph, n, binary, binary.function);
    }
  }
  return changed;
}

}  // namespace zkvm::compiler::passes
