#pragma once
/// \file
/// Proves: rd := rs1 + rs2 (ADD) or rs1 - rs2 (SUB) mod 2^32.
///
/// Assumes: limbs of rs1 and rs2 in [0, 2^16).
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE 16; sends STATE, MEMORY. Degree 3. 60 cells.
///
/// Flags: one-hot, bound by op. at, rs1, rs2, rd: see gadgets.hpp. result: limbs in range by look-ups, and the limb
/// that makes assert_sum (rs1 + rs2 = result, or result + rs2 = rs1) hold is unique.

#include "isa/chips/add/columns.hpp"

namespace zkvm::isa {

inline void add_air(AirBuilder& b) {
  const auto c = b.main<AddColumns>();
  const Expr zero = b.constant(int64_t{0});
  const Expr real = one_hot(b, c.is_add, c.is_sub);
  instruction(b, real, c.at, c.at.pc + 4,
              {.pc = c.at.pc,
               .op = c.is_add * row_code(RowOp::ADD) + c.is_sub * row_code(RowOp::SUB),
               .rd = c.rd.reg,
               .rs1 = c.rs1.reg,
               .rs2 = c.rs2.reg,
               .c0 = zero,
               .c1 = zero,
               .c2 = zero});
  read_register(b, real, c.rs1, c.at.clk + RS1_CLOCK, "rs1");
  read_register(b, real, c.rs2, c.at.clk + RS2_CLOCK, "rs2");
  write_register(b, real, c.rd, c.result, c.at.clk);

  assert_sum(b, c.is_add, c.rs1.value, c.rs2.value, c.result);
  assert_sum(b, c.is_sub, c.result, c.rs2.value, c.rs1.value);
  range_check(b, 16, c.result.lo, real, "result.lo");
  range_check(b, 16, c.result.hi, real, "result.hi");
}

}  // namespace zkvm::isa
