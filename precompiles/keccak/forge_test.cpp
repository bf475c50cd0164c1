// A lying prover for this folder's tables (precompiles/table_forger.hpp): it never gets anything through but the honest
// table. Left a gap by leaving out a constraint, it does. And larger lies, by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <random>

#include "isa/chips/lookup/columns.hpp"
#include "precompiles/keccak/test_machine.hpp"
#include "precompiles/table_forger.hpp"

namespace zkvm::precompiles::keccak {
namespace {

using precompiles::test::TableForger;
using test::Calls;
using test::check;

constexpr uint32_t STATE_AT = 0x4f'ffa0;  // crosses a segment
constexpr size_t MEMORY_ROWS = KECCAK_MEMORY_ROWS_PER_CALL, ROUNDS_ROWS = KECCAK_ROUNDS_ROWS_PER_CALL;

Calls some_calls(unsigned count) {
  std::mt19937 random(5);
  std::array<uint32_t, STATE_WORDS> words;
  for (uint32_t& w : words) w = static_cast<uint32_t>(random());
  Calls calls;
  calls.host.add(STATE_AT, words);
  for (unsigned i = 0; i < count; ++i) EXPECT_EQ(calls.call(STATE_AT), "");
  return calls;
}

#define COLUMN(CHIP, NAME) (offsetof(Keccak##CHIP##Columns<F>, NAME) / sizeof(F))

/// Given all that the table takes from other tables: what it says to them.
TableForger forger(test::TestChip chip, std::string omitted = {}) {
  const auto tables = some_calls(1).tables();
  return TableForger(
      test::machine().chips[chip].air, tables[chip],
      [chip](size_t, size_t message) {
        const stark::Message& m = test::machine().chips[chip].air.messages()[message];
        return m.multiplicity.terms.at(0).coefficient == F::one();
      },
      std::move(omitted));
}

TEST(KeccakForge, no_cell_of_the_rounds_can_be_changed_alone) {
  TableForger f = forger(test::ROUNDS_TABLE);
  ASSERT_TRUE(f.holds());
  // The row before the rounds, a round, and padding.
  for (size_t row : {size_t{0}, size_t{21}, size_t{22}, ROUNDS_ROWS})
    for (size_t c = 0; c < f.width(); ++c) ASSERT_FALSE(f.attack(row, c)) << row << ", column " << c;
}

TEST(KeccakForge, no_cell_of_the_rounds_can_be_changed_with_repairs) {
  TableForger f = forger(test::ROUNDS_TABLE);
  std::mt19937 random(2);
  for (int i = 0; i < 60; ++i) {
    const size_t row = random() % (ROUNDS_ROWS + 1), c = random() % f.width();
    ASSERT_FALSE(f.attack(row, c, 1, 6, 4)) << row << ", column " << c;
  }
  // The few columns that are no bits, limbs or results.
  for (size_t row : {size_t{0}, size_t{1}, size_t{48}, ROUNDS_ROWS})
    for (size_t c = 0; c < 13; ++c) ASSERT_FALSE(f.attack(row, c, 1, 6, 4)) << row << ", column " << c;
}

TEST(KeccakForge, no_cell_of_memory_can_be_changed) {
  TableForger f = forger(test::MEMORY_TABLE);
  ASSERT_TRUE(f.holds());
  for (size_t row : {size_t{0}, size_t{3}, size_t{9}})
    for (size_t c = 0; c < f.width(); ++c) ASSERT_FALSE(f.attack(row, c, 5, 8, 3)) << row << ", column " << c;
  // Padding can hold anything, but says nothing.
  ASSERT_FALSE(f.attack(MEMORY_ROWS, COLUMN(Memory, is_real), 5, 8, 3));
}

TEST(KeccakForge, no_cell_of_a_call_can_be_changed) {
  TableForger f = forger(test::CALL);
  ASSERT_TRUE(f.holds());
  for (size_t c = 0; c < f.width(); ++c) ASSERT_FALSE(f.attack(0, c, 20, 8, 3)) << "column " << c;
  ASSERT_FALSE(f.attack(1, COLUMN(Call, is_real), 20, 8, 3));
}

struct Gap {
  const char* label;
  size_t row, column;
};

class KeccakNecessity : public testing::TestWithParam<Gap> {};

// Without the constraints of this name, the change of this cell gets through; with them it does not.
TEST_P(KeccakNecessity, without_these_constraints_the_rounds_are_forged) {
  TableForger f = forger(test::ROUNDS_TABLE, GetParam().label);
  EXPECT_TRUE(f.attack(GetParam().row, GetParam().column, 2, 40, 1000));
  EXPECT_FALSE(forger(test::ROUNDS_TABLE).attack(GetParam().row, GetParam().column, 2, 40, 1000));
}
INSTANTIATE_TEST_SUITE_P(rounds, KeccakNecessity,
                         testing::Values(Gap{"no clock outside rounds", 0, COLUMN(Rounds, clk)},
                                         Gap{"no clock outside rounds", ROUNDS_ROWS, COLUMN(Rounds, clk)},
                                         Gap{"chi of a bit that iota can change", 21, COLUMN(Rounds, chi[2])},
                                         Gap{"result, low limb", 21, COLUMN(Rounds, result[0][3].lo)},
                                         Gap{"result, high limb", 21, COLUMN(Rounds, result[1][24].hi)}));

// Without "parity before theta is boolean" the parities are boolean all the same. With s = 1 - 2 parity, exclusive or
// is a product, and theta of the parity says s(x, z) s(x - 1, z) s(x + 1, z - 1) = +-1 for all 320 of a round. So no s
// is 0, and exponents to a generator solve M e = 0 modulo (p - 1) / 2; M is invertible modulo each prime factor of
// p - 1, so modulo it, and e with M e in {0, (p - 1) / 2} are such themselves: s = +-1.
TEST(KeccakForge, parities_with_boolean_theta_are_boolean) {
  static_assert(F::P - 1 == (1u << 24) * 127);
  constexpr unsigned SIZE = 5 * 64;
  for (const unsigned prime : {2u, 127u}) {
    std::vector<std::vector<unsigned>> m(SIZE, std::vector<unsigned>(SIZE));
    for (unsigned x = 0; x < 5; ++x)
      for (unsigned z = 0; z < 64; ++z) {
        auto& row = m[x * 64 + z];
        row[x * 64 + z] = row[(x + 4) % 5 * 64 + z] = row[(x + 1) % 5 * 64 + (z + 63) % 64] = 1;
      }
    unsigned rank = 0;
    for (unsigned column = 0; column < SIZE; ++column) {
      unsigned pivot = rank;
      while (pivot < SIZE && m[pivot][column] == 0) ++pivot;
      if (pivot == SIZE) continue;
      std::swap(m[pivot], m[rank]);
      unsigned inverse = 1;
      while (inverse * m[rank][column] % prime != 1) ++inverse;
      for (unsigned r = rank + 1; r < SIZE; ++r) {
        const unsigned factor = (prime - m[r][column]) * inverse % prime;
        for (unsigned c = column; factor != 0 && c < SIZE; ++c) m[r][c] = (m[r][c] + factor * m[rank][c]) % prime;
      }
      ++rank;
    }
    EXPECT_EQ(rank, SIZE) << prime;
  }
}

// ---- By hand, with the machine's checker

class KeccakByHand : public testing::Test {
 protected:
  using Row = KeccakRoundsColumns<F>;

