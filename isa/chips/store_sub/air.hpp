#pragma once
/// \file
/// Proves: the byte (SB) or half-word (SH) at rs1 + immediate := the low part of rs2, other bytes of the word
/// unchanged; half-words are aligned.
///
/// Assumes: limbs on MEMORY in [0, 2^16), RAM cells' addresses canonical multiples of 4.
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE 16, BYTES; sends STATE, MEMORY. Degree 3. 66 cells.
///
/// - Flags: one-hot, bound by op. at, rs1, rs2.reg, *_prev: see gadgets.hpp. address, bit0, bit1: as in LOAD_SUB. old:
///   what the cell held.
/// - value, above, rs2_high: rs2 as read is (value + 256 above, rs2_high); SB: bytes by look-up, hence determined; SH:
///   above is 0, so value is the low limb. old_part, kept: likewise from the half that bit1 selects, in the order that
///   bit0 says; SH: kept is 0.
/// - stored: the other half is the old one; the selected half is made of value and kept: in range, being two bytes or a
///   limb of rs2.

#include "isa/chips/store_sub/columns.hpp"

namespace zkvm::isa {

inline void store_sub_air(AirBuilder& b) {
  const auto c = b.main<StoreSubColumns>();
  const Expr zero = b.constant(int64_t{0});
  const Expr real = one_hot(b, c.is_sb, c.is_sh);
  instruction(b, real, c.at, c.at.pc + 4,
              {.pc = c.at.pc,
               .op = c.is_sb * row_code(RowOp::SB) + c.is_sh * row_code(RowOp::SH),
               .rd = zero,
               .rs1 = c.rs1.reg,
               .rs2 = c.rs2.reg,
               .c0 = c.address.immediate,
               .c1 = zero,
               .c2 = zero});
  const Word<Expr> y{c.value + 256 * c.above, c.rs2_high};
  read_register(b, real, c.rs1, c.at.clk + RS1_CLOCK, "rs1");
  access_register(b, real, c.rs2.reg, y, y, c.rs2.prev, c.at.clk + RS2_CLOCK, "rs2");
  access_memory(b, real, zero, c.rs1.value, c.address, c.bit0 + 2 * c.bit1, c.old, c.stored, c.memory_prev, c.at.clk);

  b.assert_bool(c.bit0, "bit0 is boolean");
  b.assert_bool(c.bit1, "bit1 is boolean");
  b.assert_zero(c.is_sh * c.bit0, "half-words are aligned");
  b.assert_zero(c.is_sh * c.above, "half-words have nothing above");
  b.assert_zero(c.is_sh * c.kept, "half-words keep nothing");
  byte_pair(b, c.value, c.above, c.is_sb, "value and above are bytes");
  byte_pair(b, c.old_part, c.kept, c.is_sb, "old_part and kept are bytes");
  const auto half = [&](Expr part) { return part + 256 * c.kept + 255 * c.bit0 * (part - c.kept); };
  b.assert_equal(half(c.old_part), c.old.lo + c.bit1 * (c.old.hi - c.old.lo), "old half");
  b.assert_equal(half(c.value), c.stored.lo + c.bit1 * (c.stored.hi - c.stored.lo), "stored half");
  b.assert_zero(c.bit1 * (c.stored.lo - c.old.lo), "low half is kept");
  b.assert_zero((1 - c.bit1) * (c.stored.hi - c.old.hi), "high half is kept");
}

}  // namespace zkvm::isa
