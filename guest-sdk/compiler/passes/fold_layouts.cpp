#include "guest-sdk/compiler/passes/pass.hpp"

namespace zkvm::compiler::passes {
namespace {

/// For each element of the transposed tensor, which one of the original it is.
std::vector<size_t> sources(const Transpose& t, Shape in, Shape out) {
  const int64_t steps[] = {int64_t{in.w} * in.c, in.c, 1};
  std::vector<size_t> list;
  list.reserve(static_cast<size_t>(out.elements()));
  for (int32_t y = 0; y < out.h; ++y)
    for (int32_t x = 0; x < out.w; ++x)
      for (int32_t c = 0; c < out.c; ++c)
        list.push_back(static_cast<size_t>(y * steps[t.order[0]] + x * steps[t.order[1]] + c * steps[t.order[2]]));
  return list;
}

}  // namespace

bool fold_layouts(Graph& graph) {
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    auto* l = std::get_if<Linear>(&graph.nodes[i].operation);
    if (l == nullptr || l->kind != Linear::Kind::FULLY_CONNECTED) continue;
    const Value flat = graph.value(graph.nodes[i].inputs[0]);
    if (flat.shape.w != 1) continue;
    const int32_t reshape = producer_of(graph, graph.nodes[i].inputs[0]);
    if (reshape < 0 || !std::holds_alternative<Reshape>(graph.nodes[static_cast<size_t>(reshape)].operation)) continue;
    const int32_t turn = producer_of(graph, graph.nodes[static_cast<size_t>(reshape)].inputs[0]);
    if (turn < 0) continue;
    const Node& turned = graph.nodes[static_cast<size_t>(turn)];
    const auto* t = std::get_if<Transpose>(&turned.operation);
    if (t == nullptr) continue;
    const std::vector<size_t> from = sources(*t, graph.value(turned.inputs[0]).shape, graph.value(turned.output).shape);
    const size_t inner = from.size();
    std::vector<int8_t> weights(l->weights.size());
    for (size_t row = 0; row < weights.size(); row += inner)
      for (size_t k = 0; k < inner; ++k) weights[row + from[k]] = l->weights[row + k];
    l->weights = std::move(weights);
    // A reshape of its own: the other may have more readers.
    Node direct = graph.nodes[static_cast<size_t>(reshape)];
    direct.inputs[0] = turned.inputs[0];
    direct.output = static_cast<ValueId>(graph.values.size());
    graph.values.push_back(flat);
    graph.nodes[i].inputs[0] = direct.output;
    graph.nodes.insert(graph.nodes.begin() + static_cast<ptrdiff_t>(i), std::move(direct));
    return true;
  }
  return false;
}

}  // namespace zkvm::compiler::passes
