#pragma once

#include "isa/chips/buses.hpp"

namespace zkvm::isa {

/// A cell with a fixed initial value: registers 0 .. 32 and the journal cell (all 0), then the words of the image; the
/// rest of the rows are cells (PADDING_SEGMENT, row) that nothing else names.
template <class T>
struct ImageFixed {
  T segment, offset, lo, hi;
};

template <class T>
struct ImageColumns {
  T final_lo, final_hi, final_clk;
};

}  // namespace zkvm::isa
