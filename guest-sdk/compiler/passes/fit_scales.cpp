// Thresholds to scales. A multiplier is monotone in what it makes of one accumulator, so each threshold bounds it from
// both sides, and bisection finds the bounds.
#include <algorithm>
#include <cmath>

#include "guest-sdk/compiler/passes/pass.hpp"
#include "guest-sdk/include/zkvm/nn/fixed_point.hpp"

namespace zkvm::compiler::passes {
namespace {

constexpr int64_t LEAST_MULTIPLIER = int64_t{1} << 30, END_MULTIPLIER = int64_t{1} << 31;

/// The rescaled accumulator must be at least, or at most, this.
struct Demand {
  int32_t accumulator, result;
  bool at_least;
};

bool meets(const Demand& d, nn::Scale scale) {
  const int32_t r = nn::software::requantise(d.accumulator, scale);
  return d.at_least ? r >= d.result : r <= d.result;
}

/// Narrows [low, end) to the multipliers that meet the demand; they are at one end.
void narrow(const Demand& d, int32_t shift, int64_t& low, int64_t& end) {
  const auto met = [&](int64_t m) { return meets(d, {static_cast<int32_t>(m), shift}); };
  if (low >= end) return;
  const bool at_low = met(low), at_end = met(end - 1);
  if (at_low && at_end) return;
  if (!at_low && !at_end) {
    end = low;
    return;
  }
  int64_t a = low, b = end - 1;  // met(a) != met(b)
  while (b - a > 1) {
    const int64_t middle = a + (b - a) / 2;
    (met(middle) == at_low ? a : b) = middle;
  }
  if (at_low)
    end = b;
  else
    low = b;
}

/// What a scale must give for the channel, with the levels' zero point and clamp.
std::vector<Demand> demands_of(const Thresholds& t, Interval a, int32_t zero_point, nn::Range range) {
  const auto value = [&](int64_t x) {
    return static_cast<int32_t>(std::upper_bound(t.begin(), t.end(), static_cast<int32_t>(x)) - t.begin()) - 128;
  };
  const int32_t first = value(a.low), last = value(a.high);
  std::vector<Demand> demands;
  if (first > range.min) demands.push_back({static_cast<int32_t>(a.low), first - zero_point, true});
  if (last < range.max) demands.push_back({static_cast<int32_t>(a.high), last - zero_point, false});
  for (int32_t level = first + 1; level <= last; ++level) {
    const int32_t reached = t[static_cast<size_t>(level + 127)];
    demands.push_back({reached, level - zero_point, true});
    demands.push_back({reached - 1, level - 1 - zero_point, false});
  }
  return demands;
}

std::optional<nn::Scale> scale_for(const Thresholds& t, Interval a, int32_t zero_point, nn::Range range) {
  const std::vector<Demand> demands = demands_of(t, a, zero_point, range);
  if (std::all_of(demands.begin(), demands.end(), [](const Demand& d) { return meets(d, {0, 0}); }))
    return nn::Scale{0, 0};
  // Outermost first: they narrow most.
  std::vector<int32_t> shifts;
  if (demands.size() >= 4) {
    const Demand &x = demands[demands.size() - 2],
                 &y = *std::find_if(demands.begin(), demands.end(),
                                    [&](const Demand&d) { return d.at_least && d.accumulator != a.low; });
    if (x.accumulator != y.accumulator) {
      int exponent = 0;
      std::frexp(static_cast<double>(x.result - y.result) / static_cast<double>(x.accumulator - y.accumulator),
                 &exponent);
      for (const int step : {0, -1, 1}) shifts.push_back(exponent + step);
    }
  }
  for (int32_t shift = 13; shift >= -31; --shift)
    if (std::find(shifts.begin(), shifts.end(), shift) == shifts.end() && demands.size() < 12) shifts.push_back(shift);
  const int64_t size = std::max(std::abs(a.low), std::abs(a.high));
  for (const int32_t shift : shifts) {
    if (shift < -31 || shift > 13 || (shift > 0 && size >= int64_t{NEVER} >> shift)) continue;
    int64_t low = LEAST_MULTIPLIER, end = END_MULTIPLIER;
    for (const Demand& d : demands) narrow(d, shift, low, end);
    if (low < end) return nn::Scale{static_cast<int32_t>(low + (end - low) / 2), shift};
  }
  return std::nullopt;
}

bool fit(const Value& output, Requantise& r, const std::vector<Interval>& accumulators) {
  if (prefers_thresholds(output.shape)) return false;
  const auto fitted = scales_for(r.thresholds, accumulators, output.quantization.zero_point);
  if (!fitted) return false;
  r = *fitted;
  return true;
}

}  // namespace

std::optional<Requantise> scales_for(const std::vector<Thresholds>& thresholds,
                                     const std::vector<Interval>& accumulators, int32_t zero_point) {
  Requantise r;
  r.range = {127, -128};
  std::vector<int32_t> zero_points = {zero_point};
  const auto value = [&](size_t c, int64_t x) {
    const Thresholds& t = thresholds[c];
    return static_cast<int32_t>(std::upper_bound(t.begin(), t.end(), static_cast<int32_t>(x)) - t.begin()) - 128;
  };
  for (size_t c = 0; c < thresholds.size(); ++c) {
    const Interval& a = accumulators[c];
    if (a.low <= ALWAYS || a.high >= NEVER) return std::nullopt;
    r.range.min = std::min(r.range.min, value(c, a.low));
    r.range.max = std::max(r.range.max, value(c, a.high));
    // A scale maps 0 to the zero point.
    if (a.low <= 0 && a.high >= 0 && zero_points.size() < 3) zero_points.push_back(value(c, 0));
  }
  for (const int32_t z : zero_points) {
    if (z < -128 || z > 127) continue;
    r.zero_point = z;
    r.scales.clear();
    for (size_t c = 0; c < thresholds.size(); ++c) {
      const auto scale = scale_for(thresholds[c], accumulators[c], z, r.range);
      if (!scale) break;
      r.scales.push_back(*scale);
    }
    if (r.scales.size() == thresholds.size()) return r;
  }
  return std::nullopt;
}

bool fit_scales(Graph& graph) {
  bool changed = false;
  for (Node& n : graph.nodes) {
    const Value& output = graph.value(n.output);
    const int32_t inputs = n.inputs.empty() ? 0 : graph.value(n.inputs[0]).shape.c;
    if (auto* l = std::get_if<Linear>(&n.operation); l != nullptr && !l->requantise.thresholds.empty()) {
      std::vector<Interval> accumulators;
      for (int32_t c = 0; c < output.shape.c; ++c) accumulators.push_back(accumulators_of(*l, inputs, c));
      changed |= fit(output, l->requantise, accumulators);
    } else if (auto* m = std::get_if<MatMul>(&n.operation); m != nullptr && !m->requantise.thresholds.empty()) {
      changed |= fit(output, m->requantise,
                     std::vector<Interval>(m->requantise.thresholds.size(), accumulators_of(*m, inputs)));
    }
  }
  return changed;
}

}  // namespace zkvm::compiler::passes
