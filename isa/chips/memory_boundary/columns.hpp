#pragma once

#include "isa/chips/gadgets.hpp"

namespace zkvm::isa {

/// A word of a region, number w = low + 2^14 high within it, so that the cell is (base segment + high, 4 low).
template <class T>
struct RegionColumns {
  T is_real;
  T low, high;  ///< below 2^14, 2^13
  Word<T> gap;  ///< w - (word before) - 1, below 2^27
  T final_clk;
};

/// A touched word.
template <class T>
struct ZeroMemoryColumns {
  RegionColumns<T> region;
  Word<T> final_value;
};

/// A word that is touched, or the input's last one.
template <class T>
struct InputMemoryColumns {
  RegionColumns<T> region;
  Word<T> initial;        ///< and final: the input cannot be written to
  T low_bits, high_bits;  ///< of the word's limbs, 16 but for the input's last word
};

/// Bits of the limbs of an input's last word: what its `bytes` (mod 4; 0: all four) fill.
struct TailBits {
  uint32_t low, high;
};
inline TailBits tail_bits(uint32_t input_bytes) {
  switch (input_bytes % 4) {
    case 1:
      return {8, 0};
    case 2:
      return {16, 0};
    case 3:
      return {16, 8};
    default:
      return {16, 16};
  }
}

}  // namespace zkvm::isa
