#pragma once
/// \file
/// Proves: the next pc is the one that the program table has for the outcome of rs1 == 0 (BEQZ: target if zero; BNEZ:
/// if not).
///
/// Assumes: limbs of rs1 in [0, 2^16).
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE 16; sends STATE, MEMORY. Degree 2. 28 cells.
///
/// - The program table has an entry for each outcome, so next_pc is a constant of the entry and needs no selection
///   here.
/// - is_zero, is_nonzero: boolean with boolean sum. The limbs' sum is below 2^17 < p, so it vanishes only if both do:
///   is_zero forces that, is_nonzero needs an inverse of it. at, rs1: see gadgets.hpp. next_pc: PROGRAM look-up with
///   the outcome in op.
/// - inverse: determined where the sum is not 0, and forced to 0 elsewhere (nothing depends on that).

#include "isa/chips/beqz/columns.hpp"

namespace zkvm::isa {

inline void beqz_air(AirBuilder& b) {
  const auto c = b.main<BeqzColumns>();
  const Expr zero = b.constant(int64_t{0});
  const Expr real = one_hot(b, c.is_zero, c.is_nonzero);
  instruction(b, real, c.at, c.next_pc,
              {.pc = c.at.pc,
               .op = real * row_code(RowOp::BEQZ) + c.is_zero * VARIANT,
               .rd = zero,
               .rs1 = c.rs1.reg,
               .rs2 = zero,
               .c0 = c.next_pc,
               .c1 = zero,
               .c2 = zero});
  read_register(b, real, c.rs1, c.at.clk + RS1_CLOCK, "rs1");

  const Expr sum = c.rs1.value.lo + c.rs1.value.hi;
  b.assert_zero(c.is_zero * sum, "zero has zero limbs");
  b.assert_equal(sum * c.inverse, c.is_nonzero, "nonzero has an inverse");
  b.assert_zero(c.is_zero * c.inverse, "no inverse of zero");
}

}  // namespace zkvm::isa
