// Average pooling over windows that overlap: the machine's pooling reads each element once, its convolutions any number
// of times.
#include "guest-sdk/compiler/passes/pass.hpp"

namespace zkvm::compiler::passes {

bool average_to_depthwise(Graph& graph) {
  bool changed = false;
  for (Node& n : graph.nodes) {
    const auto* pool = std::get_if<Pool>(&n.operation);
    if (pool == nullptr || pool->is_max) continue;
    const Shape in = graph.value(n.inputs[0]).shape, out = graph.value(n.output).shape;
    const Window w = pool->window;
    const bool overlaps = (out.h > 1 && w.stride_h < w.kernel_h) || (out.w > 1 && w.stride_w < w.kernel_w);
    // The machine's pooling reaches 64 KiB from a window's first element.
    const int64_t reach = (int64_t{w.kernel_h - 1} * in.w + w.kernel_w - 1) * in.c;
    const bool inside = w.top == 0 && w.left == 0 && (out.h - 1) * int64_t{w.stride_h} + w.kernel_h <= in.h &&
                        (out.w - 1) * int64_t{w.stride_w} + w.kernel_w <= in.w;
    if ((!overlaps && reach < 65'000) || !inside || w.kernel_h > 64 || w.kernel_w > 64) continue;
    const int32_t count = w.kernel_h * w.kernel_w;
    Linear l;
    l.kind = Linear::Kind::DEPTHWISE;
    l.window = w;
    l.weights.assign(static_cast<size_t>(count) * static_cast<size_t>(out.c), 1);
    l.biases.assign(static_cast<size_t>(out.c), 0);
    const auto average = [&](int32_t sum) {
      const int32_t q = (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
      return q < pool->range.min ? pool->range.min : q > pool->range.max ? pool->range.max : q;
    };
    Thresholds t;
    int32_t sum = -128 * count;
    for (int32_t i = 0; i < 255; ++i) {
      while (sum <= 127 * count && average(sum) < i - 127) ++sum;
      const bool always = sum == -128 * count, never = sum > 127 * count;
      t[static_cast<size_t>(i)] = always ? ALWAYS : never ? NEVER : sum;
    }
    const Interval sums{-128 * count, 127 * count};
    const auto scaled = scales_for({t}, {sums}, 0);
    if (scaled) {
      l.requantise = *scaled;
      l.requantise.scales.assign(static_cast<size_t>(out.c), scaled->scales[0]);
    } else {
      l.requantise.thresholds.assign(static_cast<size_t>(out.c), t);
    }
    n.operation = std::move(l);
    changed = true;
  }
  return changed;
}

}  // namespace zkvm::compiler::passes
