#pragma once

#include "isa/chips/arithmetic.hpp"

namespace zkvm::isa {

template <class T>
struct ShiftRColumns {
  ShiftFlags<T> op;
  Start<T> at;
  RegisterReadOf<T> rs1, rs2;
  /// rs2.lo = bit0 + 2 bit1 + 4 bit2 + 8 bit3 + 16 (op flag ends in 1) + 32 rest
  T bit0, bit1, bit2, bit3, rest;
  T rs2_high;
  T power01;  ///< 2^(bit0 + 2 bit1) on real rows
  ShiftColumns<T> shift;
  RegisterWrite<T> rd;
};

}  // namespace zkvm::isa
