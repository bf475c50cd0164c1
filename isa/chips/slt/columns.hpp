#pragma once

#include "isa/chips/arithmetic.hpp"

namespace zkvm::isa {

template <class T>
struct SltColumns {
  T is_slt, is_sltu, is_slti, is_sltiu;
  Start<T> at;
  RegisterRead<T> rs1;
  RegisterRead<T> rs2;  ///< immediate forms: the value is the immediate, reg and prev are 0
  LessThanColumns<T> compare;
  RegisterWrite<T> rd;
};

}  // namespace zkvm::isa
