#pragma once
/// \file
/// Proves: rd := rs1 * rs2 mod 2^32.
///
/// Assumes: limbs of rs1 and rs2 in [0, 2^16).
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE, BYTES; sends STATE, MEMORY. Degree 2. 83 cells.
///
/// - is_real: boolean. at, rs1, rs2, rd: see gadgets.hpp. a, b: bytes by look-ups, so the limbs as read determine them.
/// - result, carries: column sum = limb + 2^16 carry, with limb < 2^16 and carry < 2^10 by look-ups. Both sides are
///   integers below 2^27 (sums are at most 65025 * (3 + 256 * 4) + 2^10), far below p, so the equation holds over the
///   integers and has one solution. (A 16-bit carry would not do: 2^32 > p.)

#include "isa/chips/mul/columns.hpp"

namespace zkvm::isa {

inline void mul_air(AirBuilder& b) {
  const auto c = b.main<MulColumns>();
  const Expr zero = b.constant(int64_t{0});
  one_hot(b, c.is_real);
  instruction(b, c.is_real, c.at, c.at.pc + 4,
              {.pc = c.at.pc,
               .op = b.constant(row_code(RowOp::MUL)),
               .rd = c.rd.reg,
               .rs1 = c.rs1.reg,
               .rs2 = c.rs2.reg,
               .c0 = zero,
               .c1 = zero,
               .c2 = zero});
  const Word<Expr> x = word(c.a), y = word(c.b);
  access_register(b, c.is_real, c.rs1.reg, x, x, c.rs1.prev, c.at.clk + RS1_CLOCK, "rs1");
  access_register(b, c.is_real, c.rs2.reg, y, y, c.rs2.prev, c.at.clk + RS2_CLOCK, "rs2");
  write_register(b, c.is_real, c.rd, c.result, c.at.clk);

  check_bytes(b, c.is_real, c.a, "bytes of rs1");
  check_bytes(b, c.is_real, c.b, "bytes of rs2");
  const auto sum = product_columns(c.a, c.b);
  b.assert_equal(sum[0], c.result.lo + 65536 * c.carry0, "low limb");
  b.assert_equal(sum[1] + c.carry0, c.result.hi + 65536 * c.carry1, "high limb");
  range_check(b, 16, c.result.lo, c.is_real, "result.lo");
  range_check(b, 16, c.result.hi, c.is_real, "result.hi");
  range_check(b, 10, c.carry0, c.is_real, "carry0");
  range_check(b, 10, c.carry1, c.is_real, "carry1");
}

}  // namespace zkvm::isa
