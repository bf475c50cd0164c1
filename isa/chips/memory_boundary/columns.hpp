#pragma once

#include "isa/chips/gadgets.hpp"

namespace zkvm::isa {

/// A touched word of a region, number w = low + 2^14 high within it, so that the cell is (base segment + high, 4 low).
template <class T>
struct RegionColumns {
  T is_real;
  T low, high;  ///< below 2^14, 2^13
  Word<T> gap;  ///< w - (word before) - 1, below 2^27
  Word<T> final_value;
  T final_clk;
};

template <class T>
using ZeroMemoryColumns = RegionColumns<T>;

template <class T>
struct InputMemoryColumns {
  RegionColumns<T> region;
  Word<T> initial;
};

}  // namespace zkvm::isa
