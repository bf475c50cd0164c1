#pragma once
/// \file
/// Proves: rd := the memory word at rs1 + immediate, which exists and is aligned.
///
/// Assumes: limbs on MEMORY in [0, 2^16), RAM cells' addresses canonical multiples of 4.
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE 16; sends STATE, MEMORY. Degree 3. 53 cells.
///
/// is_real: boolean. at, rs1, rd, memory_prev: see gadgets.hpp. address: immediate by the PROGRAM look-up, carry by
/// access_memory, whose comment says why no other cell can be named. read_only: boolean, determined by the address,
/// since a word is in one space only. value: what the cell held, determined by MEMORY,
/// and sent to rd and back to the cell as it is.

#include "isa/chips/lw/columns.hpp"

namespace zkvm::isa {

inline void lw_air(AirBuilder& b) {
  const auto c = b.main<LwColumns>();
  const Expr zero = b.constant(int64_t{0});
  one_hot(b, c.is_real);
  instruction(b, c.is_real, c.at, c.at.pc + 4,
              {.pc = c.at.pc,
               .op = b.constant(row_code(RowOp::LW)),
               .rd = c.rd.reg,
               .rs1 = c.rs1.reg,
               .rs2 = zero,
               .c0 = c.address.immediate,
               .c1 = zero,
               .c2 = zero});
  read_register(b, c.is_real, c.rs1, c.at.clk + RS1_CLOCK, "rs1");
  access_memory(b, c.is_real, load_space(b, c.read_only), c.rs1.value, c.address, zero, c.value, c.value, c.memory_prev,
                c.at.clk);
  write_register(b, c.is_real, c.rd, c.value, c.at.clk);
}

}  // namespace zkvm::isa
