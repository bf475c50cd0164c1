#include <algorithm>

#include "guest-sdk/compiler/evaluate.hpp"
#include "guest-sdk/compiler/passes/pass.hpp"

namespace zkvm::compiler::passes {

bool fold_constants(Graph& graph) {
  bool changed = false;
  for (Node& n : graph.nodes) {
    if (n.inputs.empty()) continue;
    Graph g;
    std::vector<uint8_t> bytes;
    Node node = n;
    bool constant = true;
    for (size_t i = 0; i < n.inputs.size() && constant; ++i) {
      const std::vector<int8_t>* values = constant_of(graph, n.inputs[i]);
      constant = values != nullptr;
      if (!constant) break;
      g.values.push_back({"", graph.value(n.inputs[i]).shape, {}});
      node.inputs[i] = static_cast<ValueId>(i);
      g.inputs.push_back({static_cast<ValueId>(i), "", {}, false, false});
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
