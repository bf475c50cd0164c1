#include <algorithm>

#include "guest-sdk/compiler/evaluate.hpp"
#include "guest-sdk/compiler/passes/pass.hpp"

namespace zkvm::compiler::passes {
namespace {

/// Whether a tap of some window lies in the input, along one axis.
bool meets(int32_t size, int32_t outputs, int32_t kernel, int32_t stride, int32_t before) {
  for (int64_t i = 0; i < outputs; ++i) {
    const int64_t first = i * stride - before;
    if (first < size && first + kernel > 0) return true;
  }
  return false;
}

/// A layer whose windows all lie in the padding, which the machine refuses; probabilities of one class.
bool reads_nothing(const Graph& graph, const Node& n) {
  if (std::holds_alternative<Softmax>(n.operation) || std::holds_alternative<SoftmaxFloat>(n.operation))
    return graph.value(n.output).shape.c == 1;
  const auto* l = std::get_if<Linear>(&n.operation);
  if (l == nullptr) return false;
  const Shape in = graph.value(n.inputs[0]).shape, out = graph.value(n.output).shape;
  const Window& w = l->window;
  return !meets(in.h, out.h, w.kernel_h, w.stride_h, w.top) || !meets(in.w, out.w, w.kernel_w, w.stride_w, w.left);
}

}  // namespace

bool fold_constants(Graph& graph) {
  bool changed = false;
  for (Node& n : graph.nodes) {
    if (n.inputs.empty()) continue;
    Graph g;
    std::vector<uint8_t> bytes;
    Node node = n;
    bool constant = true;
    const bool blind = reads_nothing(graph, n);
    for (size_t i = 0; i < n.inputs.size() && constant; ++i) {
      const std::vector<int8_t>* values = constant_of(graph, n.inputs[i]);
      constant = values != nullptr || blind;
      if (!constant) break;
      g.values.push_back({"", graph.value(n.inputs[i]).shape, {}});
      node.inputs[i] = static_cast<ValueId>(i);
      g.inputs.push_back({static_cast<ValueId>(i), "", {}, false, false});
      if (values == nullptr)
        bytes.resize(bytes.size() + static_cast<size_t>(graph.value(n.inputs[i]).shape.elements()));
      else
        for (const int8_t x : *values) bytes.push_back(static_cast<uint8_t>(x));
    }
    if (!constant) continue;
    node.output = static_cast<ValueId>(g.values.size());
    g.values.push_back({"", graph.value(n.output).shape, {}});
    g.outputs.push_back({node.output, "", {}, false, false});
    g.nodes.push_back(std::move(node));
    Constant result;
    for (const uint8_t x : evaluate(g, bytes)) result.values.push_back(static_cast<int8_t>(x));
    n.inputs.clear();
    n.operation = std::move(result);
    changed = true;
  }
  return changed;
}

}  // namespace zkvm::compiler::passes
