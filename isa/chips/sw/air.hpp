#pragma once
/// \file
/// Proves: the memory word at rs1 + immediate, which exists and is aligned, := rs2.
///
/// Assumes: limbs on MEMORY in [0, 2^16), RAM cells' addresses canonical multiples of 4.
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE 16; sends STATE, MEMORY. Degree 3. 52 cells.
///
/// is_real: boolean. at, rs1, rs2, memory_prev: see gadgets.hpp. address: as in LW. old: what the cell held, determined
/// by MEMORY, and dropped. The new word is the register as read, so in range.

#include "isa/chips/sw/columns.hpp"

namespace zkvm::isa {

inline void sw_air(AirBuilder& b) {
  const auto c = b.main<SwColumns>();
  const Expr zero = b.constant(int64_t{0});
  one_hot(b, c.is_real);
  instruction(b, c.is_real, c.at, c.at.pc + 4,
              {.pc = c.at.pc,
               .op = b.constant(row_code(RowOp::SW)),
               .rd = zero,
               .rs1 = c.rs1.reg,
               .rs2 = c.rs2.reg,
               .c0 = c.address.immediate,
               .c1 = zero,
               .c2 = zero});
  read_register(b, c.is_real, c.rs1, c.at.clk + RS1_CLOCK, "rs1");
  read_register(b, c.is_real, c.rs2, c.at.clk + RS2_CLOCK, "rs2");
  access_memory(b, c.is_real, zero, c.rs1.value, c.address, zero, c.old, c.rs2.value, c.memory_prev, c.at.clk);
}

}  // namespace zkvm::isa
