#pragma once
/// \file
/// Proves: rd := rd + immediate mod 2^32, with one access of rd.
///
/// Assumes: limbs of rd in [0, 2^16), |immediate| <= 2048 (program table).
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE 16; sends STATE, MEMORY. Degree 3. 34 cells.
///
/// - is_real: boolean. at, rd: see gadgets.hpp. immediate: PROGRAM look-up.
/// - result: both limbs in [0, 2^16) by look-up; the carries between and out of them are affine and in {-1, 0, 1}, so
///   each limb is determined modulo 2^16, hence determined.

#include "isa/chips/addi_same/columns.hpp"

namespace zkvm::isa {

inline void addi_same_air(AirBuilder& b) {
  const auto c = b.main<AddiSameColumns>();
  const Expr zero = b.constant(int64_t{0});
  one_hot(b, c.is_real);
  instruction(b, c.is_real, c.at, c.at.pc + 4,
              {.pc = c.at.pc,
               .op = b.constant(row_code(RowOp::ADDI_SAME)),
               .rd = c.rd.reg,
               .rs1 = zero,
               .rs2 = zero,
               .c0 = c.immediate,
               .c1 = zero,
               .c2 = zero});
  write_register(b, c.is_real, c.rd, c.result, c.at.clk);

  const F limb_inverse = F::from(1u << 16).inverse();
  const Expr carry = (c.rd.old.lo + c.immediate - c.result.lo) * limb_inverse;
  const Expr wrap = (c.rd.old.hi + carry - c.result.hi) * limb_inverse;
  range_check(b, 16, c.result.lo, c.is_real, "result.lo");
  range_check(b, 16, c.result.hi, c.is_real, "result.hi");
  b.assert_zero(carry * (carry - 1) * (carry + 1), "carry is -1, 0 or 1");
  b.assert_zero(wrap * (wrap - 1) * (wrap + 1), "wrap is -1, 0 or 1");
}

}  // namespace zkvm::isa