  void SetUp() override { tables_ = calls_.tables(); }
  Row& rounds(size_t row) { return at<KeccakRoundsColumns>(test::ROUNDS_TABLE, row); }
  KeccakMemoryColumns<F>& memory(size_t row) { return at<KeccakMemoryColumns>(test::MEMORY_TABLE, row); }
  KeccakCallColumns<F>& call(size_t row) { return at<KeccakCallColumns>(test::CALL, row); }
  F& range16(uint32_t value) { return at<isa::LookupColumns>(test::LOOKUP, value).range16; }
  size_t height() const { return size_t{1} << tables_[test::ROUNDS_TABLE].log_height; }
  /// Of a call's rows: the low one of a round.
  static size_t low(size_t call, size_t round) { return call * ROUNDS_ROWS + 1 + 2 * round; }

  /// Rows as if calls had been these.
  std::vector<Row> rows_of(const std::vector<KeccakEvent>& events) const {
    KeccakTrace lie;
    lie.events = events;
    const isa::ProgramTable none({}, {});
    isa::LookupCounts counts(0);
    std::vector<Row> rows(events.size() * ROUNDS_ROWS);
    const auto target = [&](size_t i) { return reinterpret_cast<F*>(&rows[i]); };
    fill_keccak_rounds(none, lie, 0, rows.size(), isa::RowWriter(target), counts);
    return rows;
  }
  /// Makes chi and result what bits and flags of the row and the next say, be they bits and flags or not.
  void finish(size_t row) {
    Row &c = rounds(row), &next = rounds((row + 1) % height());
    const auto exclusive_or = [](F x, F y) { return x + y - F::from(2) * x * y; };
    const auto rotated = [&](unsigned x, unsigned y, unsigned z) {
      const unsigned from = source(x, y), bit = (z + 64 - ROTATION[from]) % 64;
      return bit < 32 ? c.bits[from][bit] : next.bits[from][bit - 32];
    };
    const auto chi = [&](unsigned x, unsigned y, unsigned z) {
      return exclusive_or(rotated(x, y, z), (F::one() - rotated(x + 1, y, z)) * rotated(x + 2, y, z));
    };
    std::array<F, 64> constant{};
    for (unsigned r = 0; r < ROUNDS; ++r)
      for (unsigned z = 0; z < 64; ++z)
        if ((ROUND_CONSTANT[r] >> z & 1) != 0) constant[z] += c.outer[r / Row::INNER] * c.inner[r % Row::INNER];
    for (unsigned j = 0; j < IOTA_BITS; ++j) c.chi[j] = chi(0, 0, iota_position(j));
    for (unsigned y = 0; y < 5; ++y)
      for (unsigned x = 0; x < 5; ++x) {
        const auto limb = [&](unsigned first) {
          F sum = F::zero();
          for (unsigned z = first + 16; z-- > first;)
            sum = F::from(2) * sum + (x == 0 && y == 0 ? exclusive_or(chi(x, y, z), constant[z]) : chi(x, y, z));
          return sum;
        };
        for (unsigned half = 0; half < 2; ++half) c.result[half][lane(x, y)] = {limb(32 * half), limb(32 * half + 16)};
      }
  }
  void finish() {
    for (size_t row = 0; row < height(); ++row) finish(row);
  }
  static void set_number(Row& row, size_t round) {
    for (F& f : row.outer) f = F::zero();
    for (F& f : row.inner) f = F::zero();
    row.outer[round / Row::INNER] = row.inner[round % Row::INNER] = F::one();
  }

