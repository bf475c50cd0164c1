#pragma once

#include "isa/chips/arithmetic.hpp"

namespace zkvm::isa {

template <class T>
struct MulhColumns {
  T is_mulh, is_mulhu, is_mulhsu;
  Start<T> at;
  RegisterReadOf<T> rs1, rs2;
  Bytes<T> a, b;     ///< of rs1 and rs2
  T sign_a, sign_b;  ///< top bits of operands that are signed; otherwise 0
  Word<T> low;       ///< of the unsigned product
  Word<T> result;
  T carry0, carry1;  ///< out of the limbs of low, 10 bits
  T carry2;          ///< out of result.lo, in [-2, 2^10 - 2)
  T carry3;          ///< out of result.hi: -2, -1 or 0
  RegisterWrite<T> rd;
};

}  // namespace zkvm::isa
