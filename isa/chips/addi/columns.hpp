#pragma once

#include "isa/chips/gadgets.hpp"

namespace zkvm::isa {

/// ADDI with rd != rs1 (mv among them).
template <class T>
struct AddiColumns {
  T is_real;
  Start<T> at;
  RegisterRead<T> rs1;
  T immediate;  ///< in [-2048, 2047]
  Word<T> result;
  T in_range;  ///< 1 / ((result.hi - 2^16) (result.hi + 1))
  RegisterWrite<T> rd;
};

}  // namespace zkvm::isa
