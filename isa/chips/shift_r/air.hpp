#pragma once
/// \file
/// Proves: rd := rs1 shifted by the low five bits of rs2: SLL, SRL, SRA.
///
/// Assumes: limbs of rs1 and rs2 in [0, 2^16).
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE; sends STATE, MEMORY. Degree 3. 89 cells.
///
/// Flags: one-hot. op binds the kind; whether a flag ends in 1 is bit 4 of the amount: the low limb of rs2, as read, is
/// affine in bits, flags and rest, bits boolean and rest below 2^11, so it determines them all. rs2_high: as read.
/// power01: a product of two boolean factors. shift.t: the amount mod 16 or 16 minus that. powers: the one that is
/// 2^(amount mod 16) is a product of factors, and their product is 2^16, which determines the other. The rest of shift:
/// see assert_shift. at, rs1, rs2, rd: see gadgets.hpp.

#include "isa/chips/shift_r/columns.hpp"

namespace zkvm::isa {

inline void shift_r_air(AirBuilder& b) {
  const auto c = b.main<ShiftRColumns>();
  const Expr zero = b.constant(int64_t{0});
  const auto& o = c.op;
  const Expr real = one_hot(b, o.sll0, o.sll1, o.srl0, o.srl1, o.sra0, o.sra1);
  const Expr left = o.sll0 + o.sll1, right = real - left;
  instruction(b, real, c.at, c.at.pc + 4,
              {.pc = c.at.pc,
               .op = left * row_code(RowOp::SLL) + (o.srl0 + o.srl1) * row_code(RowOp::SRL) +
                     (o.sra0 + o.sra1) * row_code(RowOp::SRA),
               .rd = c.rd.reg,
               .rs1 = c.rs1.reg,
               .rs2 = c.rs2.reg,
               .c0 = zero,
               .c1 = zero,
               .c2 = zero});
  const Expr amount = c.bit0 + 2 * c.bit1 + 4 * c.bit2 + 8 * c.bit3;  // without bit 4
  const Word<Expr> y{amount + 16 * (o.sll1 + o.srl1 + o.sra1) + 32 * c.rest, c.rs2_high};
  access_register(b, real, c.rs1.reg, c.shift.a, c.shift.a, c.rs1.prev, c.at.clk + RS1_CLOCK, "rs1");
  access_register(b, real, c.rs2.reg, y, y, c.rs2.prev, c.at.clk + RS2_CLOCK, "rs2");
  write_register(b, real, c.rd, c.shift.result, c.at.clk);

  for (Expr bit : {c.bit0, c.bit1, c.bit2, c.bit3}) b.assert_bool(bit, "amount bit is boolean");
  range_check(b, 11, c.rest, real, "rest of rs2.lo");
  b.assert_equal(c.power01, real * (1 + c.bit0) * (1 + 3 * c.bit1), "power of bits 0 and 1");
  b.assert_equal(right * c.shift.power_t + left * c.shift.power_rest,
                 c.power01 * (1 + 15 * c.bit2) * (1 + 255 * c.bit3), "power of the amount");
  b.assert_equal(c.shift.power_t * c.shift.power_rest, 65536 * real, "powers are complementary");
  b.assert_equal(c.shift.t, right * amount + left * (16 - amount), "where limbs are cut");
  assert_shift(b, real, o, c.shift);
}

}  // namespace zkvm::isa
