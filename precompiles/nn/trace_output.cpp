// Rows of the chips that write the outputs of products, and the uses of levels.
#include <algorithm>

#include "precompiles/nn/levels/columns.hpp"
#include "precompiles/nn/output/columns.hpp"
#include "precompiles/nn/steps/columns.hpp"
#include "precompiles/nn/trace.hpp"

namespace zkvm::precompiles::nn {
namespace {

uint32_t u32(int32_t x) { return static_cast<uint32_t>(x); }

/// What a row of a job's run writes: elements 4 quad ... 4 quad + 3 of positions `position` and, if `second`, the next.
struct RunRow {
  uint32_t position;
  bool second;
};
RunRow fill_output_run(isa::Filler& f, OutputRun<F>& c, const LinearCall& call, const Linear& l, uint32_t quad,
                       uint32_t row) {
  const zkvm_nn_linear& s = l.shape;
  const uint32_t groups = output_groups(l), stride = u32(s.out_c);
  const uint32_t r = row / groups, group = row % groups, left = u32(s.out_w) - OUTPUTS * group;
  const uint32_t position = r * u32(s.out_w) + OUTPUTS * group;
  const uint32_t address = call.call.a[3] + position * stride + 4 * quad;
  const bool is_end = group + 1 == groups, second = left > 1;
  c = {.is_real = F::one(),
       .first = isa::flag(row == 0),
       .end = isa::flag(is_end),
       .last = isa::flag(is_end && r + 1 == u32(s.out_h)),
       .second = isa::flag(second),
       .call = F::from(call.call.clk),
       .rows_left = F::from(u32(s.out_h) - r),
       .cols_left = F::from(left),
       .address = F::from(address),
       .segment = fill_segment(f, address),
       .carry = isa::flag(second && ((address + stride) >> 16) != (address >> 16))};
  return {position, second};
}

/// Columns for an accumulator, look-ups counted. One that the layer cannot have, as in forged traces, gets the columns
/// of one that it can.
StepColumns<F> fill_step(isa::Filler& f, const Linear& l, int32_t channel, int32_t accumulator) {
  const Reach& reach = l.reach[static_cast<size_t>(channel)];
  accumulator = std::clamp(accumulator, reach.lowest, reach.highest);
  const Level level = *l.level(channel, l.result(channel, accumulator));
  auto z = static_cast<uint32_t>(accumulator - level.lowest);
  const uint32_t shift = z >> level.bits != 0 ? level.offset : 0;
  z -= shift;
  const LevelWindows<F> windows = level_windows(level);
  f.count_bits(windows.low.value(), z & 0xffff);
  f.count_bits(windows.high.value(), z >> 16);
  return {windows, F::from(shift), F::from(z & 0xffff), F::from(z >> 16)};
}

}  // namespace

void NnRows::fill_output(const Run& run, size_t begin, size_t end, RowWriter out, isa::Filler& f) const {
  const LinearCall& call = trace_.linear[run.call];
  const Linear& l = linear(run.call);
  const zkvm_nn_linear& s = l.shape;
  for (size_t row = begin; row < end; ++row) {
    auto& c = *reinterpret_cast<OutputColumns<F>*>(out(row));
    const RunRow place = fill_output_run(f, c.run, call, l, run.item, static_cast<uint32_t>(row - run.first));
    c.channels = fixed_.channels.rows[first_channels_[call.layer] + run.item];
    for (uint32_t i = 0; i < OUTPUTS; ++i) {
      const bool active = i == 0 || place.second;
      OutputWord<F>& w = c.word[i];
      uint32_t value = 0;
      const size_t first = (place.position + i) * size_t{u32(s.out_c)} + 4 * run.item;
      for (uint32_t lane = 0; lane < LANES; ++lane) {
        const Requantisation& q = l.channels[4 * run.item + lane];
        const int64_t accumulator = active ? call.outputs[first + lane] : 0;
        w.channel[lane] = fill_requantised(f, active, q, accumulator, s.out_zp, s.act_min, s.act_max);
        const int32_t y = clamp(requantise(q, accumulator), s.out_zp, s.act_min, s.act_max);
        value |= (u32(y) & 0xff) << (8 * lane);
      }
      w.prev = F::zero();
      w.old = w.value = {F::zero(), F::zero()};
      if (!active) continue;
      w.prev = f.prev(call.call.clk + WRITE_CLOCK, call.output.prev[first / 4]);
      w.old = isa::word(call.output.value[first / 4]);
      w.value = isa::word(value);
      f.count_signed(value & 0xffff);
      f.count_signed(value >> 16);
    }
  }
}

void NnRows::fill_steps(const Run& run, size_t begin, size_t end, RowWriter out, isa::Filler& f) const {
  const LinearCall& call = trace_.linear[run.call];
  const Linear& l = linear(run.call);
  for (size_t row = begin; row < end; ++row) {
    auto& c = *reinterpret_cast<StepsColumns<F>*>(out(row));
    const RunRow place = fill_output_run(f, c.run, call, l, run.item, static_cast<uint32_t>(row - run.first));
    c.place = fixed_.quads.rows[first_quad_[call.layer] + run.item];
    for (uint32_t i = 0; i < OUTPUTS; ++i) {
      StepsWord<F>& w = c.word[i];
      w = {};
      if (i != 0 && !place.second) continue;
      const size_t first = (place.position + i) * size_t{u32(l.shape.out_c)} + 4 * run.item;
      w.prev = f.prev(call.call.clk + WRITE_CLOCK, call.output.prev[first / 4]);
      w.old = isa::word(call.output.value[first / 4]);
      for (uint32_t lane = 0; lane < LANES; ++lane)
        w.channel[lane] = fill_step(f, l, static_cast<int32_t>(4 * run.item + lane), call.outputs[first + lane]);
    }
  }
}

void NnRows::fill_levels(size_t begin, size_t end, RowWriter out) const {
  for (size_t row = begin; row < end; ++row) {
    auto& c = *reinterpret_cast<LevelsColumns<F>*>(out(row));
    const LevelsFixed<F>& fixed = fixed_.levels.rows[row];
    const uint32_t layer = fixed_.levels.layer[row];
    for (unsigned i = 0; i < LEVELS; ++i) {
      c.uses[i] = F::zero();
      const F byte = fixed.level[i].byte;
      // What fills a row up is counted where it stands first.
      if (calls(layer) == 0 || (i != 0 && byte == fixed.level[i - 1].byte)) continue;
      c.uses[i] = F::from(trace_.entries[layer][level_index(fixed.channel.value(), byte.value())]);
    }
  }
}

}  // namespace zkvm::precompiles::nn
