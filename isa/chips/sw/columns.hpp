#pragma once

#include "isa/chips/gadgets.hpp"

namespace zkvm::isa {

template <class T>
struct SwColumns {
  T is_real;
  Start<T> at;
  RegisterRead<T> rs1, rs2;
  Address<T> address;
  T memory_prev;
  Word<T> old;  ///< the memory word before
};

}  // namespace zkvm::isa
