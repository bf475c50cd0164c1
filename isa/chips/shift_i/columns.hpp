#pragma once

#include "isa/chips/arithmetic.hpp"

namespace zkvm::isa {

template <class T>
struct ShiftIColumns {
  ShiftFlags<T> op;
  Start<T> at;
  RegisterReadOf<T> rs1;
  ShiftColumns<T> shift;
  RegisterWrite<T> rd;
};

}  // namespace zkvm::isa
