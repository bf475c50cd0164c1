// Forgeries that take more thought than the random search has: each is refused by exactly the check that is named, and
// would be accepted without it.
#include <gtest/gtest.h>

#include "isa/chips/arithmetic.hpp"
#include "isa/chips/div/columns.hpp"
#include "isa/chips/load_sub/columns.hpp"
#include "isa/chips/mul/columns.hpp"
#include "isa/chips/registry.hpp"
#include "isa/chips/shift_r/columns.hpp"
#include "isa/chips/store_sub/columns.hpp"
#include "isa/semantics.hpp"
#include "tests/soundness/row_oracle.hpp"
#include "tests/soundness/traced_program.hpp"

namespace zkvm::soundness {
namespace {

using isa::ChipId;
using isa::RowOp;
using isa::word;
using stark::F;

F f(int64_t v) { return F::from_i64(v); }

class ByHand : public testing::Test {
 protected:
  /// An honest row of the operation, to be edited.
  template <template <class> class Columns>
  void row_of(const std::string& operation, Columns<F>*& columns) {
    for (const auto& s : samples.samples()) {
      if (s.name.rfind(operation + " ", 0) != 0) continue;
      row = s.main;
      columns = reinterpret_cast<Columns<F>*>(row.data());
      if constexpr (requires { columns->rs1.value.lo; }) {
        if (columns->rs1.value.lo.value() == 0xffff) continue;  // leave room for a change
      }
      return;
    }
    throw std::out_of_range("no sample of " + operation);
  }

  /// `row` fails nothing but these constraints and look-ups, and is wrong.
  void expect_only(size_t chip, const std::vector<std::string>& labels) {
    const stark::Air& air = machine().chips[chip].air;
    RowModel model(air, samples);
    model.load(row);
    std::vector<std::string> failing;
    for (unsigned k = 0; k < air.constraints(); ++k)
      if (!model.constraints()[k].is_zero()) failing.push_back(air.constraint_label(k));
    const auto messages = model.messages();
    for (const RowMessage& m : messages)
      if (m.local && !model.has_entry(m)) failing.push_back(air.messages()[m.index].label);
    EXPECT_EQ(failing, labels);
    EXPECT_TRUE(is_possible(chip, messages));
    EXPECT_NE(contradiction(chip, messages, samples), "");
  }

