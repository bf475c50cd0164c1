#pragma once

#include "isa/chips/buses.hpp"

namespace zkvm::isa {

/// A cell with a fixed initial value: registers 0 .. 32, the journal cell and the input's length (all 0; the verifier
/// writes the length before the first instruction), then the words of the image; the rest of the rows are cells
/// (PADDING_SEGMENT, row) that nothing else names.
template <class T>
struct ImageFixed {
  T segment, offset, lo, hi;
};

template <class T>
struct ImageColumns {
  T final_lo, final_hi, final_clk;
};

}  // namespace zkvm::isa
