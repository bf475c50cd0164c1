// Operators that leave every element where it is.
#include <algorithm>

#include "guest-sdk/compiler/passes/pass.hpp"

namespace zkvm::compiler::passes {
namespace {

bool is_identity(const Table& t) {
  for (int32_t x = -128; x < 128; ++x)
    if (t.table[static_cast<uint8_t>(x)] != x) return false;
  return true;
}

/// Elements keep their order: the axes that are not 1 do.
bool keeps_order(const Transpose& t, Shape in) {
  const int32_t sizes[] = {in.h, in.w, in.c};
  int32_t last = -1;
  for (const int32_t axis : t.order) {
    if (sizes[axis] == 1) continue;
    if (axis < last) return false;
    last = axis;
  }
  return true;
}

bool does_nothing(const Graph& graph, const Node& n) {
  const Shape out = graph.value(n.output).shape;
  const bool same = n.inputs.size() == 1 && graph.value(n.inputs[0]).shape == out;
  if (!same) return false;
  if (std::holds_alternative<Reshape>(n.operation) || std::holds_alternative<Concat>(n.operation) ||
      std::holds_alternative<Pad>(n.operation))
    return true;
  if (const auto* t = std::get_if<Transpose>(&n.operation)) return keeps_order(*t, out);
  if (const auto* t = std::get_if<Table>(&n.operation)) return is_identity(*t);
  if (const auto* p = std::get_if<Pool>(&n.operation))
    return p->window == Window{} && p->range.min == -128 && p->range.max == 127;
  return false;
}

}  // namespace

bool remove_identities(Graph& graph) {
  bool changed = false;
  for (Node& n : graph.nodes) {
    if (n.inputs.size() != 1) continue;
    if (does_nothing(graph, n)) {
      if (readers_of(graph, n.output) == 0) continue;
      replace_value(graph, n.output, n.inputs[0]);
      changed = true;
      continue;
    }
    auto* turned = std::get_if<Transpose>(&n.operation);
    if (turned != nullptr && keeps_order(*turned, graph.value(n.inputs[0]).shape)) {
      n.operation = Reshape{};
      changed = true;
      continue;
    }
    const int32_t before = producer_of(graph, n.inputs[0]);
    if (before < 0) continue;
    const Node& b = graph.nodes[static_cast<size_t>(before)];
    if (std::holds_alternative<Reshape>(n.operation) && std::holds_alternative<Reshape>(b.operation)) {
      n.inputs[0] = b.inputs[0];
      changed = true;
    } else if (const auto* first = std::get_if<Transpose>(&b.operation); turned != nullptr && first != nullptr) {
      std::array<int32_t, 3> order{};
      for (size_t i = 0; i < 3; ++i) order[i] = first->order[static_cast<size_t>(turned->order[i])];
      turned->order = order;
      n.inputs[0] = b.inputs[0];
      changed = true;
    }
  }
  return changed;
}

}  // namespace zkvm::compiler::passes
