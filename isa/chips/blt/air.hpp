#pragma once
/// \file
/// Proves: the next pc is the one that the program table has for the outcome of rs1 < rs2 (BLT, BLTU: target if less;
/// BGE, BGEU: if not).
///
/// Assumes: limbs of rs1 and rs2 in [0, 2^16).
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE; sends STATE, MEMORY. Degree 3. 54 cells.
///
/// Flags: one-hot, bound by op. compare: see assert_less_than. next_pc: PROGRAM look-up with the outcome in op. at,
/// rs1, rs2: see gadgets.hpp.

#include "isa/chips/blt/columns.hpp"

namespace zkvm::isa {

inline void blt_air(AirBuilder& b) {
  const auto c = b.main<BltColumns>();
  const Expr zero = b.constant(int64_t{0});
  const Expr real = one_hot(b, c.is_signed, c.is_unsigned);
  instruction(
      b, real, c.at, c.next_pc,
      {.pc = c.at.pc,
       .op = c.is_signed * row_code(RowOp::BLT) + c.is_unsigned * row_code(RowOp::BLTU) + c.compare.less * VARIANT,
       .rd = zero,
       .rs1 = c.rs1.reg,
       .rs2 = c.rs2.reg,
       .c0 = c.next_pc,
       .c1 = zero,
       .c2 = zero});
  read_register(b, real, c.rs1, c.at.clk + RS1_CLOCK, "rs1");
  read_register(b, real, c.rs2, c.at.clk + RS2_CLOCK, "rs2");
  assert_less_than(b, real, c.is_signed, c.rs1.value, c.rs2.value, c.compare);
}

}  // namespace zkvm::isa
