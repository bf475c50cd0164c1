// Lies about results by thresholds, told as in by_hand_test.cpp: each is refused by exactly the checks that are named,
// which are therefore all needed.
#include <algorithm>

#include "tests/nn/by_hand.hpp"

namespace zkvm::tests {
namespace {

/// Levels of 700 accumulators: two windows of 512, 188 apart.
LinearLayer stepped() {
  LinearLayer l = convolution();
  l.use_thresholds(700);
  return l;
}

class Steps : public ByHand {
 protected:
  /// The layer of call `index` as the machine knows it.
  const Linear& linear(size_t index = 0) {
    roms_[index] = std::make_unique<precompiles::nn::Rom>();
    EXPECT_EQ(roms_[index]->load(layers[index].layer.made().record), "");
    return roms_[index]->layers()[0].linear;
  }
  /// What a channel of a row says was accumulated, bias not included.
  static int64_t accumulated(const StepColumns<F>& c) {
    return number(c.level.lowest + c.shift + c.z0 + f(65536) * c.z1);
  }
  static int32_t result(const StepColumns<F>& c) { return static_cast<int8_t>(c.level.byte.value()); }
  /// Another level for an accumulator, whether it is in it or not.
  static void put(StepColumns<F>& c, const LevelWindows<F>& level, int64_t accumulator, F shift) {
    const int64_t z = number(f(accumulator) - level.lowest - shift);
    c = {level, shift, f(z & 0xffff), f(z >> 16)};
  }
  static void put(StepColumns<F>& c, const Level& level, int64_t accumulator) {
    const bool first = accumulator - level.lowest < int64_t{1} << level.bits;
    put(c, level_windows(level), accumulator, first ? ZERO : F::from(level.offset));
  }
  static int64_t number(F x) { return x.value() < F::P / 2 ? int64_t{x.value()} : int64_t{x.value()} - int64_t{F::P}; }
  /// Lane 1 of the fourth row's first position: channel 1.
  StepColumns<F>& victim() { return steps(3).word[0].channel[1]; }

