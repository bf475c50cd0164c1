#pragma once

#include "isa/chips/arithmetic.hpp"

namespace zkvm::isa {

template <class T>
struct AddColumns {
  T is_add, is_sub;
  Start<T> at;
  RegisterRead<T> rs1, rs2;
  Word<T> result;
  RegisterWrite<T> rd;
};

}  // namespace zkvm::isa
