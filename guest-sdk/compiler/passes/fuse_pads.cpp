#include "guest-sdk/compiler/passes/pass.hpp"

namespace zkvm::compiler::passes {

bool fuse_pads(Graph& graph) {
  bool changed = false;
  for (Node& n : graph.nodes) {
    auto* l = std::get_if<Linear>(&n.operation);
    if (l == nullptr || l->kind == Linear::Kind::FULLY_CONNECTED) continue;
    const int32_t before = producer_of(graph, n.inputs[0]);
    if (before < 0) continue;
    const Node& b = graph.nodes[static_cast<size_t>(before)];
    const auto* pad = std::get_if<Pad>(&b.operation);
    if (pad == nullptr || pad->value != l->input_zero_point || pad->before[2] != 0 || pad->after[2] != 0) continue;
    Window& w = l->window;
    // What the machine's windows reach.
    constexpr int32_t MOST = 63;
    if (w.top + pad->before[0] > MOST || w.left + pad->before[1] > MOST) continue;
    w.top += pad->before[0], w.left += pad->before[1];
    w.bottom += pad->after[0], w.right += pad->after[1];
    n.inputs[0] = b.inputs[0];
    changed = true;
  }
  return changed;
}

}  // namespace zkvm::compiler::passes
