#pragma once

#include "isa/chips/gadgets.hpp"

namespace zkvm::isa {

/// ADDI with rd == rs1: rd.old is the operand.
template <class T>
struct AddiSameColumns {
  T is_real;
  Start<T> at;
  RegisterWrite<T> rd;
  T immediate;  ///< in [-2048, 2047]
  Word<T> result;
};

}  // namespace zkvm::isa
