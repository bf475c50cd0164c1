#pragma once

#include "isa/chips/gadgets.hpp"

namespace zkvm::isa {

/// BEQ and BNE against x0.
template <class T>
struct BeqzColumns {
  T is_zero, is_nonzero;  ///< the outcome of the comparison: one-hot on real rows
  Start<T> at;
  T next_pc;
  RegisterRead<T> rs1;
  T inverse;  ///< of the sum of the limbs; 0 if that is 0
};

}  // namespace zkvm::isa