 private:
  std::unique_ptr<precompiles::nn::Rom> roms_[2];
};

TEST_F(Steps, repairing_nothing_changes_nothing) {
  run({{stepped()}});
  steps(0).run.is_real += ONE;
  w->recompute_forms();
  steps(0).run.is_real -= ONE;
  w->repair();
  w->recompute_forms();
  EXPECT_TRUE(w->accepted()) << *w->broken().begin();
}

// 1. Levels and accumulators.

TEST_F(Steps, another_result_for_these_accumulators) {
  run({{stepped()}});
  for (const int64_t by : {1, -1}) {
    victim().level.byte += f(by);
    w->repair();
    EXPECT_EQ(broken(), Names{"bus levels"});
    w->restore();
  }
}

TEST_F(Steps, the_level_above_or_below_for_the_same_accumulator) {
  run({{stepped()}});
  const Linear& l = linear();
  for (const int32_t by : {1, -1}) {
    const int64_t a = accumulated(victim());
    const Level next = l.level(1, result(victim()) + by).value();
    ASSERT_NE(next.offset, 0u);
    for (const F shift : {ZERO, F::from(next.offset)}) {
      put(victim(), level_windows(next), a, shift);
      w->repair();
      EXPECT_EQ(broken(), Names{"bus range"});
      // The low limb alone takes what is missing.
      victim().z0 += f(65536) * victim().z1;
      victim().z1 = ZERO;
      w->repair();
      EXPECT_EQ(broken(), Names{"bus range"});
      w->restore();
    }
  }
}

TEST_F(Steps, the_level_above_or_below_by_a_shift_between_the_windows) {
  run({{stepped()}});
  const Linear& l = linear();
  for (const int32_t by : {1, -1}) {
    const int64_t a = accumulated(victim());
    const Level next = l.level(1, result(victim()) + by).value();
    put(victim(), level_windows(next), a, f(a - next.lowest));
    w->repair();
    EXPECT_EQ(broken(), Names{"NN_STEPS: shift is 0 or the offset"});
    w->restore();
  }
}

TEST_F(Steps, the_level_above_or_below_with_an_accumulator_of_its_own) {
  run({{stepped()}});
  const Linear& l = linear();
  for (const int32_t by : {1, -1}) {
    for (const unsigned position : {0u, 1u}) {
      StepColumns<F>& c = steps(3).word[position].channel[1];
      const Level next = l.level(1, result(c) + by).value();
      put(c, next, by == 1 ? next.lowest : next.lowest + int64_t{next.offset} + (int64_t{1} << next.bits) - 1);
      w->repair();
      EXPECT_EQ(broken(), Names{"NN_LEDGER: sum ends at 0"});
      w->restore();
    }
  }
}

TEST_F(Steps, another_accumulator_with_the_same_result) {
  run({{stepped()}});
  const Linear& l = linear();
  const int64_t a = accumulated(victim());
  const int32_t y = result(victim());
  put(victim(), l.level(1, y).value(), l.result(1, static_cast<int32_t>(a + 1)) == y ? a + 1 : a - 1);
  w->repair();
  EXPECT_EQ(broken(), Names{"NN_LEDGER: sum ends at 0"});
}

TEST_F(Steps, two_accumulators_that_cancel_do_so_at_other_powers) {
  run({{stepped()}});
  const Linear& l = linear();
  for (const int32_t channel : {1, 2}) {
    StepColumns<F>& c = steps(3).word[0].channel[channel];
    const auto a = static_cast<int32_t>(accumulated(c) + (channel == 1 ? 1 : -1));
    put(c, l.level(channel, l.result(channel, a)).value(), a);
  }
  w->repair();
  EXPECT_EQ(broken(), Names{"NN_LEDGER: sum ends at 0"});
}

TEST_F(Steps, limbs_that_are_too_long_for_the_same_accumulator) {
  run({{stepped()}});
  // The accumulator is right, and so is the result; but such limbs would fit other levels, too.
  victim().z0 += f(65536);
  victim().z1 -= ONE;
  w->repair();
  EXPECT_EQ(w->broken(), Names{"bus range"});
}

TEST_F(Steps, the_other_window_of_an_overlap_is_no_lie) {
  run({{stepped()}});
  bool found = false;
  for (size_t i : real_rows(ChipId::NN_STEPS))
    for (StepColumns<F>& c : steps(i).word[0].channel) {
      const uint32_t z = c.z0.value() + 65536 * c.z1.value(), offset = c.level.offset.value();
      if (found || !c.shift.is_zero() || offset == 0 || z < offset) continue;
      put(c, c.level, accumulated(c), c.level.offset);
      found = true;
    }
  ASSERT_TRUE(found);
  w->repair();
  EXPECT_TRUE(w->accepted()) << *w->broken().begin();
  EXPECT_FALSE(w->tells_something_else());
}

/// Levels of more than 2^16 accumulators: negative sums give -1, others 0.
TEST_F(Steps, the_other_one_of_two_large_levels) {
  LinearLayer large = convolution();
  std::fill(large.weights.begin(), large.weights.end(), int8_t{127});
  large.use_thresholds(1 << 20);
  run({{large}});
  const Linear& l = linear();
  size_t tried[2] = {};
  for (size_t i : real_rows(ChipId::NN_STEPS)) {
    StepColumns<F>& c = steps(i).word[0].channel[2];
    const int64_t a = accumulated(c);
    const int32_t y = result(c);
    ++tried[y + 1];
    const Level other = l.level(2, -1 - y).value();
    ASSERT_GT(other.bits, 16u);
    for (const F shift : {ZERO, F::from(other.offset)}) {
      put(c, level_windows(other), a, shift);
      w->repair();
      EXPECT_EQ(broken(), Names{"bus range"});
      w->restore();
    }
  }
  EXPECT_GT(tried[0], 0u);
  EXPECT_GT(tried[1], 0u);
}

// 2. Rows that the fixed table does not have.

TEST_F(Steps, the_level_of_another_channel) {
  LinearLayer layer = stepped();
  for (int32_t& t : layer.thresholds[2].threshold) t += 2000;
  run({{layer}});
  const int64_t a = accumulated(victim());
  const Linear& l = linear();
  const int32_t y = l.result(2, static_cast<int32_t>(a));
  ASSERT_NE(y, result(victim()));
  put(victim(), l.level(2, y).value(), a);
  w->repair();
  EXPECT_EQ(broken(), Names{"bus levels"});
}

TEST_F(Steps, the_level_of_another_layer) {
  LinearLayer other = stepped();
  for (zkvm_nn_thresholds& c : other.thresholds)
    for (int32_t& t : c.threshold) t += 2000;
  run({{stepped()}, {other, IN, SECOND, OUT + 0x1000}});
  ASSERT_EQ(steps(3).place.layer, F::from(records[0]));
  const Linear& l = linear(1);
  const auto forge = [&](StepColumns<F>& c, int32_t channel) {
    const int64_t a = accumulated(c);
    put(c, l.level(channel, l.result(channel, static_cast<int32_t>(a))).value(), a);
  };
  forge(victim(), 1);
  w->repair();
  EXPECT_EQ(broken(), Names{"bus levels"});
  w->restore();
  // One row that says it is the other layer's.
  forge(victim(), 1);
  steps(3).place.layer = F::from(records[1]);
  w->repair();
  Names names = broken();
  EXPECT_EQ(names.count("NN_STEPS: layer is carried on"), 1u);
  w->restore();
  // The whole run: nothing is wrong but that the call is none of that layer.
  const auto rows = real_rows(ChipId::NN_STEPS);
  for (size_t i = 0;; ++i) {
    auto& row = steps(rows[i]);
    row.place.layer = F::from(records[1]);
    for (unsigned p = 0; p < OUTPUTS; ++p)
      for (unsigned lane = 0; lane < LANES && !row.run.active(p).is_zero(); ++lane)
        forge(row.word[p].channel[lane], static_cast<int32_t>(lane));
    if (!row.run.last.is_zero()) break;
  }
  w->repair();
  EXPECT_EQ(broken(), Names{"bus pointers"});
}

TEST_F(Steps, windows_that_are_wider_or_elsewhere) {
  run({{stepped()}});
  const Linear& l = linear();
  const int64_t a = accumulated(victim());
  const LevelWindows<F> below = level_windows(l.level(1, result(victim()) - 1).value());
  const auto forge = [&](const std::function<void(LevelWindows<F>&)>& change) {
    LevelWindows<F> level = below;
    change(level);
    const bool second = number(f(a) - level.lowest) >= int64_t{1} << (level.low.value() + level.high.value());
    put(victim(), level, a, second ? level.offset : ZERO);
    w->repair();
    const Names names = broken();
    w->restore();
    return names;
  };
  EXPECT_EQ(forge([](auto& v) { v.low += f(2); }), Names{"bus levels"});
  EXPECT_EQ(forge([](auto& v) { v.low = f(16), v.high = ONE; }), Names{"bus levels"});
  EXPECT_EQ(forge([](auto& v) { v.lowest += f(700); }), Names{"bus levels"});
  EXPECT_EQ(forge([&](auto& v) { v.offset = f(a) - v.lowest; }), Names{"bus levels"});
}

TEST_F(Steps, a_result_that_the_weights_cannot_lead_to) {
  run({{stepped()}});
  const Linear& l = linear();
  ASSERT_FALSE(l.level(1, 127).has_value());
  const int64_t a = accumulated(victim());
  put(victim(), {f(127), f(a), ZERO, ZERO, ZERO}, a, ZERO);
  w->repair();
  EXPECT_EQ(broken(), Names{"bus levels"});
}

TEST_F(Steps, a_level_that_is_not_output_between_equal_thresholds) {
  LinearLayer layer = stepped();
  for (zkvm_nn_thresholds& c : layer.thresholds)
    for (int i = 1; i < 255; i += 2) c.threshold[i] = c.threshold[i - 1];
  run({{layer}});
  const Linear& l = linear();
  const int32_t y = result(victim());
  ASSERT_FALSE(l.level(1, y + 1).has_value());
  ASSERT_TRUE(l.level(1, y + 2).has_value());
  victim().level.byte += ONE;
  w->repair();
  EXPECT_EQ(broken(), Names{"bus levels"});
}

TEST_F(Steps, padding_channels) {
  LinearLayer layer = stepped();
  layer.header.weight_out = 7;
  layer.header.out_zp = 77;
  layer.thresholds.resize(7);
  layer.weights.resize(layer.weight_count());
  run({{layer}});
  // The second quad's run begins in the middle.
  const auto rows = real_rows(ChipId::NN_STEPS);
  StepColumns<F>& c = steps(rows[rows.size() / 2 + 1]).word[1].channel[3];
  ASSERT_EQ(result(c), 77);
  ASSERT_EQ(accumulated(c), 0);
  c.level.byte += ONE;
  w->repair();
  EXPECT_EQ(broken(), Names{"bus levels"});
  w->restore();
  c.z0 = ONE;
  w->repair();
  EXPECT_EQ(broken(), (Names{"NN_LEDGER: sum ends at 0", "bus range"}));
  w->restore();
  // Nothing that channel 6 can have is channel 7's.
  const Linear& l = linear();
  put(c, l.level(6, l.result(6, 0)).value(), 0);
  w->repair();
  EXPECT_EQ(broken(), Names{"bus levels"});
}

// 3. Positions.

TEST_F(Steps, a_second_position_that_does_not_exist) {
  run({{stepped()}});
  size_t end = 0;
  while (steps(end).run.end.is_zero()) ++end;
  auto& row = steps(end);
  ASSERT_TRUE(row.run.second.is_zero());
  // What it holds counts for nothing.
  row.word[1] = row.word[0];
  w->repair();
  EXPECT_TRUE(w->accepted());
  EXPECT_FALSE(w->tells_something_else());
  // Unless it is said to exist.
  row.run.second = ONE;
  w->repair();
  Names names = broken();
  EXPECT_EQ(names.count("NN_STEPS: the end has what is left"), 1u);
  EXPECT_EQ(names.count("NN_STEPS: next address"), 1u);
  EXPECT_EQ(names.count("NN_LEDGER: sum ends at 0"), 1u);
}

TEST_F(Steps, a_missing_second_position) {
  run({{stepped()}});
  ASSERT_TRUE(steps(0).run.end.is_zero());
  steps(0).run.second = ZERO;
  w->repair();
  EXPECT_EQ(broken().count("NN_STEPS: two positions within an image row"), 1u);
}

TEST_F(Steps, a_run_that_ends_early) {
  run({{stepped()}});
  const auto rows = real_rows(ChipId::NN_STEPS);
  size_t last = 0;
  while (steps(rows[last]).run.last.is_zero()) ++last;
  steps(rows[last - 3]).run.last = ONE;
  for (size_t i = last - 2; i <= last; ++i) steps(rows[i]) = {};
  w->repair();
  const Names names = broken();
  EXPECT_EQ(names.count("NN_STEPS: the last image row"), 1u);
  EXPECT_EQ(names.count("NN_LEDGER: sum ends at 0"), 1u);
}

TEST_F(Steps, outputs_at_another_address) {
  run({{stepped()}});
  const auto rows = real_rows(ChipId::NN_STEPS);
  for (size_t i = 0;; ++i) {
    steps(rows[i]).run.address += f(0x800);
    if (!steps(rows[i]).run.last.is_zero()) break;
  }
  w->repair();
  EXPECT_EQ(broken().count("bus pointers"), 1u);
}

TEST_F(Steps, a_geometry_that_is_not_the_layers) {
  run({{stepped()}});
  for (size_t i : real_rows(ChipId::NN_STEPS)) steps(i).place.stride += f(4);
  w->repair();
  EXPECT_EQ(broken().count("bus quads"), 1u);
}

// 4. Each layer has one of both chips.

/// Two layers, one with multipliers, one with thresholds, in so few rows that a table has room for both calls' outputs.
class BothKinds : public Steps {
 protected:
  void run_both() {
    LinearLayer small = convolution();
    small.header.out_h = 2;
    small.header.out_w = 4;
    LinearLayer other = small;
    other.use_thresholds(700);
    run({{small}, {other, IN, SECOND, OUT + 0x1000}});
    ASSERT_EQ(real_rows(ChipId::NN_OUTPUT).size(), 8u);
    ASSERT_EQ(real_rows(ChipId::NN_STEPS).size(), 8u);
    ASSERT_GE(w->height(w->table(ChipId::NN_OUTPUT)), 16u);
    ASSERT_GE(w->height(w->table(ChipId::NN_STEPS)), 16u);
  }
};

TEST_F(BothKinds, thresholds_instead_of_multipliers) {
  run_both();
  const Linear& l = linear(1);
  for (size_t i = 0; i < 8; ++i) {
    OutputColumns<F>& from = output(i);
    StepsColumns<F> to{from.run, from.channels.place, {}};
    for (unsigned p = 0; p < OUTPUTS; ++p) {
      to.word[p].prev = from.word[p].prev;
      to.word[p].old = from.word[p].old;
      for (unsigned lane = 0; lane < LANES; ++lane) {
        const auto channel = static_cast<int32_t>(4 * from.channels.place.quad.value() + lane);
        const int64_t a = sum(from.word[p].channel[lane]) - number(from.channels.channel[lane].bias);
        put(to.word[p].channel[lane], l.level(channel, l.result(channel, static_cast<int32_t>(a))).value(), a);
      }
    }
    steps(8 + i) = to;
    from = {};
  }
  w->repair();
  EXPECT_EQ(broken(), (Names{"bus levels", "bus quads"}));
}

TEST_F(BothKinds, multipliers_instead_of_thresholds) {
  run_both();
  isa::LookupCounts counts(0);
  const isa::ProgramTable none({}, {});
  isa::Filler filler(none, counts);
  const Linear& l = linear(0);
  for (size_t i = 0; i < 8; ++i) {
    StepsColumns<F>& from = steps(i);
    const OutputColumns<F>& like = output(i);
    OutputColumns<F> to{from.run, like.channels, {}};
    ASSERT_EQ(like.channels.place.quad, from.place.quad);
    to.channels.place = from.place;
    for (unsigned p = 0; p < OUTPUTS; ++p) {
      to.word[p].prev = from.word[p].prev;
      to.word[p].old = from.word[p].old;
      for (unsigned lane = 0; lane < LANES; ++lane)
        to.word[p].channel[lane] = fill_requantised(filler, false, l.channels[4 * from.place.quad.value() + lane],
                                                    accumulated(from.word[p].channel[lane]), l.shape.out_zp, -128, 127);
      write(to.word[p]);
    }
    output(8 + i) = to;
    from = {};
  }
  w->repair();
  EXPECT_EQ(broken(), Names{"bus channels"});
}

}  // namespace
}  // namespace zkvm::tests
