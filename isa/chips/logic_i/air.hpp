#pragma once
/// \file
/// Proves: rd := rs1 & imm, rs1 | imm or rs1 ^ imm.
///
/// Assumes: limbs of rs1 in [0, 2^16); the sign in the program table is 0 or 1.
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE 16, AND; sends STATE, MEMORY. Degree 3. 57 cells.
///
/// Flags: one-hot, bound by op. at, rs1, rd: see gadgets.hpp. a0, a1, i0, i1: bytes by the AND look-ups; the low limbs
/// of rs1 and of the immediate (PROGRAM look-up) are affine in them and determine them. a_high: read from rs1. sign:
/// PROGRAM look-up. common0, common1: the same AND look-ups. result: bytewise without carries in the low limb; the high
/// limb is 0, a_high, 2^16 - 1 or 2^16 - 1 - a_high. Both are in range by construction.

#include "isa/chips/logic_i/columns.hpp"

namespace zkvm::isa {

inline void logic_i_air(AirBuilder& b) {
  const auto c = b.main<LogicIColumns>();
  const Expr zero = b.constant(int64_t{0});
  const Expr real = one_hot(b, c.is_and, c.is_or, c.is_xor);
  const Expr immediate = c.i0 + 256 * c.i1;
  instruction(
      b, real, c.at, c.at.pc + 4,
      {.pc = c.at.pc,
       .op = c.is_and * row_code(RowOp::ANDI) + c.is_or * row_code(RowOp::ORI) + c.is_xor * row_code(RowOp::XORI),
       .rd = c.rd.reg,
       .rs1 = c.rs1.reg,
       .rs2 = zero,
       .c0 = immediate,
       .c1 = c.sign,
       .c2 = zero});
  const Word<Expr> x{c.a0 + 256 * c.a1, c.a_high};
  access_register(b, real, c.rs1.reg, x, x, c.rs1.prev, c.at.clk + RS1_CLOCK, "rs1");
  write_register(b, real, c.rd, c.result, c.at.clk);

  b.receive(AND, {c.a0, c.i0, c.common0}, real, "and of bytes");
  b.receive(AND, {c.a1, c.i1, c.common1}, real, "and of bytes");
  const auto result = [&](Expr u, Expr v, Expr both) {
    return c.is_and * both + c.is_or * (u + v - both) + c.is_xor * (u + v - 2 * both);
  };
  b.assert_equal(c.result.lo, result(x.lo, immediate, c.common0 + 256 * c.common1), "result.lo");
  b.assert_equal(c.result.hi, result(x.hi, 65535 * c.sign, c.sign * c.a_high), "result.hi");
}

}  // namespace zkvm::isa
