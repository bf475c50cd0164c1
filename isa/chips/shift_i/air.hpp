#pragma once
/// \file
/// Proves: rd := rs1 shifted by a constant: SLLI, SRLI, SRAI.
///
/// Assumes: limbs of rs1 in [0, 2^16).
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE; sends STATE, MEMORY. Degree 3. 68 cells.
///
/// Flags: one-hot, bound by op, which says whether the amount is 16 or more. at, rs1, rd: see gadgets.hpp. shift.t and
/// the powers: constants of the PROGRAM look-up. The rest of shift: see assert_shift.

#include "isa/chips/shift_i/columns.hpp"

namespace zkvm::isa {

inline void shift_i_air(AirBuilder& b) {
  const auto c = b.main<ShiftIColumns>();
  const Expr zero = b.constant(int64_t{0});
  const auto& o = c.op;
  const Expr real = one_hot(b, o.sll0, o.sll1, o.srl0, o.srl1, o.sra0, o.sra1);
  instruction(b, real, c.at, c.at.pc + 4,
              {.pc = c.at.pc,
               .op = (o.sll0 + o.sll1) * row_code(RowOp::SLLI) + (o.srl0 + o.srl1) * row_code(RowOp::SRLI) +
                     (o.sra0 + o.sra1) * row_code(RowOp::SRAI) + (o.sll1 + o.srl1 + o.sra1) * VARIANT,
               .rd = c.rd.reg,
               .rs1 = c.rs1.reg,
               .rs2 = zero,
               .c0 = c.shift.t,
               .c1 = c.shift.power_t,
               .c2 = c.shift.power_rest});
  access_register(b, real, c.rs1.reg, c.shift.a, c.shift.a, c.rs1.prev, c.at.clk + RS1_CLOCK, "rs1");
  write_register(b, real, c.rd, c.shift.result, c.at.clk);
  assert_shift(b, real, o, c.shift);
}

}  // namespace zkvm::isa
