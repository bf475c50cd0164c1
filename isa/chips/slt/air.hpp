#pragma once
/// \file
/// Proves: rd := 1 if rs1 < rs2 (or the immediate), else 0; signed or unsigned.
///
/// Assumes: limbs of rs1, rs2 and of immediates in [0, 2^16).
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE; sends STATE, MEMORY. Degree 2. 71 cells.
///
/// Flags: one-hot, bound by op. Register forms and immediate forms look up the program separately: the first with zero
/// constants, the second with the value as constant and no rs2. rs2.value: read, or the constant. rs2.reg, rs2.prev:
/// bound in register forms, forced to 0 in the others. compare: see assert_less_than. at, rs1, rd: see gadgets.hpp.

#include "isa/chips/slt/columns.hpp"

namespace zkvm::isa {

inline void slt_air(AirBuilder& b) {
  const auto c = b.main<SltColumns>();
  const Expr zero = b.constant(int64_t{0});
  const Expr real = one_hot(b, c.is_slt, c.is_sltu, c.is_slti, c.is_sltiu);
  const Expr by_register = c.is_slt + c.is_sltu, by_immediate = c.is_slti + c.is_sltiu;
  b.receive(STATE, {c.at.pc, c.at.clk}, real, "state in");
  b.send(STATE, {c.at.pc + 4, c.at.clk + int64_t{CLOCKS_PER_INSTRUCTION}}, real, "state out");
  b.receive(PROGRAM,
            {.pc = c.at.pc,
             .op = c.is_slt * row_code(RowOp::SLT) + c.is_sltu * row_code(RowOp::SLTU),
             .rd = c.rd.reg,
             .rs1 = c.rs1.reg,
             .rs2 = c.rs2.reg,
             .c0 = zero,
             .c1 = zero,
             .c2 = zero},
            by_register, "program, register form");
  b.receive(PROGRAM,
            {.pc = c.at.pc,
             .op = c.is_slti * row_code(RowOp::SLTI) + c.is_sltiu * row_code(RowOp::SLTIU),
             .rd = c.rd.reg,
             .rs1 = c.rs1.reg,
             .rs2 = zero,
             .c0 = c.rs2.value.lo,
             .c1 = c.rs2.value.hi,
             .c2 = zero},
            by_immediate, "program, immediate form");
  read_register(b, real, c.rs1, c.at.clk + RS1_CLOCK, "rs1");
  read_register(b, by_register, c.rs2, c.at.clk + RS2_CLOCK, "rs2");
  b.assert_zero(by_immediate * c.rs2.reg, "no second register");
  b.assert_zero(by_immediate * c.rs2.prev, "no second register clock");

  assert_less_than(b, real, c.is_slt + c.is_slti, c.rs1.value, c.rs2.value, c.compare);
  write_register(b, real, c.rd, {c.compare.less, zero}, c.at.clk);
}

}  // namespace zkvm::isa
