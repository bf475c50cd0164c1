#pragma once
/// \file
/// Proves: rd := the high word of the 64-bit product of rs1 and rs2, both signed (MULH), both unsigned (MULHU), or rs1
/// signed (MULHSU).
///
/// Assumes: limbs of rs1 and rs2 in [0, 2^16).
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE, BYTES; sends STATE, MEMORY. Degree 3. 109 cells.
///
/// With A, B the unsigned values, the signed product is A B - 2^32 (sign_a B + sign_b A) + 2^64 sign_a sign_b, so its
/// high word is high(A B) - sign_a B - sign_b A mod 2^32. Flags: one-hot, bound by op. at, rs1, rs2, rd: see
/// gadgets.hpp. a, b: bytes by look-ups, so the limbs as read determine them. sign_*: see assert_sign. low, result,
/// carries: one equation per limb, limb < 2^16 by look-up. carry0, carry1: 10 bits by look-up. carry2 + 2: 10 bits by
/// look-up; the limb before it is in [-2^17, 65025 * 515 + 2^10], so the carry is in [-2, 511]. carry3: of three
/// values; the true one is in [-2, 0], since the high word without reduction is in [-2^33, 2^32). All terms are below
/// 2^28 in size, so the equations hold over the integers and each has one solution.

#include "isa/chips/mulh/columns.hpp"

namespace zkvm::isa {

inline void mulh_air(AirBuilder& b) {
  const auto c = b.main<MulhColumns>();
  const Expr zero = b.constant(int64_t{0});
  const Expr real = one_hot(b, c.is_mulh, c.is_mulhu, c.is_mulhsu);
  instruction(b, real, c.at, c.at.pc + 4,
              {.pc = c.at.pc,
               .op = c.is_mulh * row_code(RowOp::MULH) + c.is_mulhu * row_code(RowOp::MULHU) +
                     c.is_mulhsu * row_code(RowOp::MULHSU),
               .rd = c.rd.reg,
               .rs1 = c.rs1.reg,
               .rs2 = c.rs2.reg,
               .c0 = zero,
               .c1 = zero,
               .c2 = zero});
  const Word<Expr> x = word(c.a), y = word(c.b);
  access_register(b, real, c.rs1.reg, x, x, c.rs1.prev, c.at.clk + RS1_CLOCK, "rs1");
  access_register(b, real, c.rs2.reg, y, y, c.rs2.prev, c.at.clk + RS2_CLOCK, "rs2");
  write_register(b, real, c.rd, c.result, c.at.clk);

  check_bytes(b, real, c.a, "bytes of rs1");
  check_bytes(b, real, c.b, "bytes of rs2");
  assert_sign(b, c.sign_a, x.hi, c.is_mulh + c.is_mulhsu, "sign of rs1");
  assert_sign(b, c.sign_b, y.hi, c.is_mulh, "sign of rs2");
  const auto sum = product_columns(c.a, c.b);
  const Expr minus_lo = c.sign_a * y.lo + c.sign_b * x.lo, minus_hi = c.sign_a * y.hi + c.sign_b * x.hi;
  b.assert_equal(sum[0], c.low.lo + 65536 * c.carry0, "limb 0");
  b.assert_equal(sum[1] + c.carry0, c.low.hi + 65536 * c.carry1, "limb 1");
  b.assert_equal(sum[2] + c.carry1 - minus_lo, c.result.lo + 65536 * c.carry2, "limb 2");
  b.assert_equal(sum[3] + c.carry2 - minus_hi, c.result.hi + 65536 * c.carry3, "limb 3");
  for (Expr limb : {c.low.lo, c.low.hi, c.result.lo, c.result.hi}) range_check(b, 16, limb, real, "limb");
  range_check(b, 10, c.carry0, real, "carry0");
  range_check(b, 10, c.carry1, real, "carry1");
  range_check(b, 10, c.carry2 + 2, real, "carry2");
  b.assert_zero(c.carry3 * (c.carry3 + 1) * (c.carry3 + 2), "carry3 is -2, -1 or 0");
}

}  // namespace zkvm::isa
