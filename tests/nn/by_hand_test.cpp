// Lies about linear layers that take thought: everything that a prover can repair is repaired, and each is refused by
// exactly the checks that are named.
#include <algorithm>

#include "tests/nn/by_hand.hpp"

namespace zkvm::tests {
namespace {

TEST_F(ByHand, repairing_nothing_changes_nothing) {
  run({{convolution()}, {plain_product(ZKVM_NN_RAM_KN, 3, 8, 4)}});
  for (const size_t chip : {size_t{ChipId::NN_ACTIVATIONS}, size_t{ChipId::NN_OUTPUT}, size_t{ChipId::NN_BORDER},
                            size_t{ChipId::NN_POWERS}, size_t{ChipId::NN_LEDGER}})
    for (const size_t t : w->tables(chip)) w->main(t, 0)[0] += ONE;
  w->recompute_forms();
  for (const size_t chip : {size_t{ChipId::NN_ACTIVATIONS}, size_t{ChipId::NN_OUTPUT}, size_t{ChipId::NN_BORDER},
                            size_t{ChipId::NN_POWERS}, size_t{ChipId::NN_LEDGER}})
    for (const size_t t : w->tables(chip)) w->main(t, 0)[0] -= ONE;
  w->repair();
  w->recompute_forms();
  EXPECT_TRUE(w->accepted()) << *w->broken().begin();
}

// 1. Accumulators and results.

TEST_F(ByHand, another_output) {
  run({{convolution()}});
  auto& word = output(3).word[0];
  word.channel[1].y += ONE;
  write(word);
  w->repair();
  EXPECT_EQ(broken(), Names{"NN_OUTPUT: product"});
}

TEST_F(ByHand, another_accumulator_with_all_that_follows) {
  run({{convolution()}});
  for (const int64_t by : {1, -1, 1000}) {
    for (const unsigned position : {0u, 1u}) {
      auto& word = output(7).word[position];
      shift_accumulator(word, 2, layers[0].layer, 2, by);
      w->repair();
      EXPECT_EQ(broken(), Names{"NN_LEDGER: sum ends at 0"});
      w->restore();
    }
  }
}

TEST_F(ByHand, two_accumulators_that_cancel_do_so_at_other_powers) {
  run({{convolution()}});
  auto& word = output(7).word[0];
  shift_accumulator(word, 2, layers[0].layer, 2, 1);
  shift_accumulator(word, 1, layers[0].layer, 1, -1);
  w->repair();
  EXPECT_EQ(broken(), Names{"NN_LEDGER: sum ends at 0"});
}

TEST_F(ByHand, the_sign_of_an_accumulator) {
  run({{convolution()}});
  auto& c = output(3).word[0].channel[1];
  const F power = output(3).channels.channel[1].power;
  ASSERT_FALSE(power == ONE);
  // The sign enters the rounding, which the remainder can hide.
  const F was = c.negative;
  c.negative = ONE - was;
  c.z0 -= c.negative - was;
  w->repair();
  EXPECT_EQ(broken(), Names{"bus range"});
}

TEST_F(ByHand, limbs_that_carry_too_much) {
  run({{convolution()}});
  auto& c = output(3).word[0].channel[1];
  c.r0 += f(65536);
  c.k0 -= ONE;
  c.r1 -= ONE;
  w->repair();
  EXPECT_EQ(broken(), Names{"bus range"});
  w->restore();
  c.r1 += f(65536);
  c.k1 -= ONE;
  w->repair();
  EXPECT_EQ(broken(), (Names{"NN_OUTPUT: product", "bus range"}));
  w->restore();
  // With the quotient that then makes the product right modulo p.
  c.r1 += f(65536);
  c.k1 -= ONE;
  c.z0 -= ONE;
  w->repair();
  EXPECT_TRUE(broken().count("bus range") != 0);
}

TEST_F(ByHand, a_remainder_beyond_the_power) {
  run({{convolution()}});
  for (const int64_t by : {1, -1}) {
    auto& word = output(3).word[0];
    const F power = output(3).channels.channel[1].power;
    word.channel[1].y += f(by);
    word.channel[1].z0 -= f(by) * power;
    write(word);
    w->repair();
    EXPECT_EQ(broken(), Names{"bus range"}) << by;
    w->restore();
  }
}

TEST_F(ByHand, a_clamp_without_need) {
  LinearLayer layer = convolution();
  layer.header.act_min = -100;
  layer.header.act_max = 90;
  layer.channels[1].shift = -8;
  run({{layer}});
  for (const int64_t to : {1, -1}) {
    auto& word = output(3).word[0];
    auto& c = word.channel[1];
    ASSERT_TRUE(c.saturated.is_zero());
    const auto& p = output(3).channels.channel[1];
    const F y = to == 1 ? output(3).channels.max : output(3).channels.min;
    ASSERT_NE(c.y, y);
    // x stays as it is: z takes what y gains.
    const F rest = c.z0 + f(65536) * c.z1 - (y - c.y) * p.power;
    c.saturated = f(to);
    c.y = y;
    c.bits0 = f(16);
    c.bits1 = p.span;
    c.z0 = to == 1 ? rest : p.power - ONE - rest;
    c.z1 = ZERO;
    write(word);
    w->repair();
    EXPECT_EQ(broken(), Names{"bus range"}) << to;
    w->restore();
  }
}

TEST_F(ByHand, no_clamp_where_there_must_be_one) {
  LinearLayer layer = convolution();
  layer.header.act_max = -20;
  layer.header.out_zp = 5;
  layer.channels[1].shift = -8;
  run({{layer}});
  auto& word = output(3).word[0];
  auto& c = word.channel[1];
  ASSERT_EQ(c.saturated, ONE);
  const auto& p = output(3).channels.channel[1];
  // The true result, above the maximum.
  const uint32_t z = c.z0.value() + 65536 * c.z1.value(), power = p.power.value();
  ASSERT_GE(z, power);
  c.saturated = ZERO;
  c.y += F::from(z / power);
  c.z0 = F::from(z % power);
  c.z1 = ZERO;
  c.bits0 = p.low;
  c.bits1 = p.high;
  write(word);
  w->repair();
  EXPECT_EQ(broken(), Names{"bus bytes"});
}

TEST_F(ByHand, constants_of_another_channel) {
  LinearLayer layer = convolution();
  layer.channels[2].bias = 99;
  run({{layer}});
  auto& row = output(3);
  row.channels.channel[2].bias -= f(10);
  w->repair();
  EXPECT_EQ(broken(), (Names{"NN_LEDGER: sum ends at 0", "bus channels"}));
}

// 2. Positions.

/// A last row for the border's run, at (i, j) = exponents of the output (0, 0), which takes 1 off an accumulator there.
TEST_F(ByHand, a_border_value_at_an_output_position) {
  run({{convolution()}});
  const auto rows = real_rows(ChipId::NN_BORDER);
  ASSERT_LT(rows.size(), w->height(w->table(ChipId::NN_BORDER)));
  const auto forge = [&](const std::function<void(BorderColumns<F>&)>& excuse) {
    w->restore();
    auto &old = border(rows.back()), &added = border(rows.back() + 1);
    added = old;
    old.last = ZERO;
    added.i = added.window.i_begin;
    added.j = added.window.j_begin;
    added.k = ZERO;
    std::fill(std::begin(added.value), std::end(added.value), ZERO);
    added.value[1] = -ONE;
    added.above = added.below = added.left = added.right = ZERO;
    excuse(added);
    // Position (0, 0) is the first of the first quad's run.
    shift_accumulator(output(0).word[0], 1, layers[0].layer, 1, 1);
    w->repair();
    return broken();
  };
  EXPECT_EQ(forge([](auto& c) { c.above = ONE, c.distance = -ONE; }), Names{"bus range"});
  EXPECT_EQ(forge([](auto& c) { c.right = ONE, c.distance = c.j - c.window.j_end; }), Names{"bus range"});
  EXPECT_EQ(forge([](auto& c) { c.right = ONE, c.distance = ZERO; }), Names{"NN_BORDER: distance"});
  EXPECT_EQ(forge([](auto& c) { c.distance = ZERO; }), Names{"NN_BORDER: outside on one side"});
  EXPECT_EQ(forge([](auto& c) {
              c.window.j_end = c.window.j_begin;
              c.right = ONE, c.distance = ZERO;
            }),
            Names{"bus window"});
  // What would be accepted: the same at a position of its own changes the ledger's sum.
  EXPECT_EQ(forge([](auto& c) {
              c.i = c.window.i_end + f(3), c.j = ZERO, c.below = ONE, c.distance = f(3);
            }).count("NN_LEDGER: sum ends at 0"),
            1u);
}

TEST_F(ByHand, a_border_with_the_window_of_another_layer) {
  // The second layer has fewer outputs, so that its window leaves out positions that are outputs of the first.
  LinearLayer small = convolution();
  small.header.out_h = 2;
  run({{convolution()}, {small, IN, SECOND, OUT + 0x1000}});
  const auto rows = real_rows(ChipId::NN_BORDER);
  size_t last = 0;
  while (border(rows[last]).last.is_zero()) ++last;
  const F other_end = border(rows.back()).window.i_end;
  ASSERT_NE(other_end, border(rows[0]).window.i_end);
  const auto forge = [&](bool whole_run, bool own_layer) {
    w->restore();
    for (size_t i = 0; i <= last; ++i) {
      auto& c = border(rows[i]);
      const bool exposed = i == last;
      if (exposed) {
        // Moved onto an output of the first layer, in the third row.
        c.i = other_end;
        c.above = c.left = c.right = ZERO;
        c.below = ONE;
      }
      if (exposed || whole_run) {
        const F layer = c.window.layer;
        c.window = border(rows.back()).window;
        if (own_layer) c.window.layer = layer;
        c.distance = c.above * (c.window.i_begin - ONE - c.i) + c.below * (c.i - c.window.i_end) +
                     c.left * (c.window.j_begin - ONE - c.j) + c.right * (c.j - c.window.j_end);
      }
    }
    w->repair();
    return broken();
  };
  const Names one = forge(false, false), all = forge(true, false), named = forge(true, true);
  EXPECT_EQ(one.count("NN_BORDER: layer is carried on"), 1u);
  EXPECT_EQ(all.count("bus form"), 1u);
  EXPECT_EQ(named.count("bus window"), 1u);
}

TEST_F(ByHand, a_power_with_another_exponent) {
  run({{convolution()}});
  const size_t t = w->table(ChipId::NN_POWERS);
  size_t step = 0;
  while (w->peek<PowersColumns>(t, step).step_i.is_zero()) ++step;
  w->row<PowersColumns>(t, step).i += ONE;
  w->recount();
  EXPECT_EQ(broken().count("NN_POWERS: step of i"), 1u);
  w->restore();
  // A ledger that places outputs one position further.
  for (size_t i : real_rows(ChipId::NN_LEDGER))
    if (!ledger(i).plan.output.is_zero()) ledger(i).plan.j += ONE;
  w->repair();
  EXPECT_EQ(broken().count("bus plan"), 1u);
  w->restore();
  // A start in the middle: at exponents that are not 0.
  auto& c = w->row<PowersColumns>(t, step);
  c.step_i = ZERO;
  c.start = ONE;
  w->repair();
  EXPECT_EQ(broken().count("NN_POWERS: start at 0"), 1u);
}

TEST_F(ByHand, a_missing_second_position) {
  run({{convolution()}});
  // Within a row of five: positions 0 and 1.
  ASSERT_TRUE(output(0).run.end.is_zero());
  output(0).run.second = ZERO;
  w->repair();
  Names names = broken();
  EXPECT_EQ(names.count("NN_OUTPUT: two positions within an image row"), 1u);
  w->restore();
  // At the end of an even row.
  LinearLayer even = convolution();
  even.header.out_w = 4;
  run({{even}});
  size_t end = 0;
  while (output(end).run.end.is_zero()) ++end;
  ASSERT_EQ(output(end).run.second, ONE);
  output(end).run.second = ZERO;
  w->repair();
  names = broken();
  EXPECT_EQ(names.count("NN_OUTPUT: the end has what is left"), 1u);
  EXPECT_EQ(names.count("NN_OUTPUT: next address"), 1u);
}

TEST_F(ByHand, an_output_row_left_out) {
  run({{convolution()}});
  // The last image row of the first quad: three table rows. The run ends before it.
  const auto rows = real_rows(ChipId::NN_OUTPUT);
  size_t last = 0;
  while (output(rows[last]).run.last.is_zero()) ++last;
  const size_t t = w->table(ChipId::NN_OUTPUT);
  output(rows[last - 3]).run.last = ONE;
  for (size_t i = last - 2; i <= last; ++i)
    std::fill_n(w->main(t, rows[i]), sizeof(OutputColumns<F>) / sizeof(F), ZERO);
  w->repair();
  const Names names = broken();
  EXPECT_EQ(names.count("NN_OUTPUT: the last image row"), 1u);
  EXPECT_EQ(names.count("NN_LEDGER: sum ends at 0"), 1u);
}

TEST_F(ByHand, an_output_written_twice) {
  LinearLayer layer = convolution();
  layer.header.out_c = layer.header.weight_out = 4;
  layer.channels.resize(4);
  layer.weights.resize(layer.weight_count());
  run({{layer}});
  // A second run of the first quad, in the table's padding.
  const auto rows = real_rows(ChipId::NN_OUTPUT);
  const size_t t = w->table(ChipId::NN_OUTPUT), width = sizeof(OutputColumns<F>) / sizeof(F);
  size_t length = 1;
  while (output(rows[length - 1]).run.last.is_zero()) ++length;
  ASSERT_LE(rows.size() + length, w->height(t));
  for (size_t i = 0; i < length; ++i) {
    const std::vector<F> copy(w->main(t, rows[i]), w->main(t, rows[i]) + width);
    std::copy(copy.begin(), copy.end(), w->main(t, rows.back() + 1 + i));
    for (auto& word : output(rows.back() + 1 + i).word) {
      word.old = word.value;
      word.prev = output(rows[i]).run.call + f(6);
    }
  }
  w->repair();
  const Names names = broken();
  EXPECT_EQ(names.count("bus form"), 1u);
  EXPECT_EQ(names.count("bus range"), 1u);  // a word is written once per clock
}

TEST_F(ByHand, an_output_at_another_address) {
  run({{convolution()}});
  const auto rows = real_rows(ChipId::NN_OUTPUT);
  for (size_t i = 0;; ++i) {
    output(rows[i]).run.address += f(0x800);
    if (!output(rows[i]).run.last.is_zero()) break;
  }
  w->repair();
  EXPECT_EQ(broken().count("bus pointers"), 1u);
}

// 3. Inputs.

TEST_F(ByHand, operands_changed_places) {
  // Both are 4 x 4, so that nothing but the roles is wrong.
  run({{plain_product(ZKVM_NN_RAM_NK, 4, 4, 4)}});
  const auto rows = real_rows(ChipId::NN_ACTIVATIONS);
  ASSERT_EQ(rows.size(), 2u);
  // The input's run reads from where the second input is, and the other way round.
  auto &x = activations(rows[0]), &y = activations(rows[1]);
  std::swap(x.address, y.address);
  std::swap(x.segment, y.segment);
  std::swap(x.word, y.word);
  w->repair();
  EXPECT_EQ(broken(), (Names{"NN_LEDGER: sum ends at 0", "bus pointers"}));
  w->restore();
  // The roles alone, and with them the powers that weight the values and the pointers.
  std::swap(x.job.by_g, y.job.by_g);
  w->repair();
  EXPECT_EQ(broken(), (Names{"NN_LEDGER: sum ends at 0", "bus jobs", "bus pointers"}));
  w->restore();
  // The pointers that the call lends: registers say otherwise.
  std::swap(x.address, y.address);
  std::swap(x.segment, y.segment);
  std::swap(x.word, y.word);
  std::swap(call(0).input.value, call(0).second.value);
  w->repair();
  EXPECT_EQ(broken(), (Names{"NN_LEDGER: sum ends at 0", "bus memory"}));
  w->restore();
  // The call's own words, by a pointer that is not the register's: lent on a row of padding.
  auto& padding = call(5);
  ASSERT_TRUE(padding.is_real.is_zero());
  padding.call.at.clk = call(0).call.at.clk;
  padding.layer = call(0).layer;
  padding.input.value = call(0).second.value;
  padding.second.value = call(0).input.value;
  std::swap(x.address, y.address);
  std::swap(x.segment, y.segment);
  std::swap(x.word, y.word);
  padding.input_uses = padding.second_uses = ONE;
  call(0).input_uses = call(0).second_uses = ZERO;
  w->repair();
  EXPECT_EQ(broken(), (Names{"NN_CALL: input", "NN_CALL: second input", "NN_LEDGER: sum ends at 0"}));
}

TEST_F(ByHand, values_that_are_not_those_of_memory) {
  run({{convolution()}});
  auto& c = activations(0);
  c.word[1].x[2] += ONE;
  w->repair();
  EXPECT_EQ(broken(), (Names{"NN_LEDGER: sum ends at 0", "bus signed bytes"}));
  w->restore();
  c.word[1].x[2] += ONE;
  c.word[1].value.hi += ONE;
  w->repair();
  EXPECT_EQ(broken(), (Names{"NN_LEDGER: sum ends at 0", "bus memory"}));
}

TEST_F(ByHand, an_image_row_shifted) {
  run({{convolution()}});
  // The second image row again instead of the third: what follows moves up.
  const auto rows = real_rows(ChipId::NN_ACTIVATIONS);
  ASSERT_EQ(rows.size(), 4u);
  activations(2).address = activations(1).address;
  w->repair();
  EXPECT_EQ(broken().count("NN_ACTIVATIONS: next image row"), 1u);
}

TEST_F(ByHand, a_row_cut_short) {
  run({{convolution()}});
  // The first image row has five words: one of them is left out.
  activations(0).active[3] = ZERO;
  for (F& x : activations(0).word[4].x) x = activations(0).job.zero_point;
  w->repair();
  const Names names = broken();
  EXPECT_EQ(names.count("NN_ACTIVATIONS: the last group has what is left"), 1u);
  w->restore();
  activations(0).active[3] = ZERO;
  for (F& x : activations(0).word[4].x) x = activations(0).job.zero_point;
  activations(0).cols_left -= ONE;
  w->repair();
  EXPECT_EQ(broken().count("NN_ACTIVATIONS: an image row starts with all columns"), 1u);
}

TEST_F(ByHand, a_job_left_out) {
  LinearLayer two_quads = convolution();
  two_quads.header.in_c = two_quads.header.weight_in = 8;
  two_quads.weights.resize(two_quads.weight_count(), 3);
  run({{two_quads}});
  const auto rows = real_rows(ChipId::NN_ACTIVATIONS);
  ASSERT_EQ(rows.size(), 8u);
  const size_t t = w->table(ChipId::NN_ACTIVATIONS);
  for (size_t i = 4; i < 8; ++i) std::fill_n(w->main(t, i), sizeof(ActivationsColumns<F>) / sizeof(F), ZERO);
  w->repair();
  const Names names = broken();
  EXPECT_EQ(names, Names{"bus four forms"});
}

TEST_F(ByHand, a_job_done_for_another) {
  LinearLayer two_quads = convolution();
  two_quads.header.in_c = two_quads.header.weight_in = 8;
  two_quads.weights.resize(two_quads.weight_count(), 3);
  run({{two_quads}});
  // The second job's form is made by the first job's view.
  for (size_t i = 4; i < 8; ++i) {
    auto &from = activations(i - 4), &to = activations(i);
    const F index = to.job.index;
    to = from;
    to.job.index = index;
  }
  w->repair();
  const Names names = broken();
  EXPECT_EQ(names.count("bus jobs"), 1u);
  EXPECT_EQ(names.count("NN_LEDGER: sum ends at 0"), 1u);
}

TEST_F(ByHand, an_input_as_it_was_before_another_call_overwrote_it) {
  // The same product twice, the first time onto its own input. The second call claims to have read first.
  const LinearLayer layer = plain_product(ZKVM_NN_RAM_NK, 4, 4, 4);
  run({{layer, IN, SECOND, IN}, {layer, IN, SECOND, OUT}});
  const auto reads = real_rows(ChipId::NN_ACTIVATIONS), writes = real_rows(ChipId::NN_OUTPUT);
  ASSERT_EQ(reads.size(), 4u);
  ASSERT_EQ(writes.size(), 4u);  // two a call
  const auto &first = activations(reads[0]), &second = activations(reads[2]);
  ASSERT_NE(first.call, second.call);
  for (unsigned i = 0; i < 4; ++i) {
    auto& read = activations(reads[2]).word[i];
    auto& overwrite = output(writes[i / 2]).word[i % 2];
    read = first.word[i];
    read.prev = first.call + f(5);
    ASSERT_EQ(overwrite.prev, first.call + f(5));
    overwrite.prev = second.call + f(5);
    // What the second call then writes is what the first one did.
    auto& written = output(writes[2 + i / 2]).word[i % 2];
    std::copy(std::begin(overwrite.channel), std::end(overwrite.channel), std::begin(written.channel));
    written.value = overwrite.value;
  }
  w->repair();
  EXPECT_EQ(broken(), Names{"bus range"});
}

TEST_F(ByHand, clocks_of_calls_are_counted) {
  // Else enough calls would make the clock wrap.
  const auto& chips = vm::machine_description().chips;
  for (size_t c = ChipId::NN_CALL; c < ChipId::NN_CALL + NN_CHIPS; ++c)
    EXPECT_EQ(chips[c].row_weight, c == ChipId::NN_CALL ? precompiles::CALL_CLOCKS : 0u) << chips[c].air.name();
  EXPECT_LE(vm::machine_description().max_weight, uint64_t{ZKVM_NN_ROM_BEGIN});  // a call is no layer's address
}

// 4. Weights.

TEST_F(ByHand, part_of_a_form_of_weights) {
  run({{convolution()}});
  // Nine lines make a form: the eighth instead of the ninth.
  const size_t t = w->table(ChipId::NN_WEIGHTS);
  size_t last = 0;
  const auto fixed = [&](size_t row) { return reinterpret_cast<const WeightsFixed<F>*>(w->fixed(t, row)); };
  while (fixed(last)->last.is_zero()) ++last;
  ASSERT_EQ(last, 8u);
  w->row<WeightsColumns>(t, last).uses = ZERO;
  w->row<WeightsColumns>(t, last - 1).uses = ONE;
  const size_t ledger_table = w->table(ChipId::NN_LEDGER);
  std::copy_n(w->form(t, last - 1), stark::E::DEGREE, w->form(ledger_table, 0) + LANES * stark::E::DEGREE);
  EXPECT_EQ(broken(), (Names{"NN_LEDGER: sum", "NN_WEIGHTS: only whole forms are used"}));
}

TEST_F(ByHand, weights_of_another_layer) {
  LinearLayer other = convolution();
  for (int8_t& x : other.weights) x = static_cast<int8_t>(-x);
  run({{convolution()}, {other, IN, SECOND, OUT + 0x1000}});
  auto& row = ledger(0);
  ASSERT_EQ(row.plan.weights, ONE);
  row.owner = F::from(records[1]);
  w->repair();
  EXPECT_EQ(broken(), (Names{"NN_LEDGER: owner", "NN_LEDGER: sum ends at 0"}));
}

TEST_F(ByHand, weights_that_are_padding) {
  run({{convolution()}});
  const size_t t = w->table(ChipId::NN_WEIGHTS), last = w->height(t) - 1;
  ASSERT_TRUE(reinterpret_cast<const WeightsFixed<F>*>(w->fixed(t, last))->is_real.is_zero());
  w->row<WeightsColumns>(t, last).uses = ONE;
  EXPECT_EQ(broken(), (Names{"NN_WEIGHTS: only whole forms are used", "bus form"}));
}

// 5. The ledger.

TEST_F(ByHand, a_ledger_without_its_end) {
  run({{convolution()}});
  // It ends before outputs and border, where the sum is not 0, or is said to be.
  const auto rows = real_rows(ChipId::NN_LEDGER);
  ASSERT_EQ(rows.size(), 4u);
  const size_t t = w->table(ChipId::NN_LEDGER);
  const auto cut = [&](size_t keep) {
    w->restore();
    for (size_t i = keep; i < rows.size(); ++i) std::fill_n(w->main(t, i), sizeof(LedgerColumns<F>) / sizeof(F), ZERO);
    ledger(keep - 1).plan.last = ONE;
    w->repair();
    return broken();
  };
  EXPECT_EQ(cut(3), (Names{"NN_LEDGER: sum ends at 0", "bus form", "bus plan"}));
  EXPECT_EQ(cut(1), (Names{"NN_LEDGER: sum ends at 0", "bus form", "bus plan"}));
  // Without `last` the run must go on.
  w->restore();
  std::fill_n(w->main(t, 3), sizeof(LedgerColumns<F>) / sizeof(F), ZERO);
  w->repair();
  EXPECT_EQ(broken(), (Names{"NN_LEDGER: a run goes on to its last row", "bus form"}));
}

TEST_F(ByHand, no_ledger_at_all) {
  run({{convolution()}});
  const size_t t = w->table(ChipId::NN_LEDGER);
  for (size_t i : real_rows(ChipId::NN_LEDGER)) std::fill_n(w->main(t, i), sizeof(LedgerColumns<F>) / sizeof(F), ZERO);
  w->repair();
  EXPECT_EQ(broken(), (Names{"bus form", "bus four forms", "bus start"}));
}

TEST_F(ByHand, a_ledger_row_repeated) {
  run({{convolution()}});
  const auto rows = real_rows(ChipId::NN_LEDGER);
  const size_t t = w->table(ChipId::NN_LEDGER), width = sizeof(LedgerColumns<F>) / sizeof(F);
  // Everything from the second row on moves down by one.
  for (size_t i = rows.size(); i > 1; --i) {
    const std::vector<F> copy(w->main(t, i - 1), w->main(t, i - 1) + width);
    std::copy(copy.begin(), copy.end(), w->main(t, i));
  }
  const std::vector<F> first(w->main(t, 0), w->main(t, 0) + width);
  std::copy(first.begin(), first.end(), w->main(t, 1));
  ledger(1).first = ZERO;
  w->repair();
  const Names names = broken();
  EXPECT_EQ(names, (Names{"NN_LEDGER: sequence counts", "NN_LEDGER: sum ends at 0", "bus four forms"}));
}

TEST_F(ByHand, the_ledger_of_another_layer) {
  LinearLayer other = convolution();
  other.channels[0].bias = 1;
  run({{convolution()}, {other, IN, SECOND, OUT + 0x1000}});
  // The second call's ledger is written for the first layer.
  for (size_t i : real_rows(ChipId::NN_LEDGER)) {
    auto& row = ledger(i);
    if (row.plan.layer != F::from(records[1])) continue;
    row.plan.layer = F::from(records[0]);
    row.owner = row.plan.weights * row.plan.layer;
    if (!row.plan.border.is_zero()) row.plan.index = row.plan.layer;
  }
  w->repair();
  EXPECT_EQ(broken(), (Names{"bus form", "bus start"}));
}

TEST_F(ByHand, a_ledger_that_goes_round_in_circles) {
  run({{convolution()}});
  // All rows of the table become one run without a beginning: the plan's first row again and again.
  const size_t t = w->table(ChipId::NN_LEDGER);
  const LedgerColumns<F> row = ledger(0);
  for (size_t i = 0; i < w->height(t); ++i) {
    ledger(i) = row;
    ledger(i).first = ZERO;
  }
  w->repair();
  EXPECT_EQ(broken().count("NN_LEDGER: sequence counts"), 1u);
}

TEST_F(ByHand, a_sum_that_does_not_start_at_0) {
  run({{convolution()}});
  // The accumulator is off by one, and the form columns start with the difference.
  shift_accumulator(output(7).word[0], 2, layers[0].layer, 2, 1);
  w->repair();
  const size_t t = w->table(ChipId::NN_LEDGER);
  const auto rows = real_rows(ChipId::NN_LEDGER);
  stark::E difference;
  const auto get = [&](size_t row) { return w->form(t, row) + 2 * LANES * stark::E::DEGREE; };
  std::copy_n(get(rows.back()), stark::E::DEGREE, difference.c);
  for (size_t i : rows)
    for (unsigned d = 0; d < stark::E::DEGREE; ++d) get(i)[d] -= difference.c[d];
  EXPECT_EQ(broken(), Names{"NN_LEDGER: sum"});
}

}  // namespace
}  // namespace zkvm::tests
