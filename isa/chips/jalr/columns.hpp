#pragma once

#include "isa/chips/gadgets.hpp"

namespace zkvm::isa {

template <class T>
struct JalrColumns {
  T is_real;
  Start<T> at;
  RegisterRead<T> rs1;
  T immediate;  ///< in [-2048, 2047]
  T bit0;       ///< of rs1 + immediate; dropped
  T link_high;  ///< (pc + 4) >> 16
  RegisterWrite<T> rd;
};

}  // namespace zkvm::isa
