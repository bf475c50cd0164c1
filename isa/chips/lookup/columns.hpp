#pragma once

#include "isa/chips/buses.hpp"

namespace zkvm::isa {

/// Row i of 2^16.
template <class T>
struct LookupFixed {
  T a, b;         ///< i & 255, i >> 8
  T and_result;   ///< a & b
  T bits, value;  ///< row 0: 0, 0; otherwise bits = floor(log2 i), value = i - 2^bits: every (bits < 16, value <
                  ///< 2^bits) occurs
};

template <class T>
struct LookupColumns {
  T range16, range_bits, and_bytes, bytes;  ///< multiplicities
};

inline constexpr unsigned LOOKUP_LOG_HEIGHT = 16;

}  // namespace zkvm::isa
