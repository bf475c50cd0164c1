#pragma once

#include "isa/chips/gadgets.hpp"

namespace zkvm::isa {

template <class T>
struct LwColumns {
  T is_real;
  Start<T> at;
  RegisterRead<T> rs1;
  Address<T> address;
  T read_only;  ///< 1 if the word is in the read-only space
  T memory_prev;
  Word<T> value;  ///< the memory word, and rd's new value
  RegisterWrite<T> rd;
};

}  // namespace zkvm::isa
