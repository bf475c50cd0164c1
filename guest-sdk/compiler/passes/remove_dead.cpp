#include <algorithm>

#include "guest-sdk/compiler/passes/pass.hpp"

namespace zkvm::compiler::passes {

bool remove_dead(Graph& graph) {
  std::vector<bool> read(graph.values.size(), false);
  for (const Border& b : graph.outputs) read[static_cast<size_t>(b.value)] = true;
  std::vector<bool> keep(graph.nodes.size(), false);
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    keep[i] = read[static_cast<size_t>(graph.nodes[i].output)];
    if (keep[i])
      for (const ValueId id : graph.nodes[i].inputs) read[static_cast<size_t>(id)] = true;
  }
  if (std::find(keep.begin(), keep.end(), false) == keep.end()) return false;
  std::vector<Node> nodes;
  for (size_t i = 0; i < keep.size(); ++i)
    if (keep[i]) nodes.push_back(std::move(graph.nodes[i]));
  graph.nodes = std::move(nodes);
  return true;
}

}  // namespace zkvm::compiler::passes
