#pragma once
/// \file
/// Proves: rd := rs1 / rs2 (DIV, DIVU) or the remainder (REM, REMU), rounded towards zero, with the edge cases of the
/// specification: division by zero gives all ones and the dividend; INT_MIN / -1 gives INT_MIN and 0.
///
/// Assumes: limbs of rs1 and rs2 in [0, 2^16).
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE, BYTES; sends STATE, MEMORY. Degree 3. 118 cells.
///
/// - Flags: one-hot, bound by op. at, rs1, rs2, rd: see gadgets.hpp. sign_*: see assert_sign. signs_differ, negate:
///   expressions.
/// - dividend_lo, divisor: where the sign is set, value + magnitude = 2^32: low limbs add up to 0 or 2^16, high limbs
///   and that carry to 2^16. dividend_lo is below 2^16 by look-up, the bytes of divisor by look-ups, so the magnitude
///   is determined; the high limb of the dividend is then below 2^16.
/// - quotient (bytes), remainder (limbs), carry (10 bits): in range by look-ups. quotient * divisor + remainder =
///   dividend limb by limb; the first limb has a carry, the second none, and the products of weight 2^32 and more are 0
///   (a sum of nonnegative integers below 2^20 that vanishes). All terms are below 2^28, so this holds over the
///   integers.
/// - borrow: unless by_zero, divisor - remainder - 1 has limbs in [0, 2^16) with a boolean borrow, so remainder <
///   divisor, which determines quotient and remainder; it also forces by_zero if rs2 is 0.
/// - by_zero: forces rs2 to be 0, so it follows from rs2; then remainder = dividend, and quotient is forced to all
///   ones.
/// - result, negate_*: quotient or remainder, negated mod 2^32 where negate is set: limbs in range by look-ups, carries
///   boolean. The sign of a remainder is that of rs1, that of a quotient is minus if the signs differ, but not for
///   division by zero. INT_MIN / -1: magnitudes 2^31 and 1, quotient 2^31, signs equal: the result is INT_MIN. Exactly
///   one result is sent to rd.

#include "isa/chips/div/columns.hpp"

