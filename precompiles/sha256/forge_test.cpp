// A lying prover for this folder's tables: it changes cells, one alone or with repairs of what breaks (constraints,
// look-ups, messages that other tables hold it to), and never gets anything through but the honest table. Left a gap by
// leaving out a constraint, it does. And larger lies, by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "precompiles/sha256/test_machine.hpp"
#include "precompiles/table_forger.hpp"

namespace zkvm::precompiles::sha256 {
namespace {

using precompiles::test::TableForger;
using test::Calls;
using test::check;

constexpr uint32_t STATE_AT = 0x40'0000, BLOCK_AT = 0x4f'ffe4;  // the block crosses a segment

Calls some_calls(unsigned count) {
  std::mt19937 random(5);
  std::array<uint32_t, 24> words;
  for (uint32_t& w : words) w = static_cast<uint32_t>(random());
  Calls calls;
  calls.host.add(STATE_AT, std::span(words).first(8));
  calls.host.add(BLOCK_AT, std::span(words).last(16));
  for (unsigned i = 0; i < count; ++i) EXPECT_EQ(calls.call(STATE_AT, BLOCK_AT), "");
  return calls;
}

/// Given the state and the block, what the rounds say of the variables after them.
TableForger rounds_forger(std::string omitted = {}) {
  const auto tables = some_calls(1).tables();
  return TableForger(
      test::machine().chips[test::ROUNDS_TABLE].air, tables[test::ROUNDS_TABLE],
      [](size_t row, size_t) { return row == LAST_ROUNDS; }, std::move(omitted));
}
/// Given the program, registers, memory before the call and what the rounds make of it: what the call puts anywhere.
TableForger call_forger(std::string omitted = {}) {
  const auto tables = some_calls(1).tables();
  return TableForger(
      test::machine().chips[test::CALL].air, tables[test::CALL],
      [](size_t, size_t message) {
        const stark::Message& m = test::machine().chips[test::CALL].air.messages()[message];
        const bool send = m.multiplicity.terms.at(0).coefficient == F::one();
        return send && m.bus != VARIABLES.id && m.bus != BLOCK.id;
      },
      std::move(omitted));
}

TEST(Sha256Forge, no_cell_of_the_rounds_can_be_changed_alone) {
  TableForger f = rounds_forger();
  ASSERT_TRUE(f.holds());
  // And of the padding after them.
  for (size_t row = 0; row <= SHA256_ROWS_PER_CALL; ++row)
    for (size_t c = 0; c < f.width(); ++c) ASSERT_FALSE(f.attack(row, c)) << row << ", column " << c;
}

TEST(Sha256Forge, no_cell_of_the_rounds_can_be_changed_with_repairs) {
  TableForger f = rounds_forger();
  std::mt19937 random(2);
  for (int i = 0; i < 200; ++i) {
    const size_t row = random() % (SHA256_ROWS_PER_CALL + 1), c = random() % f.width();
    ASSERT_FALSE(f.attack(row, c, 1, 6, 4)) << row << ", column " << c;
  }
}

TEST(Sha256Forge, no_cell_of_a_call_can_be_changed) {
  TableForger f = call_forger();
  ASSERT_TRUE(f.holds());
  for (size_t c = 0; c < f.width(); ++c) ASSERT_FALSE(f.attack(0, c, 20, 8, 3)) << "column " << c;
}

struct Gap {
  const char* label;
  size_t row, column;
};
#define COLUMN(CHIP, NAME) (offsetof(Sha256##CHIP##Columns<F>, NAME) / sizeof(F))

class Sha256Necessity : public testing::TestWithParam<Gap> {};

// Without the constraints of this name, the change of this cell gets through; with them it does not.
TEST_P(Sha256Necessity, without_these_constraints_the_rounds_are_forged) {
  TableForger f = rounds_forger(GetParam().label);
  EXPECT_TRUE(f.attack(GetParam().row, GetParam().column, 2, 60, 1000));
  EXPECT_FALSE(rounds_forger().attack(GetParam().row, GetParam().column, 1, 20, 1000));
}
INSTANTIATE_TEST_SUITE_P(rounds, Sha256Necessity,
                         testing::Values(Gap{"clock of the call", 17, COLUMN(Rounds, clk)},
                                         Gap{"no clock on padding", 18, COLUMN(Rounds, clk)},
                                         Gap{"carry is boolean", 16, COLUMN(Rounds, a_carry[3].lo)},
                                         Gap{"bit is boolean", 16, COLUMN(Rounds, a[3])},
                                         Gap{"variable a", 16, COLUMN(Rounds, a[3])},
                                         Gap{"variable e", 16, COLUMN(Rounds, e_carry[3].hi)},
                                         Gap{"schedule", 16, COLUMN(Rounds, w_carry[3].hi)},
                                         Gap{"first part of the schedule", 17, COLUMN(Rounds, first)},
                                         Gap{"second part of the schedule", 17, COLUMN(Rounds, second)},
                                         Gap{"third part of the schedule", 18, COLUMN(Rounds, third)}));

TEST(Sha256Forge, without_its_carries_a_call_is_forged) {
  TableForger f = call_forger("carry out is boolean");
  EXPECT_TRUE(f.attack(0, COLUMN(Call, state[0].after.hi)));
}

// ---- By hand, with the machine's checker

class Sha256ByHand : public testing::Test {
 protected:
  void SetUp() override { tables_ = calls_.tables(); }
  Sha256RoundsColumns<F>& rounds(size_t row) {
    return *reinterpret_cast<Sha256RoundsColumns<F>*>(
        &tables_[test::ROUNDS_TABLE].main[row * (sizeof(Sha256RoundsColumns<F>) / sizeof(F))]);
  }
  Sha256CallColumns<F>& call(size_t row) {
    return *reinterpret_cast<Sha256CallColumns<F>*>(
        &tables_[test::CALL].main[row * (sizeof(Sha256CallColumns<F>) / sizeof(F))]);
  }
  stark::DebugReport report() const {
    std::vector<stark::BoundaryMessage> boundary = calls_.boundary();
    boundary.insert(boundary.end(), further_.begin(), further_.end());
    return check(tables_, boundary);
  }
  /// Something else than calls puts a value on a cell, or takes it off.
  void say(bool send, uint32_t segment, uint32_t offset, uint32_t value, uint32_t clk) {
    const isa::Word<F> w = isa::word(value);
    further_.push_back(
        boundary_message(isa::MEMORY, send, {F::from(segment), F::from(offset), w.lo, w.hi, F::from(clk)}));
  }
  /// Exactly this constraint fails.
  void expect_refused_by(const char* label) {
    const auto r = report();
    EXPECT_EQ(r.bus_failures, 0u) << r.text();
    EXPECT_GT(r.constraint_failures, 0u);
    for (const auto& f : r.constraints) EXPECT_EQ(f.label, label) << r.text();
  }
  /// Rows of the rounds as if this had been the second call.
  void rounds_of(const Sha256Event& event, size_t first_step) {
    Sha256Trace lie;
    lie.events = {event};
    const isa::ProgramTable none({}, {});
    isa::LookupCounts counts(0);
    std::vector<Sha256RoundsColumns<F>> rows(SHA256_ROWS_PER_CALL);
    const auto target = [&](size_t i) { return reinterpret_cast<F*>(&rows[i]); };
    fill_sha256_rounds(none, lie, 0, SHA256_ROWS_PER_CALL, isa::RowWriter(target), counts);
    for (size_t i = first_step; i < SHA256_ROWS_PER_CALL; ++i) rounds(SHA256_ROWS_PER_CALL + i) = rows[i];
  }

