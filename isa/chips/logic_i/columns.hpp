#pragma once

#include "isa/chips/arithmetic.hpp"

namespace zkvm::isa {

/// The immediate is sign-extended from 12 bits, so its high limb is 0 or 2^16 - 1 and needs no bytes.
template <class T>
struct LogicIColumns {
  T is_and, is_or, is_xor;
  Start<T> at;
  RegisterReadOf<T> rs1;
  T a0, a1, a_high;  ///< bytes of the low limb of rs1, and the high limb
  T i0, i1, sign;    ///< bytes of the low limb of the immediate, and its sign bit
  T common0, common1;
  Word<T> result;
  RegisterWrite<T> rd;
};

}  // namespace zkvm::isa
