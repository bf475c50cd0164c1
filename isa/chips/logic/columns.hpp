#pragma once

#include "isa/chips/arithmetic.hpp"

namespace zkvm::isa {

template <class T>
struct LogicColumns {
  T is_and, is_or, is_xor;
  Start<T> at;
  RegisterReadOf<T> rs1, rs2;
  Bytes<T> a, b;    ///< of rs1 and rs2
  Bytes<T> common;  ///< a & b
  Word<T> result;
  RegisterWrite<T> rd;
};

}  // namespace zkvm::isa