namespace zkvm::isa {

inline void div_air(AirBuilder& b) {
  const auto c = b.main<DivColumns>();
  const Expr zero = b.constant(int64_t{0});
  const Expr real = one_hot(b, c.is_div, c.is_divu, c.is_rem, c.is_remu);
  const Expr is_signed = c.is_div + c.is_rem, is_quotient = c.is_div + c.is_divu, is_remainder = c.is_rem + c.is_remu;
  instruction(b, real, c.at, c.at.pc + 4,
              {.pc = c.at.pc,
               .op = c.is_div * row_code(RowOp::DIV) + c.is_divu * row_code(RowOp::DIVU) +
                     c.is_rem * row_code(RowOp::REM) + c.is_remu * row_code(RowOp::REMU),
               .rd = c.rd.reg,
               .rs1 = c.rs1.reg,
               .rs2 = c.rs2.reg,
               .c0 = zero,
               .c1 = zero,
               .c2 = zero});
  read_register(b, real, c.rs1, c.at.clk + RS1_CLOCK, "rs1");
  read_register(b, real, c.rs2, c.at.clk + RS2_CLOCK, "rs2");
  write_register(b, real, c.rd, c.result, c.at.clk);
  const Word<Expr>& x = c.rs1.value;
  const Word<Expr>& y = c.rs2.value;
  const F limb_inverse = F::from(1u << 16).inverse();

  // Magnitudes.
  assert_sign(b, c.sign_a, x.hi, is_signed, "sign of rs1");
  assert_sign(b, c.sign_b, y.hi, is_signed, "sign of rs2");
  const Word<Expr> divisor = word(c.divisor), quotient = word(c.quotient);
  const Expr carry_a = (x.lo + c.dividend_lo) * limb_inverse, carry_b = (y.lo + divisor.lo) * limb_inverse;
  b.assert_zero((1 - c.sign_a) * (c.dividend_lo - x.lo), "dividend_lo is rs1.lo");
  b.assert_zero(c.sign_a * carry_a * (carry_a - 1), "dividend_lo is -rs1.lo");
  const Expr dividend_hi = x.hi + c.sign_a * (65536 - carry_a - 2 * x.hi);
  b.assert_zero((1 - c.sign_b) * (divisor.lo - y.lo), "divisor.lo is rs2.lo");
  b.assert_zero(c.sign_b * carry_b * (carry_b - 1), "divisor.lo is -rs2.lo");
  b.assert_equal(divisor.hi, y.hi + c.sign_b * (65536 - carry_b - 2 * y.hi), "divisor.hi");
  range_check(b, 16, c.dividend_lo, real, "dividend_lo");
  check_bytes(b, real, c.divisor, "bytes of the divisor");

  // dividend = quotient * divisor + remainder.
  check_bytes(b, real, c.quotient, "bytes of the quotient");
  range_check(b, 16, c.remainder.lo, real, "remainder.lo");
  range_check(b, 16, c.remainder.hi, real, "remainder.hi");
  range_check(b, 10, c.carry, real, "carry");
  const auto sum = product_columns(c.quotient, c.divisor);
  b.assert_equal(sum[0] + c.remainder.lo, c.dividend_lo + 65536 * c.carry, "low limb");
  b.assert_equal(sum[1] + c.remainder.hi + c.carry, dividend_hi, "high limb");
  const auto& q = c.quotient.b;
  const auto& d = c.divisor.b;
  b.assert_zero(q[1] * d[3] + q[2] * d[2] + q[3] * d[1] + q[2] * d[3] + q[3] * d[2] + q[3] * d[3],
                "no higher products");

  // remainder < divisor, or division by zero.
  b.assert_bool(c.borrow, "borrow is boolean");
  b.assert_bool(c.by_zero, "by_zero is boolean");
  b.assert_zero(c.by_zero * (1 - real), "by_zero only on real rows");
  b.assert_zero(c.by_zero * (y.lo + y.hi), "rs2 is 0");
  b.assert_zero(c.by_zero * c.borrow, "no borrow without a divisor");
  b.assert_zero(c.by_zero * (quotient.lo - 65535), "quotient of a division by zero");
  b.assert_zero(c.by_zero * (quotient.hi - 65535), "quotient of a division by zero");
  range_check(b, 16, divisor.lo - c.remainder.lo - 1 + 65536 * c.borrow, real - c.by_zero, "remainder < divisor, low");
  range_check(b, 16, divisor.hi - c.remainder.hi - c.borrow, real - c.by_zero, "remainder < divisor, high");

  // The result and its sign.
  b.assert_equal(c.signs_differ, c.sign_a + c.sign_b - 2 * c.sign_a * c.sign_b, "signs_differ");
  b.assert_equal(c.negate, c.is_div * c.signs_differ * (1 - c.by_zero) + c.is_rem * c.sign_a, "negate");
  const Word<Expr> magnitude{is_quotient * quotient.lo + is_remainder * c.remainder.lo,
                             is_quotient * quotient.hi + is_remainder * c.remainder.hi};
  b.assert_zero((1 - c.negate) * (c.result.lo - magnitude.lo), "result.lo");
  b.assert_zero((1 - c.negate) * (c.result.hi - magnitude.hi), "result.hi");
  b.assert_bool(c.negate_carry, "negate_carry is boolean");
  b.assert_bool(c.negate_carry_out, "negate_carry_out is boolean");
  b.assert_zero((1 - c.negate) * c.negate_carry, "no carry without negation");
  b.assert_zero((1 - c.negate) * c.negate_carry_out, "no carry without negation");
  b.assert_zero(c.negate * (c.result.lo + magnitude.lo - 65536 * c.negate_carry), "negated result.lo");
  b.assert_zero(c.negate * (c.result.hi + magnitude.hi + c.negate_carry - 65536 * c.negate_carry_out),
                "negated result.hi");
  range_check(b, 16, c.result.lo, real, "result.lo");
  range_check(b, 16, c.result.hi, real, "result.hi");
}

}  // namespace zkvm::isa
