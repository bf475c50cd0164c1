#pragma once
/// \file
/// Proves: rd := pc + 4, next pc := rs1 + immediate with bit 0 cleared, which is an instruction of the program.
///
/// Assumes: limbs of rs1 in [0, 2^16); pcs in the program table are multiples of 4 in [0x1_0000, 0x2000_0000).
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE; sends STATE, MEMORY. Degree 2. 44 cells.
///
/// - is_real: boolean. at, rs1, rd: see gadgets.hpp. immediate, link_high: PROGRAM look-up. The low limb of the link
///   value is pc + 4 - 2^16 link_high, in range for a pc of the table. rs1 is read before rd is written, so they may be
///   the same.
/// - Next pc: rs1.hi has 14 bits by look-up, so rs1 + immediate - bit0 as an integer is in [-2049, 2^30 + 2046]. It is
///   the pc of the next row, whose PROGRAM look-up needs it to be a pc of the table; a negative value is none modulo p,
///   so the integer itself is one. A multiple of 4 leaves one choice of bit0, which is boolean: bit 0 of the sum.
///   (Jumps from bases of 2^30 and more end outside of the program, which traps.)

#include "isa/chips/jalr/columns.hpp"

namespace zkvm::isa {

inline void jalr_air(AirBuilder& b) {
  const auto c = b.main<JalrColumns>();
  const Expr zero = b.constant(int64_t{0});
  one_hot(b, c.is_real);
  const Expr target = c.rs1.value.lo + 65536 * c.rs1.value.hi + c.immediate - c.bit0;
  instruction(b, c.is_real, c.at, target,
              {.pc = c.at.pc,
               .op = b.constant(row_code(RowOp::JALR)),
               .rd = c.rd.reg,
               .rs1 = c.rs1.reg,
               .rs2 = zero,
               .c0 = c.immediate,
               .c1 = c.link_high,
               .c2 = zero});
  read_register(b, c.is_real, c.rs1, c.at.clk + RS1_CLOCK, "rs1");
  range_check(b, 14, c.rs1.value.hi, c.is_real, "rs1.hi");
  b.assert_bool(c.bit0, "bit0 is boolean");
  write_register(b, c.is_real, c.rd, {c.at.pc + 4 - 65536 * c.link_high, c.link_high}, c.at.clk);
}

}  // namespace zkvm::isa
