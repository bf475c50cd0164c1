#pragma once

#include "isa/chips/arithmetic.hpp"

namespace zkvm::isa {

/// ADD and SUB with rd == rs1: rd.old is the first operand.
template <class T>
struct AddSameColumns {
  T is_add, is_sub;
  Start<T> at;
  RegisterRead<T> rs2;
  Word<T> result;
  RegisterWrite<T> rd;
};

}  // namespace zkvm::isa