  stark::DebugReport report() const {
    std::vector<stark::BoundaryMessage> boundary = calls_.boundary();
    boundary.insert(boundary.end(), further_.begin(), further_.end());
    return stark::check_tables(test::machine(), {&tables_, 1}, boundary, {}, {.max_listed = 100'000});
  }
  /// Something else than calls, an instruction or what memory holds in the end, takes `take` off a cell as of `taken`,
  /// and puts `put` as of `placed`.
  void step(uint32_t segment, uint32_t offset, uint32_t take, uint32_t taken, uint32_t put, uint32_t placed) {
    for (const bool send : {false, true}) {
      const isa::Word<F> w = isa::word(send ? put : take);
      further_.push_back(boundary_message(
          isa::MEMORY, send, {F::from(segment), F::from(offset), w.lo, w.hi, F::from(send ? placed : taken)}));
    }
  }
  /// Exactly this constraint fails, in one row or more.
  void expect_refused_by(const std::string& label) {
    const auto r = report();
    EXPECT_EQ(r.bus_failures, 0u) << r.text();
    expect_violated_alone(label);
  }
  /// All constraints hold, and this bus is among those that do not balance.
  void expect_unbalanced(const char* bus) {
    const auto r = report();
    EXPECT_EQ(r.constraint_failures, 0u) << r.text();
    EXPECT_TRUE(std::any_of(r.buses.begin(), r.buses.end(), [&](const auto& f) { return f.bus == bus; })) << r.text();
  }
  /// A constraint of this name fails.
  void expect_violated(const char* label) {
    const auto r = report();
    EXPECT_TRUE(std::any_of(r.constraints.begin(), r.constraints.end(), [&](const auto& f) {
      return f.label == label;
    })) << r.text();
  }
  /// Constraints whose names begin so fail, and no others: without them the lie would be one for the other chips.
  void expect_violated_alone(const std::string& label) {
    const auto r = report();
    EXPECT_GT(r.constraint_failures, 0u);
    for (const auto& f : r.constraints) EXPECT_EQ(f.label.substr(0, label.size()), label) << r.text();
  }

  Calls calls_ = some_calls(3);
  stark::DebugShard tables_;
  std::vector<stark::BoundaryMessage> further_;

 private:
  template <template <class> class Columns>
  Columns<F>& at(size_t table, size_t row) {
    return *reinterpret_cast<Columns<F>*>(&tables_[table].main[row * (sizeof(Columns<F>) / sizeof(F))]);
  }
};

TEST_F(KeccakByHand, honest_tables_are_accepted_and_finishing_changes_nothing) {
  EXPECT_TRUE(report().ok()) << report().text();
  const auto before = tables_[test::ROUNDS_TABLE].main;
  finish();
  EXPECT_EQ(tables_[test::ROUNDS_TABLE].main, before);
}

// What a round says does not depend on where it stands.
TEST_F(KeccakByHand, rounds_in_another_order_say_the_same) {
  std::swap(rounds(low(0, 3)), rounds(low(1, 17)));
  std::swap(rounds(low(0, 3) + 1), rounds(low(1, 17) + 1));
  finish();
  EXPECT_TRUE(report().ok()) << report().text();
}

TEST_F(KeccakByHand, rounds_of_another_state_are_refused) {
  KeccakEvent event = calls_.trace.events[1];
  event.state[7] ^= uint64_t{1} << 40;
  const auto rows = rows_of({event});
  for (size_t i = 0; i < ROUNDS_ROWS; ++i) rounds(ROUNDS_ROWS + i) = rows[i];
  expect_unbalanced(PLANE.name);
}

TEST_F(KeccakByHand, states_cannot_change_between_rounds) {
  KeccakEvent event = calls_.trace.events[1];
  event.state[7] ^= uint64_t{1} << 40;
  const auto rows = rows_of({event});
  for (size_t round : {size_t{1}, size_t{12}, size_t{23}}) {
    SetUp();
    for (size_t i = 1 + 2 * round; i < ROUNDS_ROWS; ++i) rounds(ROUNDS_ROWS + i) = rows[i];
    finish();
    expect_unbalanced(PLANE.name);
  }
}

TEST_F(KeccakByHand, rounds_of_another_call_do_not_serve_twice) {
  const auto rows = rows_of({calls_.trace.events[0]});
  for (size_t i = 0; i < ROUNDS_ROWS; ++i) rounds(ROUNDS_ROWS + i) = rows[i];
  expect_unbalanced(PLANE.name);
}

TEST_F(KeccakByHand, a_call_without_rounds_is_refused) {
  for (size_t i = 0; i < ROUNDS_ROWS; ++i) rounds(ROUNDS_ROWS + i) = {};
  finish();
  expect_unbalanced(PLANE.name);
}

TEST_F(KeccakByHand, rounds_without_a_call_are_refused) {
  KeccakEvent event = calls_.trace.events[0];
  event.call.clk += 4;
  const auto rows = rows_of({event});
  for (size_t i = 0; i < ROUNDS_ROWS; ++i) rounds(3 * ROUNDS_ROWS + i) = rows[i];
  expect_unbalanced(PLANE.name);
  // So is memory without a call.
  SetUp();
  for (size_t i = 0; i < 2; ++i) memory(3 * MEMORY_ROWS + i) = memory(i);
  expect_unbalanced(WORDS.name);
}

TEST_F(KeccakByHand, a_round_that_is_left_out_is_missed) {
  for (size_t skipped : {size_t{0}, size_t{9}, size_t{23}}) {
    SetUp();
    rounds(low(1, skipped)) = rounds(low(1, skipped) + 1) = {};
    finish();
    expect_unbalanced(PLANE.name);
  }
}

TEST_F(KeccakByHand, a_state_that_saw_23_rounds_is_refused) {
  // Rounds 1 ... 23 as if they were 0 ... 22, all in order.
  std::vector<Row> honest(&rounds(low(1, 0)), &rounds(low(2, 0)));
  for (size_t r = 0; r + 1 < ROUNDS; ++r)
    for (size_t half = 0; half < 2; ++half) {
      rounds(low(1, r) + half) = honest[2 * (r + 1) + half];
      set_number(rounds(low(1, r) + half), r);
    }
  rounds(low(1, 23)) = rounds(low(1, 23) + 1) = {};
  finish();
  expect_unbalanced(PLANE.name);
}

TEST_F(KeccakByHand, a_round_with_another_rounds_constant_is_refused) {
  for (size_t half = 0; half < 2; ++half) set_number(rounds(low(1, 7) + half), 13);
  finish();
  expect_unbalanced(PLANE.name);
}

TEST_F(KeccakByHand, a_round_of_two_numbers_is_refused) {
  // outer 1 and 2, inner 1: constants of rounds 7 and 13.
  for (size_t half = 0; half < 2; ++half) rounds(low(1, 7) + half).outer[2] = F::one();
  expect_violated("one outer part of the round");
  SetUp();
  // Number 7 as 6 * (1 - 1 / 6) + 2.
  for (size_t half = 0; half < 2; ++half) {
    Row& row = rounds(low(1, 7) + half);
    row.outer[1] = F::one() - F::from(6).inverse();
    row.outer[0] = F::from(6).inverse();
    row.inner[1] = F::zero();
    row.inner[2] = F::one();
  }
  EXPECT_GT(report().constraint_failures, 0u);
}

TEST_F(KeccakByHand, halves_of_different_calls_do_not_mix) {
  std::swap(rounds(low(0, 5) + 1), rounds(low(1, 5) + 1));
  finish();
  expect_violated("both rows are of one call");
}

TEST_F(KeccakByHand, halves_of_different_rounds_do_not_mix) {
  std::swap(rounds(low(0, 5) + 1), rounds(low(0, 6) + 1));
  finish();
  expect_violated("both rows are of one round");
}

TEST_F(KeccakByHand, a_low_half_alone_is_refused) {
  rounds(low(1, 23) + 1) = {};
  finish();
  expect_violated("a high row comes after a low one");
}

/// A round of the last call whose bits are its input's: theta left out.
TEST_F(KeccakByHand, theta_cannot_be_left_out) {
  State in = calls_.trace.events[2].state;
  for (unsigned i = 0; i + 1 < ROUNDS; ++i) in = round(in, i);
  const std::array<uint64_t, 5> parity = parities(in);
  const auto leave_out = [&](bool keep_parities) {
    for (size_t half = 0; half < 2; ++half) {
      Row& row = rounds(low(2, 23) + half);
      for (size_t i = 0; i < LANES; ++i)
        for (size_t z = 0; z < 32; ++z) row.bits[i][z] = isa::flag((in[i] >> (32 * half + z) & 1) != 0);
      for (size_t x = 0; x < 5; ++x)
        for (size_t z = 0; z < 32; ++z)
          row.before[x][z] = row.after[x][z] = isa::flag(keep_parities && (parity[x] >> (32 * half + z) & 1) != 0);
    }
    finish();
  };
  leave_out(false);
  expect_violated_alone("parity after theta");
  leave_out(true);
  expect_violated_alone("theta of the parity");
}

// Two bits of a column: its parity stays.
TEST_F(KeccakByHand, bits_that_are_not_thetas_are_refused) {
  for (size_t z = 0; z < 32; ++z) {
    SetUp();
    Row& row = rounds(low(1, 7) + z % 2);
    for (size_t i : {lane(3, 1), lane(3, 4)}) row.bits[i][z] = F::one() - row.bits[i][z];
    finish();
    if (z % 2 != 0) finish(low(1, 7));
    expect_violated_alone("lane before theta");
  }
}

// All bits of a column, and its parity with them: `in` and the parities stay true.
TEST_F(KeccakByHand, columns_that_theta_does_not_flip_are_refused) {
  for (size_t half = 0; half < 2; ++half)
    for (size_t x = 0; x < 5; ++x)
      for (size_t z : {size_t{0}, size_t{1}, size_t{31}}) {
        SetUp();
        Row& row = rounds(low(2, 23) + half);
        row.after[x][z] = F::one() - row.after[x][z];
        for (size_t i = x; i < LANES; i += 5) row.bits[i][z] = F::one() - row.bits[i][z];
        finish();
        const auto r = report();
        ASSERT_EQ(r.constraint_failures, 1u) << r.text();
        EXPECT_EQ(r.constraints[0].label, z == 0 ? "theta of the parity, lowest bits" : "theta of the parity");
      }
}

// 2^z (x + 2) + 2^(z + 1) (y - 1) is what it was, and so are the columns' sums with the opposite in another lane. What
// chi makes of them goes into the result.
TEST_F(KeccakByHand, bits_that_are_no_bits_are_refused) {
  Row& row = rounds(low(2, 23));
  size_t z = 3;
  const auto flips = [&](size_t at) { return row.before[2][at] != row.after[2][at]; };
  while (z % 16 == 15 || flips(z) != flips(z + 1)) ++z;
  row.bits[lane(2, 0)][z] += F::from(2);
  row.bits[lane(2, 0)][z + 1] -= F::one();
  row.bits[lane(2, 1)][z] -= F::from(2);
  row.bits[lane(2, 1)][z + 1] += F::one();
  finish();
  expect_violated_alone("bit is boolean");
}

// The last round's result has another bit, by a chi that iota then leaves alone or not.
TEST_F(KeccakByHand, another_chi_where_iota_can_change_it_is_refused) {
  for (unsigned j = 0; j < IOTA_BITS; ++j) {
    SetUp();
    Row& row = rounds(low(2, 23));
    const unsigned z = iota_position(j);
    const F was = row.chi[j];
    row.chi[j] = F::one() - was;
    const F flip = (ROUND_CONSTANT[23] >> z & 1) != 0 ? was - row.chi[j] : row.chi[j] - was;
    isa::Word<F>& result = row.result[z / 32][0];
    (z % 32 < 16 ? result.lo : result.hi) += flip * F::from(1u << z % 16);
    expect_violated_alone("chi of a bit that iota can change");
  }
}

// Two rows alike, but for the clock of a cell's last access, of which one counts 1 and the other -1: together they move
// that clock, also back. So a call could use a pointer that its register has no more.
TEST_F(KeccakByHand, a_call_that_counts_less_than_nothing_is_refused) {
  constexpr uint32_t FIRST = 0x10'0000, SECOND = 0x20'0000, A0 = 10, ADDED = 100;
  calls_ = {};
  for (const uint32_t at : {FIRST, SECOND}) calls_.host.add(at, std::array<uint32_t, STATE_WORDS>{at});
  // The program sets a0 to SECOND between these calls. The liar does the second call on FIRST, too.
  for (int i = 0; i < 2; ++i) ASSERT_EQ(calls_.call(FIRST), "");
  SetUp();
  const uint32_t first = calls_.trace.events[0].call.clk + 1, second = calls_.trace.events[1].call.clk + 1;
  step(isa::REGISTER_SEGMENT, A0, FIRST, first, SECOND, first);
  step(isa::REGISTER_SEGMENT, A0, SECOND, second, FIRST, second);  // in the end a0 is SECOND, not FIRST
  EXPECT_FALSE(report().ok());
  const auto move = [&](size_t row, uint32_t value, uint32_t from, uint32_t to) {
    for (const bool back : {false, true}) {
      auto& c = call(row + back) = call(1);
      c.is_real = back ? -F::one() : F::one();
      c.call.at.clk = F::from(ADDED);
      c.pointer = {F::from(back ? to : from), isa::word(value)};
    }
  };
  move(2, FIRST, second, first);
  move(4, SECOND, first, second);
  expect_refused_by("op flag is boolean");
}

// The same with a word of a state: what the program stored before a call, comes after it.
TEST_F(KeccakByHand, memory_that_counts_less_than_nothing_is_refused) {
  constexpr uint32_t AT = 0x10'0000, ADDED = 100;
  calls_ = {};
  calls_.host.add(AT, std::array<uint32_t, STATE_WORDS>{7});
  for (int i = 0; i < 2; ++i) ASSERT_EQ(calls_.call(AT), "");
  SetUp();
  const uint32_t first = calls_.trace.events[0].call.clk + WRITE_CLOCK,
                 second = calls_.trace.events[1].call.clk + WRITE_CLOCK;
  // Between the calls the program stores something, and the liar says that it came after the second: the store takes
  // off what the second call made as of the first one's time, and memory's final value is no more that of the second.
  const uint32_t value = calls_.host.load(AT);
  constexpr uint32_t STORED = 12345;
  step(AT >> 16, AT & 0xffff, value, first, STORED, first);
  step(AT >> 16, AT & 0xffff, STORED, first, value, second);  // in the end the word is STORED, not `value`
  EXPECT_FALSE(report().ok());
  for (const bool back : {false, true}) {
    auto& c = memory(2 * MEMORY_ROWS + back) = {};
    c.is_real = back ? -F::one() : F::one();
    c.words = {F::from(ADDED), F::zero(), F::zero(), F::from(AT), F::from(AT >> 16)};
    c.lanes[0] = {F::from(back ? first : second), F::zero(), isa::word(value), isa::word(value)};
    range16(ADDED + WRITE_CLOCK - (back ? first : second) - 1) += c.is_real;
  }
  expect_refused_by("op flag is boolean");
}

TEST_F(KeccakByHand, memory_at_another_address_is_refused) {
  for (int64_t shift : {8, -8, 4, 65536}) {
    SetUp();
    for (size_t i = 0; i < MEMORY_ROWS; ++i) memory(MEMORY_ROWS + i).words.address += F::from_i64(shift);
    expect_unbalanced(WORDS.name);
  }
}

// 0x400'0000 is also 2^16 * REGISTER_SEGMENT + 4 modulo p: but for its carry, a word there could be register 4.
TEST_F(KeccakByHand, a_word_that_is_a_register_is_refused) {
  constexpr uint32_t AT = 0x3ff'ffc0, REGISTER = 4;
  calls_ = {};
  calls_.host.add(AT, std::array<uint32_t, STATE_WORDS>{});
  ASSERT_EQ(calls_.call(AT), "");
  SetUp();
  ASSERT_TRUE(report().ok());
  auto& row = memory(2);  // the low half of plane 1, from AT + 40
  row.lanes[3].carry = F::from(isa::REGISTER_SEGMENT) - row.words.segment;
  const auto r = report();
  ASSERT_EQ(r.constraint_failures, 1u) << r.text();
  EXPECT_EQ(r.constraints[0].label, "carry is boolean");
  EXPECT_TRUE(std::any_of(r.buses.begin(), r.buses.end(), [](const stark::BusFailure& f) {
    return f.bus == isa::MEMORY.name && f.fields[0] == isa::REGISTER_SEGMENT && f.fields[1] == REGISTER;
  })) << r.text();
}

TEST_F(KeccakByHand, half_planes_cannot_change_places) {
  std::swap(memory(MEMORY_ROWS).words.half, memory(MEMORY_ROWS + 1).words.half);
  expect_unbalanced(WORDS.name);
  SetUp();
  std::swap(memory(MEMORY_ROWS).lanes, memory(MEMORY_ROWS + 1).lanes);
  expect_unbalanced(isa::MEMORY.name);
}

TEST_F(KeccakByHand, a_call_that_is_not_the_programs_is_refused) {
  call(3) = call(2);
  expect_unbalanced(isa::STATE.name);
}

TEST_F(KeccakByHand, padding_cannot_speak) {
  rounds(3 * ROUNDS_ROWS + 5).low = F::one();
  EXPECT_GT(report().constraint_failures, 0u);
  SetUp();
  memory(3 * MEMORY_ROWS).is_real = F::one();
  expect_unbalanced(WORDS.name);
}

}  // namespace
}  // namespace zkvm::precompiles::keccak
