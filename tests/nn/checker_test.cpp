// Executions of layers as tables: every constraint and every bus, honest and forged.
#include <gtest/gtest.h>

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
    if (random.one_in(3)) sharding.shard_call_cells = 1;  // a shard for each call
    const DebugExecution e = debug_execution(l.program, sharding, round);
    const stark::DebugReport report = e.check();
    ASSERT_TRUE(report.ok()) << l.layer.text << "\n" << report.text();
  }
}

TEST(nn_tables, linear_layers_satisfy_all_constraints_and_buses) { expect_honest(ZKVM_NN_LINEAR, 180); }
TEST(nn_tables, additions_satisfy_all_constraints_and_buses) { expect_honest(ZKVM_NN_ADD, 40); }
TEST(nn_tables, tables_satisfy_all_constraints_and_buses) { expect_honest(ZKVM_NN_TABLE, 30); }
TEST(nn_tables, pools_satisfy_all_constraints_and_buses) { expect_honest(ZKVM_NN_POOL, 50); }

/// Two calls of a convolution with a border, one product, one sum, one table, two pools: every chip has rows.
const DebugExecution& all_chips() {
  static const DebugExecution E = [] {
    Random random(77);
    std::vector<TestLayer> layers;
    const auto linear = [&](int32_t operand) {
      for (;;) {
        TestLayer l = random_linear(random, operand, 1);
        const auto* r = reinterpret_cast<const zkvm_nn_linear*>(l.record.data());
        // A border and odd rows of more than two columns; some weights.
        if (operand < ZKVM_NN_RAM_NK && (r->kernel_h < 2 || r->kernel_w < 2 || r->out_w != 5 || r->out_h < 2 || r->in_w < 9))
          continue;
        if (operand >= ZKVM_NN_RAM_NK && r->in_w < 5) continue;
        precompiles::nn::Rom rom;
        if (rom.load(l.record).empty()) return l;
      }
    };
    for (int32_t operand : {ZKVM_NN_DENSE, ZKVM_NN_DEPTHWISE, ZKVM_NN_RAM_NK, ZKVM_NN_RAM_KN})
      layers.push_back(linear(operand));
    layers.push_back(one_layer(random, ZKVM_NN_ADD, 1).layer);
    layers.push_back(one_layer(random, ZKVM_NN_TABLE, 1).layer);
    for (uint32_t is_max : {0u, 1u})
      for (;;) {
        TestLayer l = one_layer(random, ZKVM_NN_POOL, 1).layer;
        const auto* r = reinterpret_cast<const zkvm_nn_pool*>(l.record.data());
        if (static_cast<uint32_t>(r->is_max) != is_max || r->kernel_h * r->kernel_w < 5 || r->out_w * r->out_h < 4) continue;
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

/// Whether a table's row carries anything: its first main column is not 0 (is_real, or a kind of step).
bool is_real(const DebugExecution& e, DebugTable& t, size_t row) { return !e.main(t, row, 0).is_zero(); }

/// Changes `column` in a real row of the chip, counts look-ups anew, and says whether the checker still accepts.
class ForgedColumns : public testing::TestWithParam<uint16_t> {};

TEST_P(ForgedColumns, every_column_that_is_changed_alone_is_noticed) {
  const uint16_t chip = GetParam();
  const stark::Air& air = vm::machine_description().chips[chip].air;
  Random random(chip);
  DebugExecution honest = all_chips();
  DebugTable* subject = honest.find(chip);
  ASSERT_NE(subject, nullptr);
  std::vector<size_t> real;
  for (size_t i = 0; i < size_t{1} << subject->log_height; ++i)
    if (is_real(honest, *subject, i)) real.push_back(i);
  ASSERT_FALSE(real.empty());
  for (unsigned column = 0; column < air.main_width(); ++column) {
    DebugExecution e = honest;
    DebugTable& t = *e.find(chip);
    const size_t row = real[static_cast<size_t>(random(0, static_cast<int32_t>(real.size()) - 1))];
    F& cell = e.main(t, row, column);
    const F before = cell;
    cell += random.one_in(2) ? F::one() : F::from(static_cast<uint32_t>(random(2, 1 << 30)));
    repair_lookups(e);
    // Columns that nothing depends on where they are not used: carries and addresses of positions that do not exist, and
    // what a job's later rows say of its beginning.
    if (!e.check().ok()) continue;
    // Accepted: then the change must be one that says nothing else, which the same row with other values shows.
    bool noticed = false;
    for (const size_t other : real) {
      DebugExecution again = honest;
      e.main(*again.find(chip), other, column) += F::from(5);
      DebugTable& u = *again.find(chip);
      u.main[other * air.main_width() + column] = honest.main(*subject, other, column) + F::from(5);
      repair_lookups(again);
      if (!again.check().ok()) {
        noticed = true;
        break;
      }
    }
    EXPECT_TRUE(noticed) << air.name() << ", column " << column << " is free in every row (was " << before.value() << ")";
  }
}

std::vector<uint16_t> witness_chips() {
  std::vector<uint16_t> chips;
  for (uint16_t c = ChipId::NN_CALL; c < ChipId::NN_SIGNED; ++c) chips.push_back(c);
  return chips;
}
INSTANTIATE_TEST_SUITE_P(nn, ForgedColumns, testing::ValuesIn(witness_chips()), [](const auto& info) {
  return vm::machine_description().chips[info.param].air.name();
});

}  // namespace
}  // namespace zkvm::tests
