#pragma once

#include "isa/chips/arithmetic.hpp"

namespace zkvm::isa {

template <class T>
struct MulColumns {
  T is_real;
  Start<T> at;
  RegisterReadOf<T> rs1, rs2;
  Bytes<T> a, b;  ///< of rs1 and rs2
  Word<T> result;
  T carry0, carry1;  ///< out of each limb of the product, 10 bits
  RegisterWrite<T> rd;
};

}  // namespace zkvm::isa