  SampleRows samples{21, 2};
  std::vector<F> row;
};

/// SRL whose amount is spelt with one bit of value 2, so that the power is not the amount's.
TEST_F(ByHand, an_amount_bit_of_two_makes_another_power) {
  struct Case {
    unsigned bit;
    uint32_t amount, power;
  };
  for (const Case& k : {Case{0, 2, 3}, Case{1, 4, 7}, Case{2, 8, 31}}) {
    isa::ShiftRColumns<F>* c = nullptr;
    row_of<isa::ShiftRColumns>("SRL", c);
    const uint32_t a = 31;  // quotient 31 / power instead of 31 >> amount
    c->op = isa::shift_flags(isa::Shift::RIGHT, 0);
    F* bits[] = {&c->bit0, &c->bit1, &c->bit2};
    for (F* bit : bits) *bit = F::zero();
    c->bit3 = c->rest = c->rs2_high = F::zero();
    *bits[k.bit] = f(2);
    c->power01 = (F::one() + c->bit0) * (F::one() + f(3) * c->bit1);
    c->shift = {.t = f(k.amount),
                .power_t = f(k.power),
                .power_rest = f(65536) * f(k.power).inverse(),
                .a = word(a),
                .quotient = {f(a / k.power), f(0)},
                .remainder = {f(a % k.power), f(0)},
                .sign = F::zero(),
                .result = word(a / k.power)};
    ASSERT_NE(a / k.power, a >> k.amount);
    expect_only(ChipId::SHIFT_R, {"amount bit is boolean"});
  }
}

/// A shift by 16 within the limbs, where the operation has to move whole limbs.
TEST_F(ByHand, the_highest_amount_bit_is_no_other_than_boolean) {
  isa::ShiftRColumns<F>* c = nullptr;
  row_of<isa::ShiftRColumns>("SRL", c);
  c->op = isa::shift_flags(isa::Shift::RIGHT, 0);
  c->bit0 = c->bit1 = c->bit2 = c->rest = c->rs2_high = F::zero();
  c->bit3 = f(2);
  c->power01 = F::one();
  // Power 511; the high limb 511 comes back as 65536 in the low one, where 511 is right.
  c->shift = {.t = f(16),
              .power_t = f(511),
              .power_rest = f(65536) * f(511).inverse(),
              .a = {f(0), f(511)},
              .quotient = {f(0), f(0)},
              .remainder = {f(0), f(511)},
              .sign = F::zero(),
              .result = {f(65536), f(0)}};
  expect_only(ChipId::SHIFT_R, {"amount bit is boolean"});
}

TEST_F(ByHand, a_half_word_at_an_odd_address_is_not_loaded) {
  isa::LoadSubColumns<F>* c = nullptr;
  row_of<isa::LoadSubColumns>("LHU", c);
  c->rs1.value.lo += F::one();
  c->bit0 = F::one();
  c->memory.lo = c->memory.hi = f(0x4200);
  c->part = f(0x42);
  expect_only(ChipId::LOAD_SUB, {"half-words are aligned"});
}

TEST_F(ByHand, a_half_word_at_an_odd_address_is_not_stored) {
  isa::StoreSubColumns<F>* c = nullptr;
  row_of<isa::StoreSubColumns>("SH", c);
  c->rs1.value.lo += F::one();
  c->bit0 = F::one();
  c->old.lo = c->old.hi = f(0x4200);
  c->old_part = f(0x42);
  c->value = f(0x17);
  c->stored = {c->bit1.is_zero() ? f(0x1700) : c->old.lo, c->bit1.is_zero() ? c->old.hi : f(0x1700)};
  expect_only(ChipId::STORE_SUB, {"half-words are aligned"});
}

/// 2^16 * 0x7f00 = -1 mod p: a wild carry moves the cell by one byte and 0x7f00 segments, and bit 0 takes the byte
/// back.
TEST_F(ByHand, a_wild_address_carry_reaches_no_other_cell) {
  isa::StoreSubColumns<F>* c = nullptr;
  row_of<isa::StoreSubColumns>("SB", c);
  const bool odd = !c->bit0.is_zero();
  const F sign = odd ? -F::one() : F::one();
  c->bit0 = odd ? F::zero() : F::one();
  c->address.carry += sign * f(0x7f00);
  if (odd) c->rs1.value.hi += f(0x7f00);  // keep the segment one that could exist
  // The other byte of the half is replaced now.
  std::swap(c->old_part, c->kept);
  const F half = odd ? c->value + f(256) * c->kept : c->kept + f(256) * c->value;
  c->stored = {c->bit1.is_zero() ? half : c->old.lo, c->bit1.is_zero() ? c->old.hi : half};
  const uint32_t value = c->value.value(), above = c->above.value();
  ASSERT_TRUE(value < 256 && above < 256);
  expect_only(ChipId::STORE_SUB, {"address carry is -1, 0 or 1"});
}

/// 0x20000 / 1 = 0 remainder 0x20000, with a borrow of -0x7f00 = 2^-16 that hides the size of the remainder.
TEST_F(ByHand, a_wild_borrow_does_not_hide_a_large_remainder) {
  isa::DivColumns<F>* c = nullptr;
  row_of<isa::DivColumns>("DIVU", c);
  c->rs1.value = word(0x2'0000);
  c->rs2.value = word(1);
  c->sign_a = c->sign_b = c->by_zero = c->signs_differ = c->negate = c->negate_carry = c->negate_carry_out = F::zero();
  c->dividend_lo = f(0);
  c->divisor = isa::bytes(1);
  c->quotient = isa::bytes(0);
  c->remainder = word(0x2'0000);
  c->carry = F::zero();
  c->borrow = f(-0x7f00);
  c->result = word(0);
  expect_only(ChipId::DIV, {"borrow is boolean"});
}

/// With 16-bit carries, limb + 2^16 carry would have two solutions below 2^32 > p.
TEST_F(ByHand, a_product_has_no_second_solution_modulo_p) {
  isa::MulColumns<F>* c = nullptr;
  row_of<isa::MulColumns>("MUL", c);
  c->a = isa::bytes(0x0102'0304);
  c->b = isa::bytes(0x0506'0708);
  const auto sum = isa::product_columns(0x0102'0304u, 0x0506'0708u);
  // Low limb + 1, carry + 0x7f00: the same sum modulo p. Then the same once more in the high limb.
  const uint64_t low = static_cast<uint64_t>(sum[0]) + F::P;
  const uint64_t high = static_cast<uint64_t>(sum[1]) + (low >> 16);
  ASSERT_LT(low >> 16, 1u << 16);
  ASSERT_LT(high >> 16, 1u << 16);
  c->result = {f(static_cast<int64_t>(low & 0xffff)), f(static_cast<int64_t>(high & 0xffff))};
  c->carry0 = f(static_cast<int64_t>(low >> 16));
  c->carry1 = f(static_cast<int64_t>(high >> 16));
  expect_only(ChipId::MUL, {"carry0"});
}

}  // namespace
}  // namespace zkvm::soundness
