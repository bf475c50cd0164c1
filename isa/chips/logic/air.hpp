#pragma once
/// \file
/// Proves: rd := rs1 & rs2, rs1 | rs2 or rs1 ^ rs2.
///
/// Assumes: limbs of rs1 and rs2 in [0, 2^16).
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE 16, AND; sends STATE, MEMORY. Degree 2. 75 cells.
///
/// Flags: one-hot, bound by op. at, rs1, rs2, rd: see gadgets.hpp. a, b: bytes by the AND look-ups, so the limbs of the
/// registers, which are affine in them, determine them. common: determined by the same look-ups. result: a + b - common
/// is OR, a + b - 2 common is XOR, bytewise without carries, so limb sums are limbs in [0, 2^16).

#include "isa/chips/logic/columns.hpp"

namespace zkvm::isa {

inline void logic_air(AirBuilder& b) {
  const auto c = b.main<LogicColumns>();
  const Expr zero = b.constant(int64_t{0});
  const Expr real = one_hot(b, c.is_and, c.is_or, c.is_xor);
  instruction(b, real, c.at, c.at.pc + 4,
              {.pc = c.at.pc,
               .op = c.is_and * row_code(RowOp::AND) + c.is_or * row_code(RowOp::OR) + c.is_xor * row_code(RowOp::XOR),
               .rd = c.rd.reg,
               .rs1 = c.rs1.reg,
               .rs2 = c.rs2.reg,
               .c0 = zero,
               .c1 = zero,
               .c2 = zero});
  const Word<Expr> x = word(c.a), y = word(c.b), n = word(c.common);
  access_register(b, real, c.rs1.reg, x, x, c.rs1.prev, c.at.clk + RS1_CLOCK, "rs1");
  access_register(b, real, c.rs2.reg, y, y, c.rs2.prev, c.at.clk + RS2_CLOCK, "rs2");
  write_register(b, real, c.rd, c.result, c.at.clk);

  for (int i = 0; i < 4; ++i) b.receive(AND, {c.a.b[i], c.b.b[i], c.common.b[i]}, real, "and of bytes");
  const auto result = [&](Expr u, Expr v, Expr both) {
    return c.is_and * both + c.is_or * (u + v - both) + c.is_xor * (u + v - 2 * both);
  };
  b.assert_equal(c.result.lo, result(x.lo, y.lo, n.lo), "result.lo");
  b.assert_equal(c.result.hi, result(x.hi, y.hi, n.hi), "result.hi");
}

}  // namespace zkvm::isa
