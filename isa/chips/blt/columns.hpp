#pragma once

#include "isa/chips/arithmetic.hpp"

namespace zkvm::isa {

template <class T>
struct BltColumns {
  T is_signed, is_unsigned;
  Start<T> at;
  T next_pc;
  RegisterRead<T> rs1, rs2;
  LessThanColumns<T> compare;
};

}  // namespace zkvm::isa
