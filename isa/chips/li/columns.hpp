#pragma once

#include "isa/chips/gadgets.hpp"

namespace zkvm::isa {

/// LUI, AUIPC, JAL, fence and immediates added to x0: rd takes a constant, and the next pc is a constant.
template <class T>
struct LiColumns {
  T is_real;
  Start<T> at;
  T next_pc;
  Word<T> constant;
  RegisterWrite<T> rd;
};

}  // namespace zkvm::isa
