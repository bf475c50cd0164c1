#pragma once
/// \file
/// Proves: rd := rd + rs2 (ADD) or rd - rs2 (SUB) mod 2^32, with one access of rd.
///
/// Assumes: limbs of rd and rs2 in [0, 2^16).
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE 16; sends STATE, MEMORY. Degree 3. 50 cells.
///
/// As ADD, with rd.old for rs1. If rs2 == rd, rs2 is read two clocks before rd is accessed, so both see the same value.

#include "isa/chips/add_same/columns.hpp"

namespace zkvm::isa {

inline void add_same_air(AirBuilder& b) {
  const auto c = b.main<AddSameColumns>();
  const Expr zero = b.constant(int64_t{0});
  const Expr real = one_hot(b, c.is_add, c.is_sub);
  instruction(b, real, c.at, c.at.pc + 4,
              {.pc = c.at.pc,
               .op = c.is_add * row_code(RowOp::ADD_SAME) + c.is_sub * row_code(RowOp::SUB_SAME),
               .rd = c.rd.reg,
               .rs1 = zero,
               .rs2 = c.rs2.reg,
               .c0 = zero,
               .c1 = zero,
               .c2 = zero});
  read_register(b, real, c.rs2, c.at.clk + RS2_CLOCK, "rs2");
  write_register(b, real, c.rd, c.result, c.at.clk);

  assert_sum(b, c.is_add, c.rd.old, c.rs2.value, c.result);
  assert_sum(b, c.is_sub, c.result, c.rs2.value, c.rd.old);
  range_check(b, 16, c.result.lo, real, "result.lo");
  range_check(b, 16, c.result.hi, real, "result.hi");
}

}  // namespace zkvm::isa
