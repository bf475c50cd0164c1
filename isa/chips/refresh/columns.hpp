#pragma once

#include "isa/chips/gadgets.hpp"

namespace zkvm::isa {

/// A cell that keeps its value and gets a later clock.
template <class T>
struct RefreshColumns {
  T is_real;
  T segment, offset;
  Word<T> value;
  T old_clk;
  Word<T> new_clk;
  T gap_lo;  ///< low limb of new_clk - old_clk - 1
};

}  // namespace zkvm::isa
