#pragma once
/// \file
/// ZERO_MEMORY and INPUT_MEMORY prove: each word of their region starts at most once, with 0 or with free limbs below
/// 2^16.
///
/// A row is one touched word. Receives CHAIN, MEMORY (final), RANGE; sends CHAIN, MEMORY (initial). Degree 2.
///
/// ZERO_MEMORY: 32 cells, INPUT_MEMORY: 40 cells.
///
/// - The rows of a region form one chain over all tables and shards: each takes the last word and puts a larger one;
///   the verifier puts the region's start - 1 and takes the last word of all. Fewer than p rows, and w grows strictly
///   as an integer, since w is in [0, 2^27), the word before is in [-1, 2^27) and the difference less 1 is in [0,
///   2^27): no wrap modulo p. So no closed cycles, no word twice, and all words lie between the ends that the verifier
///   names; that keeps them apart from the image's words.
/// - is_real: boolean. low, high: by look-ups, so w and the cell determine each other and the cell's address is
///   canonical: offset 4 low < 2^16, segment below 2^16. gap: by look-ups; the word before is affine in it. final_*:
///   what the last access left; of no consequence. initial: what the program reads; private input, any limbs in range.

#include "isa/chips/memory_boundary/columns.hpp"

namespace zkvm::isa {

inline constexpr int64_t INPUT_SEGMENT = 0x4000;

inline void region_air(AirBuilder& b, const RegionColumns<Expr>& c, uint32_t region, int64_t first_segment,
                       const Word<Expr>& initial) {
  one_hot(b, c.is_real);
  const Expr w = c.low + 16384 * c.high;
  const Expr before = w - 1 - c.gap.lo - 65536 * c.gap.hi;
  const Expr id = b.constant(int64_t{region});
  b.receive(CHAIN, {id, before}, c.is_real, "word before");
  b.send(CHAIN, {id, w}, c.is_real, "word");
  range_check(b, 14, c.low, c.is_real, "low");
  range_check(b, 13, c.high, c.is_real, "high");
  range_check(b, 16, c.gap.lo, c.is_real, "gap, low");
  range_check(b, 11, c.gap.hi, c.is_real, "gap, high");
  const Expr segment = c.high + first_segment, offset = 4 * c.low;
  b.send(MEMORY, {segment, offset, initial.lo, initial.hi, b.constant(int64_t{0})}, c.is_real, "initial");
  b.receive(MEMORY, {segment, offset, c.final_value.lo, c.final_value.hi, c.final_clk}, c.is_real, "final");
}

inline void zero_memory_air(AirBuilder& b) {
  const Expr zero = b.constant(int64_t{0});
  region_air(b, b.main<ZeroMemoryColumns>(), REGION_ZERO, 0, {zero, zero});
}

inline void input_memory_air(AirBuilder& b) {
  const auto c = b.main<InputMemoryColumns>();
  region_air(b, c.region, REGION_INPUT, INPUT_SEGMENT, c.initial);
  range_check(b, 16, c.initial.lo, c.region.is_real, "initial.lo");
  range_check(b, 16, c.initial.hi, c.region.is_real, "initial.hi");
}

}  // namespace zkvm::isa
