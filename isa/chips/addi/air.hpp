#pragma once
/// \file
/// Proves: rd := rs1 + immediate mod 2^32.
///
/// Assumes: limbs of rs1 in [0, 2^16), |immediate| <= 2048 (program table).
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE 16; sends STATE, MEMORY. Degree 3. 45 cells.
///
/// - is_real: boolean. at, rs1, rd: see gadgets.hpp. immediate: PROGRAM look-up.
/// - result.lo: in [0, 2^16) by look-up, and congruent to rs1.lo + immediate modulo 2^16 because `carry`, which is
///   affine in it, is -1, 0 or 1; so it and carry are determined.
/// - result.hi = rs1.hi + carry - 2^16 wrap, with wrap (affine) in {-1, 0, 1}. A nonzero wrap must equal carry, and
///   then rs1.hi is 2^16 - 1 (up) or 0 (down), so that result.hi is 0 or 2^16 - 1. With wrap 0, result.hi is in [-1,
///   2^16], and `in_range` cannot exist for the two ends. That replaces a second range check (3 cells) by a column, and
///   makes the messages even in number.
/// - in_range: determined by result.hi; its only power is to exist.

#include "isa/chips/addi/columns.hpp"

namespace zkvm::isa {

inline void addi_air(AirBuilder& b) {
  const auto c = b.main<AddiColumns>();
  const Expr zero = b.constant(int64_t{0});
  one_hot(b, c.is_real);
  instruction(b, c.is_real, c.at, c.at.pc + 4,
              {.pc = c.at.pc,
               .op = b.constant(row_code(RowOp::ADDI)),
               .rd = c.rd.reg,
               .rs1 = c.rs1.reg,
               .rs2 = zero,
               .c0 = c.immediate,
               .c1 = zero,
               .c2 = zero});
  read_register(b, c.is_real, c.rs1, c.at.clk + RS1_CLOCK, "rs1");
  write_register(b, c.is_real, c.rd, c.result, c.at.clk);

  const Word<Expr>& a = c.rs1.value;
  const F limb_inverse = F::from(1u << 16).inverse();
  const Expr carry = (a.lo + c.immediate - c.result.lo) * limb_inverse;
  const Expr wrap = (a.hi + carry - c.result.hi) * limb_inverse;
  range_check(b, 16, c.result.lo, c.is_real, "result.lo");
  b.assert_zero(carry * (carry - 1) * (carry + 1), "carry is -1, 0 or 1");
  b.assert_zero(wrap * (wrap - 1) * (wrap + 1), "wrap is -1, 0 or 1");
  b.assert_zero(wrap * (wrap - carry), "a wrap has the carry's direction");
  b.assert_zero(wrap * (2 * a.hi - 65535 * (wrap + 1)), "only the last value wraps");
  b.assert_equal((c.result.hi - 65536) * (c.result.hi + 1) * c.in_range, c.is_real, "result.hi is no limb's neighbour");
}

}  // namespace zkvm::isa
