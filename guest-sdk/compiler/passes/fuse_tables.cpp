// Tables into their neighbours: one less pass over the tensor.
#include <algorithm>

#include "guest-sdk/compiler/passes/pass.hpp"
#include "guest-sdk/include/zkvm/nn/fixed_point.hpp"

namespace zkvm::compiler::passes {
namespace {

using ByteTable = std::array<int8_t, 256>;

int8_t at(const ByteTable& t, int32_t x) { return t[static_cast<uint8_t>(x)]; }

/// The range after the table, if that only clamps what is in the range.
std::optional<nn::Range> clamped(nn::Range range, const ByteTable& t) {
  const nn::Range out{at(t, range.min), at(t, range.max)};
  if (out.min > out.max) return std::nullopt;
  for (int32_t x = range.min; x <= range.max; ++x)
    if (at(t, x) != nn::software::clamp(x, out.min, out.max)) return std::nullopt;
  return out;
}

/// Table after what `r` does to these accumulators; leaves `r` alone where that is not exact, or would need thresholds
/// that cost more than the table.
bool absorb(Requantise& r, const std::vector<Interval>& accumulators, const ByteTable& t, const Value& output) {
  if (r.thresholds.empty())
    if (const auto range = clamped(r.range, t)) {
      r.range = *range;
      return true;
    }
  std::vector<Thresholds> all;
  for (size_t c = 0; c < accumulators.size(); ++c) {
    const auto one = thresholds_of(r, c, accumulators[c], &t);
    if (!one) return false;
    all.push_back(*one);
  }
  if (!r.thresholds.empty() || prefers_thresholds(output.shape)) {
    r = {};
    r.thresholds = std::move(all);
    return true;
  }
  const auto scaled = scales_for(all, accumulators, output.quantization.zero_point);
  if (scaled) r = *scaled;
  return scaled.has_value();
}

/// Into the operator before the table.
bool absorb_after(const Graph& graph, Node& before, const ByteTable& t, const Value& output) {
  const int32_t channels = graph.value(before.output).shape.c;
  const int32_t inputs = before.inputs.empty() ? 0 : graph.value(before.inputs[0]).shape.c;
  const auto take_range = [&](nn::Range& range) {
    const auto out = clamped(range, t);
    if (out) range = *out;
    return out.has_value();
  };
  if (auto* l = std::get_if<Linear>(&before.operation)) {
    std::vector<Interval> accumulators;
    for (int32_t c = 0; c < channels; ++c) accumulators.push_back(accumulators_of(*l, inputs, c));
    return absorb(l->requantise, accumulators, t, output);
  }
  if (auto* m = std::get_if<MatMul>(&before.operation))
    return absorb(m->requantise, std::vector<Interval>(static_cast<size_t>(channels), accumulators_of(*m, inputs)), t,
                  output);
  if (auto* a = std::get_if<Add>(&before.operation)) return take_range(a->range);
  if (auto* p = std::get_if<Pool>(&before.operation)) return take_range(p->range);
  if (auto* other = std::get_if<Table>(&before.operation)) {
    for (int8_t& x : other->table) x = at(t, x);
    return true;
  }
  if (auto* b = std::get_if<Binary>(&before.operation)) {
    for (int8_t& x : b->table) x = at(t, x);
    return true;
  }
  return false;
}

/// Into the operator behind it, as what its operand `k` is looked up by.
bool absorb_before(Node& behind, size_t k, const ByteTable& t) {
  if (auto* a = std::get_if<Add>(&behind.operation)) {
    std::array<int32_t, 256>& table = k == 0 ? a->first : a->second;
    const std::array<int32_t, 256> old = table;
    for (size_t x = 0; x < 256; ++x) table[x] = old[static_cast<uint8_t>(t[x])];
    return true;
  }
  if (auto* b = std::get_if<Binary>(&behind.operation)) {
    const std::vector<int8_t> old = b->table;
    for (size_t x = 0; x < 256; ++x)
      for (size_t y = 0; y < 256; ++y) {
        const size_t from =
            k == 0 ? 256 * size_t{static_cast<uint8_t>(t[x])} + y : 256 * x + static_cast<uint8_t>(t[y]);
        b->table[256 * x + y] = old[from];
      }
    return true;
  }
  return false;
}

/// The only node that reads the value, or -1.
int32_t only_reader(const Graph& graph, ValueId value) {
  if (readers_of(graph, value) != 1) return -1;
  for (size_t i = 0; i < graph.nodes.size(); ++i)
    if (std::count(graph.nodes[i].inputs.begin(), graph.nodes[i].inputs.end(), value) != 0)
      return static_cast<int32_t>(i);
  return -1;
}

}  // namespace

bool fuse_tables(Graph& graph) {
  bool changed = false;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!std::holds_alternative<Table>(graph.nodes[i].operation)) continue;
    const ByteTable t = std::get<Table>(graph.nodes[i].operation).table;
    const ValueId in = graph.nodes[i].inputs[0], out = graph.nodes[i].output;
    if (readers_of(graph, out) == 0) continue;
    const int32_t before = producer_of(graph, in);
    if (before >= 0 && readers_of(graph, in) == 1) {
      Node& b = graph.nodes[static_cast<size_t>(before)];
      if (absorb_after(graph, b, t, graph.value(out))) {
        // The operator takes the table's place as the one that computes the value.
        graph.values[static_cast<size_t>(in)].quantization = graph.value(out).quantization;
        replace_value(graph, out, in);
        changed = true;
        continue;
      }
      if (std::holds_alternative<Reshape>(b.operation) || std::holds_alternative<Transpose>(b.operation)) {
        // Through what only moves elements, towards an operator that may take it.
        Value moved = graph.value(b.inputs[0]);
        moved.quantization = graph.value(out).quantization;
        const ValueId source = b.inputs[0], through = static_cast<ValueId>(graph.values.size());
        graph.values.push_back(std::move(moved));
        std::swap(b.operation, graph.nodes[i].operation);
        std::swap(b.name, graph.nodes[i].name);
        std::swap(b.type, graph.nodes[i].type);
        b.inputs = {source};
        b.output = through;
        graph.nodes[i].inputs = {through};
        changed = true;
        continue;
      }
    }
    const int32_t behind = only_reader(graph, out);
    if (behind >= 0) {
      Node& b = graph.nodes[static_cast<size_t>(behind)];
      const size_t k = b.inputs[0] == out ? 0 : 1;
      if (absorb_before(b, k, t)) {
        b.inputs[k] = in;
        changed = true;
      }
    }
  }
  return changed;
}

}  // namespace zkvm::compiler::passes
