// Lies about the kind of a layer: its parts proved by the chip of another kind.
#include <gtest/gtest.h>

#include <cstring>

#include "precompiles/nn/add/columns.hpp"
#include "precompiles/nn/table/columns.hpp"
#include "tests/nn/by_hand.hpp"

namespace zkvm::tests {
namespace {

/// A layer of eight elements.
template <class Header, class Item>
TestLayer subject(const Header& header, const std::vector<Item>& items, uint32_t second) {
  std::vector<uint8_t> payload(items.size() * sizeof(Item));
  std::memcpy(payload.data(), items.data(), payload.size());
  return {make_record(header, payload), 8, second, 8, "subject"};
}

/// A sum's part, proved as if it were a table activation's: the first operand's table alone.
TEST(Kinds, a_sum_cannot_be_proved_as_an_activation) {
  zkvm_nn_add add{};
  add.kind = ZKVM_NN_ADD;
  add.count = 8;
  add.act_min = -128;
  add.act_max = 127;
  add.multiplier = 1 << 30;
  std::vector<int32_t> tables;
  for (int i = 0; i < 512; ++i) tables.push_back(static_cast<int8_t>(i) / 2);  // results of an activation, too
  zkvm_nn_table table{};
  table.kind = ZKVM_NN_TABLE;
  table.count = 8;
  const std::vector<TestLayer> layers = {subject(add, tables, 8), subject(table, std::vector<int8_t>(256, 3), 0)};
  std::vector<uint8_t> memory(0x40);
  for (size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<uint8_t>(17 * i);
  Workbench w(
      debug_execution(layer_program(layers, {{0, TENSORS, TENSORS + 8, OUT}, {1, TENSORS + 16, 0, OUT + 16}}, memory)));
  auto& sum = w.row<AddColumns>(w.table(ChipId::NN_ADD), 0);
  auto& as_table = w.row<TableColumns>(w.table(ChipId::NN_TABLE), 1);
  ASSERT_TRUE(as_table.run.is_real.is_zero());
  as_table.run = sum.run;
  as_table.x = sum.x;
  as_table.z = sum.z;
  for (unsigned i = 0; i < PART_ROW_WORDS; ++i) {
    as_table.word[i].x = sum.word[i].x;
    as_table.word[i].z = sum.word[i].z;
    uint32_t byte[LANES];
    for (unsigned l = 0; l < LANES; ++l) {
      as_table.word[i].y[l] = sum.word[i].first[l];
      byte[l] = sum.word[i].first[l].value() < F::P / 2 ? sum.word[i].first[l].value()
                                                        : 256 - (F::P - sum.word[i].first[l].value());
    }
    as_table.word[i].z.value = {F::from(byte[0] | byte[1] << 8), F::from(byte[2] | byte[3] << 8)};
  }
  sum = {};
  w.repair();
  EXPECT_EQ(w.broken(), Names{"bus entries"});
  EXPECT_TRUE(w.tells_something_else());
}

}  // namespace
}  // namespace zkvm::tests