  Calls calls_ = some_calls(2);
  stark::DebugShard tables_;
  std::vector<stark::BoundaryMessage> further_;
};

TEST_F(Sha256ByHand, honest_tables_are_accepted) { EXPECT_TRUE(report().ok()) << report().text(); }

TEST_F(Sha256ByHand, rounds_of_another_block_are_refused) {
  Sha256Event event = calls_.trace.events[1];
  event.block[7] ^= 1;
  rounds_of(event, 0);
  const auto r = report();
  EXPECT_EQ(r.constraint_failures, 0u) << r.text();
  EXPECT_GT(r.bus_failures, 0u);
}

TEST_F(Sha256ByHand, rounds_of_another_state_are_refused) {
  Sha256Event event = calls_.trace.events[1];
  event.state[3] += 0x10000;
  rounds_of(event, 0);
  const auto r = report();
  EXPECT_EQ(r.constraint_failures, 0u) << r.text();
  EXPECT_GT(r.bus_failures, 0u);
}

TEST_F(Sha256ByHand, variables_cannot_change_between_rounds) {
  Sha256Event event = calls_.trace.events[1];
  event.state[0] ^= 0x80;
  for (size_t step = 1; step <= LAST_ROUNDS; ++step) {
    SetUp();
    rounds_of(event, step);
    EXPECT_GT(report().constraint_failures, 0u) << step;
  }
}

TEST_F(Sha256ByHand, rounds_of_another_call_do_not_serve_twice) {
  rounds_of(calls_.trace.events[0], 0);
  const auto r = report();
  EXPECT_EQ(r.constraint_failures, 0u) << r.text();
  EXPECT_GT(r.bus_failures, 0u);
}

TEST_F(Sha256ByHand, rounds_without_a_call_are_refused) {
  for (size_t i = 0; i < SHA256_ROWS_PER_CALL; ++i) {
    rounds(2 * SHA256_ROWS_PER_CALL + i) = rounds(i);
  }
  const auto r = report();
  EXPECT_EQ(r.constraint_failures, 0u) << r.text();
  EXPECT_GT(r.bus_failures, 0u);
}

TEST_F(Sha256ByHand, a_call_without_rounds_is_refused) {
  for (size_t i = 0; i < SHA256_ROWS_PER_CALL; ++i) rounds(SHA256_ROWS_PER_CALL + i) = {};
  const auto r = report();
  EXPECT_EQ(r.constraint_failures, 0u) << r.text();
  EXPECT_GT(r.bus_failures, 0u);
}

TEST_F(Sha256ByHand, a_run_cannot_start_late_or_end_early) {
  for (size_t row : {size_t{0}, SHA256_ROWS_PER_CALL - 1, 2 * SHA256_ROWS_PER_CALL - 1}) {
    SetUp();
    rounds(row) = {};
    EXPECT_GT(report().constraint_failures, 0u) << row;
  }
}

// A run may go around the table's end: the same statement, in other rows.
TEST_F(Sha256ByHand, a_run_around_the_end_says_the_same) {
  auto& main = tables_[test::ROUNDS_TABLE].main;
  const auto width = static_cast<std::ptrdiff_t>(sizeof(Sha256RoundsColumns<F>) / sizeof(F));
  std::rotate(main.begin(), main.begin() + 5 * width, main.end());
  EXPECT_TRUE(report().ok()) << report().text();
}

TEST_F(Sha256ByHand, a_call_that_is_not_the_programs_is_refused) {
  call(2) = call(1);
  EXPECT_GT(report().bus_failures, 0u);
}

TEST_F(Sha256ByHand, a_state_out_of_range_is_refused) {
  // A carry out of the word that is kept in it: all constraints hold.
  Sha256CallColumns<F>& c = call(1);
  bool found = false;
  for (auto& w : c.state) {
    if (w.after.hi.value() >= w.before.hi.value()) continue;
    found = true;
    w.after.hi += F::from(65536);
    break;
  }
  ASSERT_TRUE(found);
  const auto r = report();
  EXPECT_EQ(r.constraint_failures, 0u) << r.text();
  EXPECT_TRUE(std::any_of(r.buses.begin(), r.buses.end(), [](const auto& b) { return b.bus == isa::RANGE.name; }));
}

// 2^16 (p - 1) / 2^16 = -1 modulo p: with this for a carry, the low limb could be one too many.
TEST_F(Sha256ByHand, a_carry_that_is_no_bit_is_refused) {
  auto& w = call(1).state[2];
  const uint32_t high = w.after.hi.value() + (F::P - 1) / 65536;
  w.after.lo += F::one();
  w.after.hi = F::from(high & 0xffff);
  const auto r = report();
  EXPECT_EQ(r.constraint_failures, 1u) << r.text();
}

// As for Keccak: two rows alike but for the clock of the last access of a0, of which one counts 1 and the other -1,
// move that clock. So a call could use a pointer that its register has no more.
TEST_F(Sha256ByHand, a_call_that_counts_less_than_nothing_is_refused) {
  constexpr uint32_t FIRST = 0x10'0000, SECOND = 0x20'0000, BLOCK = 0x30'0000, A0 = 10, ADDED = 100;
  calls_ = {};
  for (const uint32_t at : {FIRST, SECOND}) calls_.host.add(at, std::array<uint32_t, STATE_WORDS>{at});
  calls_.host.add(BLOCK, std::array<uint32_t, BLOCK_WORDS>{});
  // The program sets a0 to SECOND between these calls. The liar does the second call on FIRST, too.
  for (int i = 0; i < 2; ++i) ASSERT_EQ(calls_.call(FIRST, BLOCK), "");
  SetUp();
  const uint32_t first = calls_.trace.events[0].call.clk + 1, second = calls_.trace.events[1].call.clk + 1;
  say(false, isa::REGISTER_SEGMENT, A0, FIRST, first);
  say(true, isa::REGISTER_SEGMENT, A0, SECOND, first);
  say(true, isa::REGISTER_SEGMENT, A0, FIRST, second);  // in the end a0 is SECOND, not FIRST
  say(false, isa::REGISTER_SEGMENT, A0, SECOND, second);
  EXPECT_FALSE(report().ok());
  const auto move = [&](size_t row, uint32_t value, uint32_t from, uint32_t to) {
    for (const bool back : {false, true}) {
      auto& c = call(row + back) = call(1);
      c.is_real = back ? -F::one() : F::one();
      c.call.at.clk = F::from(ADDED);
      c.state_pointer = {F::from(back ? to : from), isa::word(value)};
    }
  };
  move(2, FIRST, second, first);
  move(4, SECOND, first, second);
  expect_refused_by("op flag is boolean");
}

// With a read_only that is no bit, the block's words are read from any segment: here from the zeros of the image's
// padding.
TEST_F(Sha256ByHand, a_block_in_no_space_is_refused) {
  constexpr uint32_t STATE = 0x10'0000, BLOCK = 0x30'0100, VALUE = 77;
  calls_ = {};
  calls_.host.add(STATE, std::array<uint32_t, STATE_WORDS>{});
  calls_.host.add(BLOCK, std::array<uint32_t, BLOCK_WORDS>{});
  ASSERT_EQ(calls_.call(STATE, BLOCK), "");
  SetUp();
  const uint32_t read = calls_.trace.events[0].call.clk + READ_CLOCK;
  for (uint32_t i = 0; i < BLOCK_WORDS; ++i) {
    const uint32_t segment = BLOCK >> 16, offset = (BLOCK & 0xffff) + 4 * i;
    // The block holds VALUE, and nobody reads it.
    say(false, segment, offset, 0, 0);
    say(true, segment, offset, VALUE, 0);
    say(true, segment, offset, 0, read);
    say(false, segment, offset, VALUE, 0);
    // Padding has a cell of this offset.
    say(true, isa::PADDING_SEGMENT, offset, 0, 0);
    say(false, isa::PADDING_SEGMENT, offset, 0, read);
  }
  EXPECT_FALSE(report().ok());
  call(0).block_read_only =
      (F::from(isa::PADDING_SEGMENT) - F::from(BLOCK >> 16)) * F::from(isa::READ_ONLY_SPACE).inverse();
  expect_refused_by("read_only is boolean");
}

}  // namespace
}  // namespace zkvm::precompiles::sha256
