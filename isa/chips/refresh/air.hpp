#pragma once
/// \file
/// Proves: a cell may count as accessed later than it was. Its value stays, so this changes nothing that a program can
/// see; it only lets the accesses' gaps be checked with 16 bits.
///
/// A row is one cell at one time. Receives MEMORY, RANGE 16 and 13; sends MEMORY. Degree 2. 27 cells.
///
/// - is_real: boolean. segment, offset, value, old_clk: those of a message that is on MEMORY, in and out alike.
/// - new_clk: below 2^29 by its limbs. gap = new_clk - old_clk - 1, its high limb affine, is in [0, 2^29) by limbs;
///   old_clk is a clock that was sent, so in [0, 2^29 + 3], and a negative difference would be above p - 2^30 > 2^29:
///   so new_clk > old_clk as integers. A new_clk that is later than the next access only leaves that access without a
///   cell to take.

#include "isa/chips/refresh/columns.hpp"

namespace zkvm::isa {

inline void refresh_air(AirBuilder& b) {
  const auto c = b.main<RefreshColumns>();
  one_hot(b, c.is_real);
  const Expr new_clk = c.new_clk.lo + 65536 * c.new_clk.hi;
  b.receive(MEMORY, {c.segment, c.offset, c.value.lo, c.value.hi, c.old_clk}, c.is_real, "old");
  b.send(MEMORY, {c.segment, c.offset, c.value.lo, c.value.hi, new_clk}, c.is_real, "new");
  range_check(b, 16, c.new_clk.lo, c.is_real, "new clock, low");
  range_check(b, 13, c.new_clk.hi, c.is_real, "new clock, high");
  range_check(b, 16, c.gap_lo, c.is_real, "gap, low");
  range_check(b, 13, (new_clk - c.old_clk - 1 - c.gap_lo) * F::from(1u << 16).inverse(), c.is_real, "gap, high");
}

}  // namespace zkvm::isa
