#include "guest-sdk/compiler/passes/pass.hpp"

namespace zkvm::compiler::passes {
namespace {

bool choose(Requantise& r, Shape output, const std::vector<Interval>& accumulators) {
  if (r.scales.empty() || !prefers_thresholds(output)) return false;
  std::vector<Thresholds> all;
  for (size_t c = 0; c < accumulators.size(); ++c) {
    const auto one = thresholds_of(r, c, accumulators[c], nullptr);
    if (!one) return false;
    all.push_back(*one);
  }
  r.scales.clear();
  r.zero_point = 0;
  r.range = {};
  r.thresholds = std::move(all);
  return true;
}

}  // namespace

bool prefers_thresholds(Shape output) {
  // Rows of two positions and four channels: 457 cells in OUTPUT, 206 in STEPS, and four channels in LEVELS.
  constexpr int64_t SAVED_BY_ROW = 457 - 206, LEVELS_OF_QUAD = int64_t{4} * 1024;
  return SAVED_BY_ROW * output.h * ((output.w + 1) / 2) > LEVELS_OF_QUAD;
}

bool choose_thresholds(Graph& graph) {
  bool changed = false;
  for (Node& n : graph.nodes) {
    const Shape output = graph.value(n.output).shape;
    const int32_t inputs = n.inputs.empty() ? 0 : graph.value(n.inputs[0]).shape.c;
    if (auto* l = std::get_if<Linear>(&n.operation)) {
      std::vector<Interval> accumulators;
      for (int32_t c = 0; c < output.c; ++c) accumulators.push_back(accumulators_of(*l, inputs, c));
      changed |= choose(l->requantise, output, accumulators);
    } else if (auto* m = std::get_if<MatMul>(&n.operation)) {
      changed |= choose(m->requantise, output,
                        std::vector<Interval>(static_cast<size_t>(output.c), accumulators_of(*m, inputs)));
    }
  }
  return changed;
}

}  // namespace zkvm::compiler::passes
