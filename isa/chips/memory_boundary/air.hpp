#pragma once
/// \file
/// ZERO_MEMORY and INPUT_MEMORY prove: each word of their region starts at most once. ZERO_MEMORY: with 0.
/// INPUT_MEMORY: every word of the input starts with limbs below 2^16, and the last one with zeros behind the input's
/// end; words behind it do not exist.
///
/// A row is a word. Receives CHAIN, MEMORY (final), RANGE; sends CHAIN, MEMORY (initial). Degree 2.
///
/// ZERO_MEMORY: 32 cells, INPUT_MEMORY: 40 cells.
///
/// - The rows of a region form one chain over all tables and shards: each takes the last word and puts a larger one;
///   the verifier puts the word before the region's first and takes the last word of all. Fewer than p rows, and w
///   grows strictly as an integer, since w is in [0, 2^27), the word before is in [-1, 2^27) and the difference less 1
///   is in [0, 2^27): no wrap modulo p. So no closed cycles, no word twice, and all words lie between the ends that the
///   verifier names; that keeps them apart from the image's words. Zeroed memory is two such stretches, heap and stack,
///   each with ends of its own: a chain that jumped from one to the other would leave the higher start to the lower
///   end.
/// - is_real: boolean. low, high: by look-ups, so w and the cell determine each other and the cell's address is
///   canonical: offset 4 low < 2^16, segment below 2^16. gap: by look-ups; the word before is affine in it. final_*:
///   what the last access left; of no consequence.
/// - Input. initial: what the program reads; private input. The value stays, since the cell is in the read-only space.
///   low_bits, high_bits: whoever takes the row's CHAIN message says what they are: the next row 16, the verifier, who
///   takes the last word of the input of the length that it names, what remains of that word.

#include "isa/chips/memory_boundary/columns.hpp"

namespace zkvm::isa {

/// `low_bits`, `high_bits`: of the row's own word.
inline void region_air(AirBuilder& b, const RegionColumns<Expr>& c, uint32_t region, int64_t first_segment,
                       const Word<Expr>& initial, const Word<Expr>& final_value, Expr low_bits, Expr high_bits) {
  one_hot(b, c.is_real);
  const Expr w = c.low + 16384 * c.high;
  const Expr before = w - 1 - c.gap.lo - 65536 * c.gap.hi;
  const Expr id = b.constant(int64_t{region}), whole = b.constant(int64_t{16});
  b.receive(CHAIN, {id, before, whole, whole}, c.is_real, "word before");
  b.send(CHAIN, {id, w, low_bits, high_bits}, c.is_real, "word");
  range_check(b, 14, c.low, c.is_real, "low");
  range_check(b, 13, c.high, c.is_real, "high");
  range_check(b, 16, c.gap.lo, c.is_real, "gap, low");
  range_check(b, 11, c.gap.hi, c.is_real, "gap, high");
  const Expr segment = c.high + first_segment, offset = 4 * c.low;
  b.send(MEMORY, {segment, offset, initial.lo, initial.hi, b.constant(int64_t{0})}, c.is_real, "initial");
  b.receive(MEMORY, {segment, offset, final_value.lo, final_value.hi, c.final_clk}, c.is_real, "final");
}

inline void zero_memory_air(AirBuilder& b) {
  const auto c = b.main<ZeroMemoryColumns>();
  const Expr zero = b.constant(int64_t{0}), whole = b.constant(int64_t{16});
  region_air(b, c.region, REGION_ZERO, 0, {zero, zero}, c.final_value, whole, whole);
}

inline void input_memory_air(AirBuilder& b) {
  const auto c = b.main<InputMemoryColumns>();
  region_air(b, c.region, REGION_INPUT, INPUT_LENGTH_SEGMENT, c.initial, c.initial, c.low_bits, c.high_bits);
  b.receive(RANGE, {c.low_bits, c.initial.lo}, c.region.is_real, "initial.lo");
  b.receive(RANGE, {c.high_bits, c.initial.hi}, c.region.is_real, "initial.hi");
}

}  // namespace zkvm::isa
