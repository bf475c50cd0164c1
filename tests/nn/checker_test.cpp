// Executions of layers as tables: every constraint and every bus, honest and forged.
#include <gtest/gtest.h>

#include <algorithm>

#include "precompiles/nn/border/columns.hpp"
#include "precompiles/nn/output/columns.hpp"
#include "precompiles/registry.hpp"
#include "tests/nn/debug_source.hpp"
#include "tests/nn/layers.hpp"

namespace zkvm::tests {
namespace {

using precompiles::ChipId;
using stark::DebugTable;
using stark::F;

void expect_honest(uint32_t kind, uint32_t rounds) {
  Random random(kind + 100);
  for (uint32_t round = 0; round < rounds; ++round) {
    const OneLayer l = one_layer(random, kind, 1, random.one_in(3) ? 2 : 1);
    vm::ShardingOptions sharding;
    if (random.one_in(3)) sharding.shard_cells = 1;  // a shard for each call
    const DebugExecution e = debug_execution(l.program, sharding, round);
    const stark::DebugReport report = e.check();
    ASSERT_TRUE(report.ok()) << l.layer.text << "\n" << report.text();
  }
}

TEST(nn_tables, linear_layers_satisfy_all_constraints_and_buses) { expect_honest(ZKVM_NN_LINEAR, 180); }
TEST(nn_tables, additions_satisfy_all_constraints_and_buses) { expect_honest(ZKVM_NN_ADD, 40); }
TEST(nn_tables, tables_satisfy_all_constraints_and_buses) { expect_honest(ZKVM_NN_TABLE, 30); }
TEST(nn_tables, pools_satisfy_all_constraints_and_buses) { expect_honest(ZKVM_NN_POOL, 50); }
TEST(nn_tables, softmaxes_satisfy_all_constraints_and_buses) { expect_honest(ZKVM_NN_SOFTMAX, 150); }
TEST(nn_tables, layer_norms_satisfy_all_constraints_and_buses) { expect_honest(ZKVM_NN_LAYER_NORM, 150); }

/// Sums, variances, results at the ends of what layers along the last axis can have.
TEST(nn_tables, rows_at_the_ends_of_every_range_satisfy_all_constraints_and_buses) {
  const auto check = [](const TestLayer& layer, const std::vector<int8_t>& row) {
    std::vector<uint8_t> memory(layer.input_bytes);
    for (size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<uint8_t>(row[i % row.size()]);
    const auto program = layer_program({layer}, {{0, TENSORS, 0, TENSORS + 0x1'0000}}, memory);
    const stark::DebugReport report = debug_execution(program).check();
    EXPECT_TRUE(report.ok()) << layer.text << "\n" << report.text();
  };
  const auto bytes_of = [](const auto& items) {
    const auto* first = reinterpret_cast<const uint8_t*>(items.data());
    return std::vector<uint8_t>(first, first + items.size() * sizeof items[0]);
  };
  for (const int32_t cols : {4, 12, 4060})
    for (const int32_t others : {0, 1 << 20, INT32_MAX}) {
      zkvm_nn_softmax r{};
      r.kind = ZKVM_NN_SOFTMAX;
      r.rows = 1;
      r.cols = cols;
      std::vector<int32_t> e(256, others);
      e[0] = INT32_MAX;
      const auto n = static_cast<uint32_t>(cols);
      const TestLayer layer{make_record(r, bytes_of(e)), n, 0, n, "softmax " + std::to_string(cols)};
      for (const std::vector<int8_t>& row : {std::vector<int8_t>{-128}, {127}, {-128, 127}}) check(layer, row);
      std::vector<int8_t> one(n, -128);
      one.back() = 127;
      check(layer, one);
    }
  for (const int32_t cols : {4, 12, 4096})
    for (const int32_t epsilon : {1, INT32_MAX}) {
      zkvm_nn_layer_norm r{};
      r.kind = ZKVM_NN_LAYER_NORM;
      r.rows = 1;
      r.cols = cols;
      r.epsilon = epsilon;
      r.out_zp = cols % 8 == 0 ? -7 : 7;
      r.act_min = -128;
      r.act_max = 127;
      r.multiplier = INT32_MAX;
      r.shift = -20;
      std::vector<zkvm_nn_norm> channels;
      for (int32_t c = 0; c < cols; ++c) channels.push_back({c % 3 == 0 ? 8191 : -8191, c % 2 == 0 ? 32000 : -32000});
      const auto n = static_cast<uint32_t>(cols);
      const TestLayer layer{make_record(r, bytes_of(channels)), n, 0, n, "layer norm " + std::to_string(cols)};
      for (const std::vector<int8_t>& row : {std::vector<int8_t>{127}, {-128, 127}, {1, 0, 0, 0}}) check(layer, row);
      for (const int8_t far : {int8_t{-128}, int8_t{127}}) {
        std::vector<int8_t> one(n, static_cast<int8_t>(-1 - far));
        one[n / 2] = far;
        check(layer, one);
      }
    }
}

/// Two calls of a convolution with a border, products, both with multipliers and with thresholds, one sum, one table,
/// two pools: every chip has rows.
const DebugExecution& all_chips() {
  static const DebugExecution E = [] {
    Random random(77);
    std::vector<TestLayer> layers;
    const auto linear = [&](int32_t operand, int32_t requantisation) {
      for (;;) {
        TestLayer l = random_linear(random, operand, 1);
        const auto* r = reinterpret_cast<const zkvm_nn_linear*>(l.record.data());
        // A border and odd rows of more than two columns; some weights.
        if (operand < ZKVM_NN_RAM_NK &&
            (r->kernel_h < 2 || r->kernel_w < 2 || r->out_w != 5 || r->out_h < 2 || r->in_w < 9))
          continue;
        if (operand >= ZKVM_NN_RAM_NK && r->in_w < 5) continue;
        if (r->requantisation != requantisation) continue;
        precompiles::nn::Rom rom;
        if (rom.load(l.record).empty()) return l;
      }
    };
    for (int32_t operand : {ZKVM_NN_DENSE, ZKVM_NN_DEPTHWISE, ZKVM_NN_RAM_NK, ZKVM_NN_RAM_KN})
      layers.push_back(linear(operand, ZKVM_NN_MULTIPLIERS));
    for (int32_t operand : {ZKVM_NN_DENSE, ZKVM_NN_RAM_KN}) layers.push_back(linear(operand, ZKVM_NN_THRESHOLDS));
    layers.push_back(one_layer(random, ZKVM_NN_ADD, 1).layer);
    layers.push_back(one_layer(random, ZKVM_NN_TABLE, 1).layer);
    for (uint32_t is_max : {0u, 1u})
      for (;;) {
        TestLayer l = one_layer(random, ZKVM_NN_POOL, 1).layer;
        const auto* r = reinterpret_cast<const zkvm_nn_pool*>(l.record.data());
        if (static_cast<uint32_t>(r->is_max) != is_max || r->kernel_h * r->kernel_w < 5 || r->out_w * r->out_h < 4)
          continue;
        layers.push_back(l);
        break;
      }
    for (const uint32_t kind : {ZKVM_NN_SOFTMAX, ZKVM_NN_LAYER_NORM})
      for (;;) {
        // Rows of an odd number of words, in two table rows and more.
        TestLayer l = one_layer(random, kind, 1).layer;
        const auto* r = reinterpret_cast<const zkvm_nn_softmax*>(l.record.data());
        if (r->rows < 2 || r->cols % 8 != 4 || r->cols < 12) continue;
        layers.push_back(l);
        break;
      }
    uint32_t at = TENSORS;
    std::vector<TestCall> calls;
    for (uint32_t i = 0; i < layers.size(); ++i) {
      for (int twice = 0; twice < (i == 0 ? 2 : 1); ++twice) {
        const uint32_t input = at, second = input + layers[i].input_bytes, output = second + layers[i].second_bytes;
        calls.push_back({i, input, second, output});
        at = output + layers[i].output_bytes;
      }
    }
    std::vector<uint8_t> memory(at - TENSORS);
    for (uint8_t& b : memory) b = random.byte();
    return debug_execution(layer_program(layers, calls, memory));
  }();
  return E;
}

TEST(nn_forging, the_subject_is_honest_and_has_rows_of_every_chip) {
  DebugExecution e = all_chips();
  EXPECT_TRUE(e.check().ok()) << e.check().text();
  for (size_t chip = ChipId::NN_CALL; chip < ChipId::NN_CALL + precompiles::nn::NN_CHIPS; ++chip)
    EXPECT_NE(e.find(chip), nullptr) << vm::machine_description().chips[chip].air.name();
  repair_lookups(e);
  EXPECT_TRUE(e.check().ok()) << "an honest execution needs no repair: " << e.check().text();
}

/// Rows that carry something: their first main column is not 0 (is_real, or a kind of step).
std::vector<size_t> real_rows(const DebugExecution& e, DebugTable& t) {
  std::vector<size_t> rows;
  for (size_t i = 0; i < size_t{1} << t.log_height; ++i)
    if (!e.main(t, i, 0).is_zero()) rows.push_back(i);
  return rows;
}

/// The checker's verdict on the execution with `delta` added to a cell, and with look-ups counted anew unless the cell
/// is such a count.
bool accepts(const DebugExecution& honest, size_t chip, size_t row, unsigned column, F delta) {
  DebugExecution e = honest;
  e.main(*e.find(chip), row, column) += delta;
  if (!is_free_multiplicity(chip, column)) repair_lookups(e);
  return e.check().ok();
}

class ForgedColumns : public testing::TestWithParam<uint16_t> {};

TEST_P(ForgedColumns, every_column_that_is_changed_alone_is_noticed) {
  const uint16_t chip = GetParam();
  const stark::Air& air = vm::machine_description().chips[chip].air;
  Random random(chip);
  DebugExecution honest = all_chips();
  const std::vector<size_t> real = real_rows(honest, *honest.find(chip));
  ASSERT_FALSE(real.empty());
  for (unsigned column = 0; column < air.main_width(); ++column) {
    const F delta = random.one_in(2) ? F::one() : F::from(static_cast<uint32_t>(random(2, 1 << 30)));
    const size_t row = real[static_cast<size_t>(random(0, static_cast<int32_t>(real.size()) - 1))];
    if (!accepts(honest, chip, row, column, delta)) continue;
    // Some columns mean something in some rows only (a place that is empty, what a job's later rows say of its
    // beginning): there a change says nothing. In some row it must.
    bool noticed = false;
    for (size_t i = 0; i < real.size() && !noticed; ++i) noticed = !accepts(honest, chip, real[i], column, delta);
    EXPECT_TRUE(noticed) << air.name() << ", column " << column << " is free in every row";
  }
}

std::vector<uint16_t> witness_chips() {
  std::vector<uint16_t> chips;
  for (uint16_t c = ChipId::NN_CALL; c < ChipId::NN_SIGNED; ++c) chips.push_back(c);
  return chips;
}
INSTANTIATE_TEST_SUITE_P(nn, ForgedColumns, testing::ValuesIn(witness_chips()),
                         [](const auto& info) { return vm::machine_description().chips[info.param].air.name(); });

// ---- By hand

/// A convolution with a border on 3 x 5 positions, called once.
struct Subject {
  std::vector<TestLayer> layers;
  std::vector<TestCall> calls;
  std::vector<uint8_t> memory;

  explicit Subject(int32_t operand) {
    Random random(5);
    zkvm_nn_linear r{};
    r.kind = ZKVM_NN_LINEAR;
    r.operand = operand;
    const bool in_ram = operand >= ZKVM_NN_RAM_NK;
    r.in_h = in_ram ? 1 : 3;
    r.in_w = in_ram ? 4 : 9;
    r.in_c = r.weight_in = r.out_c = r.weight_out = 8;
    r.out_h = r.in_h;
    r.out_w = in_ram ? 4 : 5;
    r.kernel_h = r.kernel_w = in_ram ? 1 : 3;
    r.stride_h = r.dilation_h = r.dilation_w = 1;
    r.stride_w = in_ram ? 1 : 2;
    r.pad_top = r.pad_left = in_ram ? 0 : 1;
    r.in_zp = 3;
    r.act_min = -128;
    r.act_max = 127;
    std::vector<uint8_t> payload;
    for (int o = 0; o < 8; ++o) {
      const zkvm_nn_channel c{random(-500, 500), 1 << 30, -8};
      const auto* bytes = reinterpret_cast<const uint8_t*>(&c);
      payload.insert(payload.end(), bytes, bytes + sizeof c);
    }
    if (!in_ram)
      for (int i = 0; i < 9 * 64; ++i) payload.push_back(random.byte());
    const auto input = static_cast<uint32_t>(r.in_h * r.in_w * 8), second = in_ram ? 64u : 0u,
               output = static_cast<uint32_t>(r.out_h * r.out_w * 8);
    layers = {{make_record(r, payload), input, second, output, "subject"}};
    calls = {{0, TENSORS, TENSORS + input, TENSORS + input + second}};
    memory.resize(input + second + output);
    for (uint8_t& b : memory) b = random.byte();
  }
  DebugExecution forged(std::function<void(precompiles::nn::NnTrace&)> forge) const {
    vm::ShardingOptions sharding;
    sharding.forge = [&](vm::Trace& trace) { forge(trace.precompiles.nn); };
    return debug_execution(layer_program(layers, calls, memory), sharding);
  }
};

void expect_failure(const DebugExecution& e, const std::string& where) {
  const stark::DebugReport report = e.check();
  EXPECT_FALSE(report.ok());
  EXPECT_NE(report.text().find(where), std::string::npos) << report.text();
}

/// With all that follows from the lie recomputed, forms included, only the product's identity notices it.
TEST(nn_forging, an_accumulator_that_gives_the_same_output_breaks_the_identity) {
  for (const int32_t operand : {ZKVM_NN_DENSE, ZKVM_NN_RAM_NK, ZKVM_NN_RAM_KN}) {
    const DebugExecution e = Subject(operand).forged([](precompiles::nn::NnTrace& t) {
      // The shift is 8 and more: one of both neighbours rounds alike.
      int32_t& acc = t.linear.at(0).outputs.at(9);
      acc += (acc & 3) == 0 ? 1 : -1;
    });
    const stark::DebugReport report = e.check();
    EXPECT_EQ(report.constraint_failures, stark::E::DEGREE);
    EXPECT_EQ(report.bus_failures, 0u) << report.text();
    expect_failure(e, "sum ends at 0");
  }
}
TEST(nn_forging, a_border_value_breaks_the_identity) {
  expect_failure(Subject(ZKVM_NN_DENSE).forged([](precompiles::nn::NnTrace& t) { ++t.linear.at(0).border.at(3); }),
                 "sum ends at 0");
}
TEST(nn_forging, an_output_element_breaks_memory_or_the_identity) {
  expect_failure(
      Subject(ZKVM_NN_DENSE).forged([](precompiles::nn::NnTrace& t) { t.linear.at(0).outputs.at(0) += 1 << 12; }),
      "sum ends at 0");
}
TEST(nn_forging, an_input_word_breaks_memory) {
  expect_failure(
      Subject(ZKVM_NN_DENSE).forged([](precompiles::nn::NnTrace& t) { t.linear.at(0).input.value.at(2) ^= 1; }),
      "memory");
}
TEST(nn_forging, swapped_factors_break_registers) {
  expect_failure(Subject(ZKVM_NN_RAM_NK).forged([](precompiles::nn::NnTrace& t) {
    std::swap(t.linear.at(0).call.a[1], t.linear.at(0).call.a[2]);
  }),
                 "memory");
}
TEST(nn_forging, a_shifted_output_breaks_registers) {
  expect_failure(Subject(ZKVM_NN_DENSE).forged([](precompiles::nn::NnTrace& t) { t.linear.at(0).call.a[3] += 4; }),
                 "memory");
}
TEST(nn_forging, a_call_that_is_left_out_breaks_the_state) {
  const DebugExecution e = Subject(ZKVM_NN_DENSE).forged([](precompiles::nn::NnTrace& t) {
    t.clear();
    t.calls.clear();
  });
  expect_failure(e, "state");
}

/// Clears the rows [begin, end) of a table, forms too.
void clear_rows(DebugTable& t, size_t begin, size_t end) {
  const stark::Air& air = vm::machine_description().chips[t.chip].air;
  std::fill(t.main.begin() + static_cast<std::ptrdiff_t>(begin * air.main_width()),
            t.main.begin() + static_cast<std::ptrdiff_t>(end * air.main_width()), F::zero());
  if (air.form_width() != 0)
    std::fill(t.form.begin() + static_cast<std::ptrdiff_t>(begin * air.form_width()),
              t.form.begin() + static_cast<std::ptrdiff_t>(end * air.form_width()), F::zero());
}

TEST(nn_forging, work_that_is_left_out_is_missed) {
  const struct {
    uint16_t chip;
    const char* missed;
  } CASES[] = {{ChipId::NN_LEDGER, "start"},     {ChipId::NN_ACTIVATIONS, "four forms"},
               {ChipId::NN_OUTPUT, "form"},      {ChipId::NN_STEPS, "form"},
               {ChipId::NN_BORDER, "form"},      {ChipId::NN_ADD, "done"},
               {ChipId::NN_TABLE, "done"},       {ChipId::NN_POOL, "pooled"},
               {ChipId::NN_POOL_OUTPUT, "done"}, {ChipId::NN_SOFTMAX, "done"},
               {ChipId::NN_SHARES, "shares"},    {ChipId::NN_RECIPROCALS, "reciprocals"},
               {ChipId::NN_NORM, "done"},        {ChipId::NN_ROOTS, "inverses"}};
  for (const auto& c : CASES) {
    DebugExecution e = all_chips();
    DebugTable& t = *e.find(c.chip);
    clear_rows(t, 0, size_t{1} << t.log_height);
    repair_lookups(e);
    expect_failure(e, c.missed);
  }
}

TEST(nn_forging, work_that_is_done_twice_is_noticed) {
  for (const uint16_t chip : {ChipId::NN_ACTIVATIONS, ChipId::NN_OUTPUT, ChipId::NN_STEPS, ChipId::NN_TABLE,
                              ChipId::NN_POOL_OUTPUT, ChipId::NN_SOFTMAX, ChipId::NN_NORM, ChipId::NN_ROOTS}) {
    DebugExecution e = all_chips();
    DebugTable copy = *e.find(chip);
    e.shards[0].push_back(copy);
    repair_lookups(e);
    EXPECT_FALSE(e.check().ok()) << vm::machine_description().chips[chip].air.name();
  }
}

TEST(nn_forging, padding_lends_nothing) {
  // A row that is not real has no pointers to lend, and no forms to offer.
  for (const auto& [chip, column] : {std::pair{ChipId::NN_CALL, 18u}, {ChipId::NN_CALL, 19u}, {ChipId::NN_CALL, 20u}}) {
    DebugExecution e = all_chips();
    DebugTable& t = *e.find(chip);
    const size_t last = (size_t{1} << t.log_height) - 1;
    ASSERT_TRUE(e.main(t, last, 0).is_zero());
    ASSERT_TRUE(is_free_multiplicity(chip, column));
    e.main(t, last, column) = F::one();
    EXPECT_GT(e.check().constraint_failures, 0u);
  }
  DebugExecution e = all_chips();
  DebugTable& weights = *e.find(ChipId::NN_WEIGHTS);
  const size_t last = (size_t{1} << weights.log_height) - 1;
  e.main(weights, last, 0) += F::one();
  EXPECT_FALSE(e.check().ok());
}

/// A border value at an output's place would make that output free.
TEST(nn_forging, a_border_value_cannot_stand_at_an_output) {
  using Columns = precompiles::nn::BorderColumns<F>;
  DebugExecution e = Subject(ZKVM_NN_DENSE).forged([](precompiles::nn::NnTrace&) {});
  ASSERT_TRUE(e.check().ok());
  DebugTable& t = *e.find(ChipId::NN_BORDER);
  for (const int side : {0, 1, 2, 3}) {
    DebugExecution forged = e;
    auto& row = *reinterpret_cast<Columns*>(&forged.main(*forged.find(t.chip), 0, 0));
    row.i = row.window.i_begin;
    row.j = row.window.j_begin;
    row.above = isa::flag(side == 0);
    row.below = isa::flag(side == 1);
    row.left = isa::flag(side == 2);
    row.right = isa::flag(side == 3);
    const auto& w = row.window;
    row.distance = side == 0   ? w.i_begin - F::one() - row.i
                   : side == 1 ? row.i - w.i_end
                   : side == 2 ? w.j_begin - F::one() - row.j
                               : row.j - w.j_end;
    repair_lookups(forged);
    expect_failure(forged, "range");
  }
}

/// The window of another layer, in which the position is outside.
TEST(nn_forging, a_border_is_that_of_the_calls_layer) {
  using Columns = precompiles::nn::BorderColumns<F>;
  DebugExecution e = all_chips();
  DebugTable& t = *e.find(ChipId::NN_BORDER);
  const std::vector<size_t> real = real_rows(e, t);
  auto& first = *reinterpret_cast<Columns*>(&e.main(t, real.front(), 0));
  const auto other = [&] {
    for (size_t i : real)
      if (auto& row = *reinterpret_cast<Columns*>(&e.main(t, i, 0)); row.window.layer != first.window.layer)
        return row.window;
    return first.window;
  }();
  ASSERT_NE(other.layer, first.window.layer);
  for (size_t i : real)
    if (auto& row = *reinterpret_cast<Columns*>(&e.main(t, i, 0)); row.call == first.call) row.window = other;
  repair_lookups(e);
  EXPECT_FALSE(e.check().ok());
}

TEST(nn_forging, a_second_position_cannot_be_denied) {
  using Columns = precompiles::nn::OutputColumns<F>;
  DebugExecution e = all_chips();
  DebugTable& t = *e.find(ChipId::NN_OUTPUT);
  for (size_t i : real_rows(e, t)) {
    auto& row = *reinterpret_cast<Columns*>(&e.main(t, i, 0));
    if (row.run.second.is_zero()) continue;
    row.run.second = F::zero();
    break;
  }
  repair_lookups(e);
  EXPECT_FALSE(e.check().ok());
}

}  // namespace
}  // namespace zkvm::tests
