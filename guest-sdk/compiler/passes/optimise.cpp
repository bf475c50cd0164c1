#include "guest-sdk/compiler/passes/optimise.hpp"

#include "guest-sdk/compiler/passes/pass.hpp"

namespace zkvm::compiler {

Graph optimise(Graph graph) {
  using namespace passes;
  remove_dead(graph);
  // Each pass makes room for others. Everyone of them makes the graph smaller or moves a table towards its start, so
  // this ends; the bound is for graphs that would take too long.
  constexpr int MOST_ROUNDS = 64;
  for (int round = 0; round < MOST_ROUNDS; ++round) {
    bool changed = remove_identities(graph);
    changed |= fold_constants(graph);
    changed |= simplify_functions(graph);
    changed |= fuse_tables(graph);
    changed |= fuse_pads(graph);
    changed |= fold_layouts(graph);
    changed |= remove_dead(graph);
    if (!changed) break;
  }
  average_to_depthwise(graph);
  fold_channels(graph);
  fit_scales(graph);
  choose_thresholds(graph);
  return graph;
}

}  // namespace zkvm::compiler
