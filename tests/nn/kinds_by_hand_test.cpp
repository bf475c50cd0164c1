// Lies about the kind of a layer: its parts proved by the chip of another kind.
#include <gtest/gtest.h>

#include <cstring>

#include "precompiles/nn/add/columns.hpp"
#include "precompiles/nn/norm/columns.hpp"
#include "precompiles/nn/roots/columns.hpp"
#include "precompiles/nn/softmax/columns.hpp"
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

/// A row of a softmax or of a layer norm, proved as if it were a table activation's or a sum's part.
TEST(Kinds, rows_cannot_be_proved_as_an_activation_or_a_sum) {
  zkvm_nn_add add{};
  add.kind = ZKVM_NN_ADD;
  add.count = 8;
  add.act_min = -128;
  add.act_max = 127;
  add.multiplier = 1 << 30;
  zkvm_nn_table table{};
  table.kind = ZKVM_NN_TABLE;
  table.count = 8;
  zkvm_nn_softmax softmax{};
  softmax.kind = ZKVM_NN_SOFTMAX;
  softmax.rows = 1;
  softmax.cols = 8;
  zkvm_nn_layer_norm norm{};
  norm.kind = ZKVM_NN_LAYER_NORM;
  norm.rows = 1;
  norm.cols = 8;
  norm.epsilon = 1;
  norm.act_min = -128;
  norm.act_max = 127;
  norm.multiplier = 1 << 30;
  norm.shift = -12;
  std::vector<int32_t> exponential(256, 1000);
  exponential[0] = INT32_MAX;
  const std::vector<TestLayer> layers = {
      subject(add, std::vector<int32_t>(512, 5), 8), subject(table, std::vector<int8_t>(256, 3), 0),
      subject(softmax, exponential, 0), subject(norm, std::vector<zkvm_nn_norm>(8, {100, 7}), 0)};
  // Elements 0 ... 3 are those that a layer norm's constants stand at.
  std::vector<uint8_t> memory(0x80);
  for (size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<uint8_t>(i % 4);
  Workbench w(debug_execution(layer_program(layers,
                                            {{0, TENSORS, TENSORS + 8, OUT},
                                             {1, TENSORS + 16, 0, OUT + 16},
                                             {2, TENSORS + 32, 0, OUT + 32},
                                             {3, TENSORS + 48, 0, OUT + 48}},
                                            memory)));
  const auto zeros = [](auto& word) {
    for (F& y : word.y) y = ZERO;
    word.z.value = {ZERO, ZERO};
  };
  for (const bool is_softmax : {true, false}) {
    auto& as_table = w.row<TableColumns>(w.table(ChipId::NN_TABLE), 1);
    ASSERT_TRUE(as_table.run.is_real.is_zero());
    const auto take = [&](auto& row) {
      as_table.run = row.run;
      as_table.x = row.x;
      as_table.z = row.z;
      for (unsigned i = 0; i < PART_ROW_WORDS; ++i) {
        as_table.word[i].x = row.word[i].x;
        as_table.word[i].z = row.word[i].z;
        zeros(as_table.word[i]);
      }
      row = {};
    };
    if (is_softmax) {
      take(w.row<SoftmaxColumns>(w.table(ChipId::NN_SOFTMAX), 0));
    } else {
      take(w.row<NormColumns>(w.table(ChipId::NN_NORM), 0));
      w.row<RootsColumns>(w.table(ChipId::NN_ROOTS), 0) = {};
    }
    w.repair();
    EXPECT_EQ(w.broken(), Names{"bus entries"});
    EXPECT_TRUE(w.tells_something_else());
    w.restore();
  }
}

/// Two calls of one record: each row's inputs, results and clock are of one call.
TEST(Kinds, rows_of_two_calls_of_one_record_cannot_be_exchanged) {
  zkvm_nn_softmax softmax{};
  softmax.kind = ZKVM_NN_SOFTMAX;
  softmax.rows = 2;
  softmax.cols = 4;
  zkvm_nn_layer_norm norm{};
  norm.kind = ZKVM_NN_LAYER_NORM;
  norm.rows = 2;
  norm.cols = 4;
  norm.epsilon = 1;
  norm.act_min = -128;
  norm.act_max = 127;
  norm.multiplier = 1 << 30;
  norm.shift = -12;
  std::vector<int32_t> exponential(256, 1000);
  exponential[0] = INT32_MAX;
  const std::vector<TestLayer> layers = {subject(softmax, exponential, 0),
                                         subject(norm, std::vector<zkvm_nn_norm>(4, {100, 7}), 0)};
  std::vector<uint8_t> memory(0x80);
  for (size_t i = 0; i < memory.size(); ++i) memory[i] = static_cast<uint8_t>(37 * i);
  Workbench w(debug_execution(layer_program(layers,
                                            {{0, TENSORS, 0, OUT},
                                             {0, TENSORS + 16, 0, OUT + 16},
                                             {1, TENSORS + 32, 0, OUT + 32},
                                             {1, TENSORS + 48, 0, OUT + 48}},
                                            memory)));
  const auto exchange = [&]<template <class> class Columns>(size_t chip) {
    // Rows 0 and 1 are of the first call, 2 and 3 of the second.
    auto &a = w.row<Columns>(w.table(chip), 0), &b = w.row<Columns>(w.table(chip), 2);
    ASSERT_NE(a.run.call, b.run.call);
    std::swap(a.run.call, b.run.call);
    w.repair();
    EXPECT_EQ(w.broken().count("bus pointers"), 1u);
    w.restore();
    // The clock stays, the elements read are those of the other call.
    auto &c = w.row<Columns>(w.table(chip), 0), &d = w.row<Columns>(w.table(chip), 2);
    std::swap(c.x, d.x);
    w.repair();
    EXPECT_EQ(w.broken().count("bus pointers"), 1u);
    w.restore();
  };
  exchange.operator()<SoftmaxColumns>(ChipId::NN_SOFTMAX);
  exchange.operator()<NormColumns>(ChipId::NN_NORM);
}

}  // namespace
}  // namespace zkvm::tests
