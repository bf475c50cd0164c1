#pragma once
/// \file
/// Proves: the next pc is the one that the program table has for the outcome of rs1 == rs2 (BEQ: target if equal; BNE:
/// if not).
///
/// A row is one instruction. Receives STATE, PROGRAM, MEMORY, RANGE 16; sends STATE, MEMORY. Degree 3. 45 cells.
///
/// - Flags: boolean with boolean sum. is_equal forces both limb differences to 0; low_differs needs an inverse of the
///   low one; high_differs needs the low one to be 0 and an inverse of the high one: exactly one of the three is
///   possible.
/// - at, rs1, rs2: see gadgets.hpp. next_pc: PROGRAM look-up with the outcome in op. inverse: determined, 0 for equal
///   values.

#include "isa/chips/beq/columns.hpp"

namespace zkvm::isa {

inline void beq_air(AirBuilder& b) {
  const auto c = b.main<BeqColumns>();
  const Expr zero = b.constant(int64_t{0});
  const Expr real = one_hot(b, c.is_equal, c.low_differs, c.high_differs);
  instruction(b, real, c.at, c.next_pc,
              {.pc = c.at.pc,
               .op = real * row_code(RowOp::BEQ) + c.is_equal * VARIANT,
               .rd = zero,
               .rs1 = c.rs1.reg,
               .rs2 = c.rs2.reg,
               .c0 = c.next_pc,
               .c1 = zero,
               .c2 = zero});
  read_register(b, real, c.rs1, c.at.clk + RS1_CLOCK, "rs1");
  read_register(b, real, c.rs2, c.at.clk + RS2_CLOCK, "rs2");

  const Expr lo = c.rs1.value.lo - c.rs2.value.lo, hi = c.rs1.value.hi - c.rs2.value.hi;
  b.assert_zero((c.is_equal + c.high_differs) * lo, "equal low limbs");
  b.assert_zero(c.is_equal * hi, "equal high limbs");
  b.assert_equal((c.low_differs * lo + c.high_differs * hi) * c.inverse, c.low_differs + c.high_differs,
                 "different values");
  b.assert_zero(c.is_equal * c.inverse, "no inverse of 0");
}

}  // namespace zkvm::isa
