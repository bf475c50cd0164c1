#pragma once
/// \file
/// Proves: rd := constant, next pc := the one of the program table (JAL: its target, link value as constant).
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE 16; sends STATE, MEMORY. Degree 2. 28 cells.
///
/// is_real: boolean, so that multiplicities are. next_pc, constant, rd.reg: bound to the committed program by the
/// PROGRAM look-up, limbs of constants are in range there. at, rd.prev, rd.old: see gadgets.hpp.

#include "isa/chips/li/columns.hpp"

namespace zkvm::isa {

inline void li_air(AirBuilder& b) {
  const auto c = b.main<LiColumns>();
  const Expr zero = b.constant(int64_t{0});
  one_hot(b, c.is_real);
  instruction(b, c.is_real, c.at, c.next_pc,
              {.pc = c.at.pc,
               .op = b.constant(row_code(RowOp::LI_CONST)),
               .rd = c.rd.reg,
               .rs1 = zero,
               .rs2 = zero,
               .c0 = c.constant.lo,
               .c1 = c.constant.hi,
               .c2 = c.next_pc});
  write_register(b, c.is_real, c.rd, c.constant, c.at.clk);
}

}  // namespace zkvm::isa
