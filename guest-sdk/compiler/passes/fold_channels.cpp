// Channels that give one value whatever the input: trained away by regularisation, or far beyond the clamp. Their
// weights cost nothing to drop, and their accumulators may be out of the machine's range.
#include <algorithm>

#include "guest-sdk/compiler/passes/pass.hpp"

namespace zkvm::compiler::passes {
namespace {

bool is_dead(const Linear& l, size_t channel, size_t each) {
  if (l.kind == Linear::Kind::DEPTHWISE) {
    for (size_t t = channel; t < l.weights.size(); t += l.biases.size())
      if (l.weights[t] != 0) return false;
    return true;
  }
  const auto first = l.weights.begin() + static_cast<ptrdiff_t>(channel * each);
  return std::all_of(first, first + static_cast<ptrdiff_t>(each), [](int8_t w) { return w == 0; });
}

void clear(Linear& l, size_t channel, size_t each) {
  if (l.kind == Linear::Kind::DEPTHWISE) {
    for (size_t t = channel; t < l.weights.size(); t += l.biases.size()) l.weights[t] = 0;
  } else {
    std::fill_n(l.weights.begin() + static_cast<ptrdiff_t>(channel * each), each, int8_t{0});
  }
}

}  // namespace

bool fold_channels(Graph& graph) {
  bool changed = false;
  for (Node& n : graph.nodes) {
    auto* l = std::get_if<Linear>(&n.operation);
    if (l == nullptr) continue;
    Requantise& r = l->requantise;
    const int32_t inputs = graph.value(n.inputs[0]).shape.c;
    const size_t each = l->weights.size() / l->biases.size();
    for (size_t c = 0; c < l->biases.size(); ++c) {
      const Interval a = accumulators_of(*l, inputs, static_cast<int32_t>(c));
      // Sums wrap beyond 32 bits; a shift to the left does, too.
      const int64_t size = std::max(std::abs(a.low), std::abs(a.high));
      const int left = r.thresholds.empty() ? std::max(r.scales[c].shift, 0) : 0;
      const bool dead = is_dead(*l, c, each);
      if (!dead && size > INT32_MAX >> left) continue;
      const int8_t value = result_of(r, c, static_cast<int32_t>(a.low));
      if (!dead && value != result_of(r, c, static_cast<int32_t>(a.high))) continue;
      // The value from a bias within the clamp, by a scale of 1.
      const int32_t zero_point =
          r.thresholds.empty() ? r.zero_point : std::clamp(graph.value(n.output).quantization.zero_point, -128, 127);
      const int32_t bias = value - zero_point;
      if (dead && l->biases[c] == bias) continue;
      clear(*l, c, each);
      l->biases[c] = bias;
      if (r.thresholds.empty()) {
        r.scales[c] = {1 << 30, 1};
      } else {
        for (int32_t i = 0; i < 255; ++i) r.thresholds[c][static_cast<size_t>(i)] = i - 127 <= value ? ALWAYS : NEVER;
      }
      changed = true;
    }
  }
  return changed;
}

}  // namespace zkvm::compiler::passes
