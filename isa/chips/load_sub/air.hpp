#pragma once
/// \file
/// Proves: rd := the byte (LB, LBU) or half-word (LH, LHU) at rs1 + immediate, sign- or zero-extended; half-words are
/// aligned.
///
/// Assumes: limbs on MEMORY in [0, 2^16), RAM cells' addresses canonical multiples of 4.
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE, BYTES; sends STATE, MEMORY. Degree 3. 68 cells.
///
/// - Flags: one-hot, bound by op. at, rs1, rd, memory_prev: see gadgets.hpp. address, read_only: as in LW; bit0, bit1:
/// boolean,
///   and the cell's address is a multiple of 4, so they are the address' low bits; bit0 is 0 for half-words. memory:
///   what the cell holds, determined by MEMORY, put back as it is.
/// - part, rest: bytes by look-up for LB and LBU, and the half that bit1 selects is part + 256 rest, or rest + 256 part
///   if bit0: that determines both. For half-words rest is 0, so part is the half.
/// - sign_byte: only for LB, boolean, and part - 128 sign_byte has 7 bits; sign_half: only for LH, boolean, 15 bits
///   likewise. The result is affine: low limb part + 0xff00 sign_byte, high limb 0xffff if a sign is set; in range
///   since part is.

#include "isa/chips/load_sub/columns.hpp"

namespace zkvm::isa {

inline void load_sub_air(AirBuilder& b) {
  const auto c = b.main<LoadSubColumns>();
  const Expr zero = b.constant(int64_t{0});
  const Expr real = one_hot(b, c.is_lb, c.is_lbu, c.is_lh, c.is_lhu);
  const Expr is_byte = c.is_lb + c.is_lbu, is_half = c.is_lh + c.is_lhu;
  instruction(b, real, c.at, c.at.pc + 4,
              {.pc = c.at.pc,
               .op = c.is_lb * row_code(RowOp::LB) + c.is_lbu * row_code(RowOp::LBU) + c.is_lh * row_code(RowOp::LH) +
                     c.is_lhu * row_code(RowOp::LHU),
               .rd = c.rd.reg,
               .rs1 = c.rs1.reg,
               .rs2 = zero,
               .c0 = c.address.immediate,
               .c1 = zero,
               .c2 = zero});
  read_register(b, real, c.rs1, c.at.clk + RS1_CLOCK, "rs1");
  access_memory(b, real, load_space(b, c.read_only), c.rs1.value, c.address, c.bit0 + 2 * c.bit1, c.memory, c.memory,
                c.memory_prev, c.at.clk);

  b.assert_bool(c.bit0, "bit0 is boolean");
  b.assert_bool(c.bit1, "bit1 is boolean");
  b.assert_zero(is_half * c.bit0, "half-words are aligned");
  b.assert_zero(is_half * c.rest, "half-words have no rest");
  b.assert_equal(c.part + 256 * c.rest + 255 * c.bit0 * (c.part - c.rest),
                 c.memory.lo + c.bit1 * (c.memory.hi - c.memory.lo), "part and rest make the half");
  byte_pair(b, c.part, c.rest, is_byte, "part and rest are bytes");
  b.assert_bool(c.sign_byte, "sign_byte is boolean");
  b.assert_bool(c.sign_half, "sign_half is boolean");
  b.assert_zero(c.sign_byte * (1 - c.is_lb), "sign_byte only for LB");
  b.assert_zero(c.sign_half * (1 - c.is_lh), "sign_half only for LH");
  b.receive(RANGE, {7 * c.is_lb + 15 * c.is_lh, c.part - 128 * c.sign_byte - 32768 * c.sign_half}, c.is_lb + c.is_lh,
            "sign");
  write_register(b, real, c.rd, {c.part + 0xff00 * c.sign_byte, 0xffff * (c.sign_byte + c.sign_half)}, c.at.clk);
}

}  // namespace zkvm::isa
