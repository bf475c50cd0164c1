#pragma once
/// \file
/// Provides the initial memory that the image ID fixes: a row is one cell. Sends MEMORY (initial value at clock 0),
/// receives MEMORY (final value). 9 cells and 4 preprocessed. The table occurs exactly once in a proof, so each cell
/// starts once.
///
/// Every row is real: multiplicities are the constant 1, padding rows are cells of their own segment. final_*: what the
/// last access of the cell left; determined by MEMORY, and of no consequence.

#include "isa/chips/image/columns.hpp"

namespace zkvm::isa {

inline void image_air(stark::AirBuilder& b) {
  const auto f = b.preprocessed<ImageFixed>();
  const auto c = b.main<ImageColumns>();
  const stark::Expr one = b.constant(int64_t{1});
  b.send(MEMORY, {f.segment, f.offset, f.lo, f.hi, b.constant(int64_t{0})}, one, "initial");
  b.receive(MEMORY, {f.segment, f.offset, c.final_lo, c.final_hi, c.final_clk}, one, "final");
}

}  // namespace zkvm::isa
