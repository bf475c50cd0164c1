// Lies about a call's row and its ledger that nothing but one constraint catches: were it left out, the lie would be
// accepted. Why others of these chips cannot have such a lie is in precompiles/nn/ledger/README.md.
#include <algorithm>

#include "tests/nn/by_hand.hpp"

namespace zkvm::tests {
namespace {

using stark::E;

constexpr unsigned SUM = 2 * LANES;

/// One position of eight channels, so two lines of weights; four outputs.
LinearLayer two_lines() {
  LinearLayer l = plain_convolution(1, 8, 4, 1);
  for (zkvm_nn_channel& c : l.channels) c.shift = -8;
  return l;
}

class LedgerByHand : public ByHand {
 protected:
  E form(size_t row, unsigned index) {
    E e;
    std::copy_n(w->form(table(), row) + index * E::DEGREE, E::DEGREE, e.c);
    return e;
  }
  void set_form(size_t row, unsigned index, const E& value) {
    std::copy_n(value.c, E::DEGREE, w->form(table(), row) + index * E::DEGREE);
  }
  size_t table() const { return w->table(ChipId::NN_LEDGER); }
  /// The second of two calls writes where the first one wrote, and leaves the memory of its own output alone.
  void write_over_first_call() {
    const auto rows = real_rows(ChipId::NN_OUTPUT);
    for (size_t i = 0; i < rows.size() / 2; ++i) {
      const auto& first = output(rows[i]);
      auto& second = output(rows[i + rows.size() / 2]);
      second.run.address = first.run.address;
      for (unsigned k = 0; k < OUTPUTS; ++k) {
        if (first.run.active(k).is_zero()) continue;
        second.word[k].old = first.word[k].value;
        second.word[k].prev = first.run.call + f(precompiles::WRITE_CLOCK);
      }
    }
  }
  /// Sum over the four input channels of a row of one position: (x - zero point) weight.
  int64_t product(const ActivationsColumns<F>& row, const int8_t* weights) const {
    int64_t sum = 0;
    for (unsigned l = 0; l < LANES; ++l) {
      const F x = row.word[0].x[l] - row.job.zero_point;
      sum += (x.value() < F::P / 2 ? int64_t{x.value()} : int64_t{x.value()} - int64_t{F::P}) * weights[l];
    }
    return sum;
  }
};

TEST_F(LedgerByHand, a_second_factor_where_the_plan_has_none) {
  run({{convolution()}});
  shift_accumulator(output(7).word[0], 2, layers[0].layer, 2, 1);
  w->repair();
  ASSERT_EQ(broken(), Names{"NN_LEDGER: sum ends at 0"});
  // What is missing comes in by the second lane of the last line, which the border does not use.
  const size_t last = real_rows(ChipId::NN_LEDGER).back();
  ASSERT_EQ(ledger(last).plan.border, ONE);
  const E missing = E::zero() - form(last, SUM);
  set_form(last, 1, E::one());
  set_form(last, LANES + 1, missing);
  w->recompute_forms();
  EXPECT_EQ(broken(), Names{"NN_LEDGER: other is 0 where there is none"});
}

TEST_F(LedgerByHand, outputs_of_two_calls_exchanged) {
  run({{convolution()}, {convolution(), IN + 0x200, SECOND, OUT + 0x1000, true}});
  const auto rows = real_rows(ChipId::NN_OUTPUT), lines = real_rows(ChipId::NN_LEDGER);
  for (size_t i = 0; i < rows.size() / 2; ++i) {
    auto &first = output(rows[i]), &second = output(rows[i + rows.size() / 2]);
    ASSERT_NE(first.run.call, second.run.call);
    for (unsigned k = 0; k < OUTPUTS; ++k) {
      std::swap(first.word[k].channel, second.word[k].channel);
      std::swap(first.word[k].value, second.word[k].value);
    }
  }
  // Each ledger takes the outputs of the other call.
  for (size_t i = 0; i < lines.size() / 2; ++i)
    if (!ledger(lines[i]).plan.output.is_zero())
      std::swap(ledger(lines[i]).call, ledger(lines[i + lines.size() / 2]).call);
  w->repair();
  EXPECT_EQ(broken(), Names{"NN_LEDGER: call is carried on"});
}

TEST_F(LedgerByHand, a_line_of_another_layers_weights) {
  LinearLayer other = two_lines();
  other.weights[1 * 8 + 6] = 99;  // channel 1, second line
  run({{two_lines()}, {other, IN, SECOND, OUT + 0x1000}});
  const auto reads = real_rows(ChipId::NN_ACTIVATIONS);
  auto& line = ledger(1);
  ASSERT_EQ(line.plan.weights, ONE);
  ASSERT_EQ(line.plan.layer, F::from(records[0]));
  line.plan.layer = line.owner = F::from(records[1]);
  const int64_t by = product(activations(reads[1]), &other.weights[8 + 4]) -
                     product(activations(reads[1]), &layers[0].layer.weights[8 + 4]);
  ASSERT_NE(by, 0);
  shift_accumulator(output(0).word[0], 1, layers[0].layer, 1, by);
  w->repair();
  EXPECT_EQ(broken(), Names{"NN_LEDGER: layer is carried on"});
}

TEST_F(LedgerByHand, the_plans_first_line_left_out) {
  run({{two_lines()}});
  const auto reads = real_rows(ChipId::NN_ACTIVATIONS);
  ASSERT_EQ(reads.size(), 2u);
  ASSERT_EQ(ledger(0).plan.weights, ONE);
  ASSERT_EQ(ledger(1).plan.weights, ONE);
  for (unsigned n = 0; n < 4; ++n)
    shift_accumulator(output(0).word[0], n, layers[0].layer, n,
                      -product(activations(reads[0]), &layers[0].layer.weights[8 * n]));
  std::fill_n(w->main(w->table(ChipId::NN_ACTIVATIONS), reads[0]), sizeof(ActivationsColumns<F>) / sizeof(F), ZERO);
  std::fill_n(w->main(table(), 0), sizeof(LedgerColumns<F>) / sizeof(F), ZERO);
  ledger(1).first = ONE;
  w->repair();
  EXPECT_EQ(broken(), Names{"NN_LEDGER: sequence starts at 0"});
}

TEST_F(LedgerByHand, forms_taken_and_put_by_rows_without_a_plan) {
  run({{convolution()}});
  const auto rows = real_rows(ChipId::NN_LEDGER);
  const size_t output_row = *std::find_if(rows.begin(), rows.end(), [&](size_t i) {
    return !ledger(i).plan.output.is_zero() && ledger(i).plan.index.is_zero();
  });
  std::vector<std::vector<F>> honest;
  for (size_t i : rows) honest.emplace_back(w->form(table(), i), w->form(table(), i) + LEDGER_FORMS * E::DEGREE);
  const E was = form(output_row, 0);
  shift_accumulator(output(0).word[0], 2, layers[0].layer, 2, 1);
  w->repair();
  ASSERT_EQ(broken(), Names{"NN_LEDGER: sum ends at 0"});
  const E now = form(output_row, 0);
  // Padding takes the form of the outputs as they are, and puts, as -1 times taking it, the form that they should have.
  const size_t taker = rows.back() + 2, giver = rows.back() + 4;
  for (const size_t row : {taker, giver}) {
    auto& c = ledger(row);
    c.call = ledger(output_row).call;
    c.plan.output = row == taker ? ONE : -f(7);
    c.plan.border = row == taker ? ZERO : f(6);
    ASSERT_EQ(c.plan.output * f(ROLE_OUTPUT) + c.plan.border * f(ROLE_BORDER), f(ROLE_OUTPUT));
    c.plan.i = ledger(output_row).plan.i;
    c.plan.j = ledger(output_row).plan.j;
    c.plan.k = ledger(output_row).plan.k;
    const E form_value = row == taker ? now : was, power = form(output_row, LANES);
    set_form(row, 0, form_value);
    set_form(row, LANES, power);
    set_form(row, SUM, form_value * power);
  }
  for (size_t i = 0; i < rows.size(); ++i) std::copy(honest[i].begin(), honest[i].end(), w->form(table(), rows[i]));
  w->recount();
  EXPECT_EQ(broken(), Names{"NN_LEDGER: flags only on real rows"});
}

TEST_F(LedgerByHand, a_pointer_of_an_output_lent_by_padding) {
  run({{convolution()}, {convolution(), IN, SECOND, OUT + 0x1000, true}});
  write_over_first_call();
  auto& padding = call(5);
  ASSERT_TRUE(padding.is_real.is_zero());
  padding.call.at.clk = call(1).call.at.clk;
  padding.layer = call(1).layer;
  padding.output.value = call(0).output.value;
  std::swap(padding.output_uses, call(1).output_uses);
  w->repair();
  EXPECT_EQ(broken(), Names{"NN_CALL: output"});
}

/// Rows that count -1 and 1 with registers that were never read, which cancel wherever one register at a time is looked
/// at: between them stands a row that counts once, of the call, with another pointer.
TEST_F(LedgerByHand, a_row_of_the_call_that_counts_less_than_once) {
  run({{convolution()}, {convolution(), IN, SECOND, OUT + 0x1000, true}});
  write_over_first_call();
  // The call itself, but with the first call's pointer to its output ...
  const auto honest = call(1);
  call(1).output.value = call(0).output.value;
  // ... and what that row should have said: the pointer of the program. Another layer's address takes back the rest.
  auto &less = call(5), &more = call(6);
  less = call(1);
  less.is_real = -ONE;
  more = honest;
  for (auto* row : {&less, &more}) {
    row->layer.value.lo += f(4);
    row->input_uses = row->second_uses = row->output_uses = ZERO;
  }
  w->repair();
  EXPECT_EQ(broken(), Names{"NN_CALL: op flag is boolean"});
}

/// With a read_only that is no bit, a tensor's words are read from any segment: here from that of registers. x4 is 0.
TEST_F(LedgerByHand, a_tensor_in_no_space) {
  LinearLayer layer = plain_convolution(1, 4, 4, 1);
  for (zkvm_nn_channel& c : layer.channels) c.shift = -8;
  run({{layer, IN + 4}});
  auto& read = activations(real_rows(ChipId::NN_ACTIVATIONS)[0]);
  std::vector<int64_t> before;
  for (unsigned n = 0; n < 4; ++n) before.push_back(product(read, &layers[0].layer.weights[4 * n]));
  ASSERT_EQ((IN + 4) & 0xffff, 4u);
  const F space = (f(isa::REGISTER_SEGMENT) - f(IN >> 16)) * f(isa::READ_ONLY_SPACE).inverse();
  call(0).input_read_only = read.read_only = space;
  read.word[0].prev = ZERO;
  read.word[0].value = {ZERO, ZERO};
  for (F& x : read.word[0].x) x = ZERO;
  for (unsigned n = 0; n < 4; ++n)
    shift_accumulator(output(0).word[0], n, layers[0].layer, n,
                      product(read, &layers[0].layer.weights[4 * n]) - before[n]);
  w->repair();
  EXPECT_EQ(broken(), Names{"NN_CALL: read_only is boolean"});
}

}  // namespace
}  // namespace zkvm::tests
