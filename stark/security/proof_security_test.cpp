#include "stark/security/proof_security.hpp"

#include <gtest/gtest.h>

namespace zkvm::stark {
namespace {

template <class T>
struct OneField {
  T value;
};
constexpr Bus<OneField> BUS{1, false, "bus"};

/// A chip with `width` main columns and two messages a row.
ChipInfo chip(unsigned width) {
  AirBuilder b(0, width, 0, 0);
  const Expr first = b.column(Segment::MAIN, 0, 0);
  b.assert_zero(first * (first - 1), "boolean");
  b.send(BUS, {first}, first, "send");
  b.receive(BUS, {first + 1}, first, "receive");
  return {Air::compile("chip", b), Presence::OPTIONAL, -1, 0};
}

MachineDescription machine() {
  MachineDescription m;
  m.chips.push_back(chip(10));
  m.chips.push_back(chip(30));
  m.buses.push_back({1, "bus"});
  return m;
}

ShardLayout layout(const MachineDescription& m, std::vector<TableShape> tables) {
  ShardLayout l;
  EXPECT_EQ(make_layout(m, {}, tables, l), nullptr);
  return l;
}

TEST(ProofSecurity, parameters_are_read_off_the_layouts) {
  const MachineDescription m = machine();
  const std::vector<ShardLayout> shards = {layout(m, {{0, 12}, {1, 10}}), layout(m, {{0, 8}}), layout(m, {{0, 8}})};
  const auto p = protocol_parameters(m, {1, 200, 20}, shards, {5, 3, 0});
  ASSERT_EQ(p.size(), 2u) << "equal shards are listed once";
  for (const ProtocolParameters& s : p) {
    EXPECT_EQ(s.shards, 3u);
    EXPECT_EQ(s.logup_messages, 5u + 2 * (4096 + 1024 + 256 + 256));
    EXPECT_EQ(s.max_message_fields, 4u);
    EXPECT_EQ(s.max_columns_per_table, 30u);
    EXPECT_EQ(s.anchor_log_height, 12u);
    EXPECT_EQ(s.queries, 200u);
    EXPECT_FALSE(s.has_forms);
  }
  EXPECT_EQ(p[0].log_max_height, 12u);
  EXPECT_EQ(p[0].constraints, 4u) << "an AIR constraint and a LogUp column in each of two tables";
  EXPECT_EQ(p[0].deep_terms, shards[0].deep_terms);
  ASSERT_FALSE(p[0].folds.empty());
  EXPECT_EQ(p[0].folds[0], (FoldRound{13, 4, true})) << "2^12 folds to the next height, 2^10, and takes it in";
  EXPECT_EQ(p[1].log_max_height, 8u);
}

TEST(ProofSecurity, the_weakest_shard_decides) {
  const MachineDescription m = machine();
  const ShardLayout small = layout(m, {{0, 8}}), tall = layout(m, {{0, 20}});
  const auto bits = [&](std::vector<ShardLayout> shards) {
    return analyze_proof(m, {1, 230, 20}, shards, {5, 3, 0}).bits;
  };
  EXPECT_LT(bits({tall}), bits({small}));
  EXPECT_LE(bits({small, tall}), bits({tall}));
  EXPECT_EQ(bits({small, tall}), bits({tall, small}));
  EXPECT_GE(bits({small, tall}), 128);
}

TEST(ProofSecurity, no_shards_prove_nothing) {
  const SecurityReport r = analyze_proof(machine(), {1, 230, 20}, {}, {});
  EXPECT_FALSE(r.ok());
  EXPECT_EQ(r.bits, 0);
}

}  // namespace
}  // namespace zkvm::stark
