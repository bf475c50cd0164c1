#include "guest-sdk/compiler/passes/pass.hpp"

#include <algorithm>

#include "guest-sdk/include/zkvm/nn/fixed_point.hpp"

namespace zkvm::compiler::passes {

int32_t producer_of(const Graph& graph, ValueId value) {
  for (size_t i = 0; i < graph.nodes.size(); ++i)
    if (graph.nodes[i].output == value) return static_cast<int32_t>(i);
  return -1;
}

int32_t readers_of(const Graph& graph, ValueId value) {
  int64_t readers = 0;
  for (const Node& n : graph.nodes) readers += std::count(n.inputs.begin(), n.inputs.end(), value);
  for (const Border& b : graph.outputs) readers += b.value == value ? 1 : 0;
  return static_cast<int32_t>(readers);
}

void replace_value(Graph& graph, ValueId from, ValueId to) {
  for (Node& n : graph.nodes) std::replace(n.inputs.begin(), n.inputs.end(), from, to);
  for (Border& b : graph.outputs)
    if (b.value == from) b.value = to;
}

const std::vector<int8_t>* constant_of(const Graph& graph, ValueId value) {
  const int32_t node = producer_of(graph, value);
  if (node < 0) return nullptr;
  const auto* constant = std::get_if<Constant>(&graph.nodes[static_cast<size_t>(node)].operation);
  return constant == nullptr ? nullptr : &constant->values;
}

Interval accumulators_of(const Linear& l, int32_t inputs, int32_t channel) {
  // A tap that lies outside of the input counts 0, which is in between.
  const int64_t least = -128 - l.input_zero_point, most = 127 - l.input_zero_point;
  Interval r{l.biases[static_cast<size_t>(channel)], l.biases[static_cast<size_t>(channel)]};
  const auto add = [&](int64_t weight) {
    r.low += std::min(weight * least, weight * most);
    r.high += std::max(weight * least, weight * most);
  };
  const size_t taps = static_cast<size_t>(l.window.kernel_h) * static_cast<size_t>(l.window.kernel_w);
  const auto c = static_cast<size_t>(channel);
  if (l.kind == Linear::Kind::DEPTHWISE) {
    for (size_t t = 0; t < taps; ++t) add(l.weights[t * l.biases.size() + c]);
  } else {
    const size_t each = taps * static_cast<size_t>(inputs);
    for (size_t i = 0; i < each; ++i) add(l.weights[c * each + i]);
  }
  return r;
}

Interval accumulators_of(const MatMul& m, int32_t inner) {
  const int64_t a[] = {-128 - m.a_zero_point, 127 - m.a_zero_point},
                b[] = {-128 - m.b_zero_point, 127 - m.b_zero_point};
  Interval r;
  for (const int64_t x : a)
    for (const int64_t y : b) r.low = std::min(r.low, x * y), r.high = std::max(r.high, x * y);
  return {r.low * inner, r.high * inner};
}

int8_t result_of(const Requantise& r, size_t channel, int32_t accumulator) {
  if (r.thresholds.empty())
    return nn::software::requantise_to_int8(accumulator, r.scales[channel], r.zero_point, r.range.min, r.range.max);
  const Thresholds& t = r.thresholds[channel];
  return static_cast<int8_t>(std::upper_bound(t.begin(), t.end(), accumulator) - t.begin() - 128);
}

std::optional<Thresholds> thresholds_of(const Requantise& r, size_t channel, Interval a,
                                        const std::array<int8_t, 256>* table) {
  if (a.low <= ALWAYS || a.high >= NEVER) return std::nullopt;
  // A shift to the left wraps beyond 32 bits: then nothing is monotone.
  if (r.thresholds.empty() && r.scales[channel].shift > 0 &&
      std::max(-a.low, a.high) >= int64_t{NEVER} >> r.scales[channel].shift)
    return std::nullopt;
  const auto value = [&](int64_t accumulator) {
    const int8_t x = result_of(r, channel, static_cast<int32_t>(accumulator));
    return table == nullptr ? x : (*table)[static_cast<uint8_t>(x)];
  };
  if (table != nullptr)
    for (int32_t x = result_of(r, channel, static_cast<int32_t>(a.low)),
                 end = result_of(r, channel, static_cast<int32_t>(a.high));
         x < end; ++x)
      if ((*table)[static_cast<uint8_t>(x)] > (*table)[static_cast<uint8_t>(x + 1)]) return std::nullopt;
  const int32_t first = value(a.low), last = value(a.high);
  Thresholds t;
  int64_t from = a.low;  // its value is below the level
  for (int32_t i = 0; i < 255; ++i) {
    const int32_t level = i - 127;
    int32_t& threshold = t[static_cast<size_t>(i)];
    if (level <= first) {
      threshold = ALWAYS;
    } else if (level > last) {
      threshold = NEVER;
    } else {
      int64_t below = from, reached = a.high;
      while (reached - below > 1) {
        const int64_t middle = below + (reached - below) / 2;
        (value(middle) >= level ? reached : below) = middle;
      }
      threshold = static_cast<int32_t>(reached);
      from = below;
    }
  }
  return t;
}

}  // namespace zkvm::compiler::passes
