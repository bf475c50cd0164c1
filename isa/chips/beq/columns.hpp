#pragma once

#include "isa/chips/gadgets.hpp"

namespace zkvm::isa {

template <class T>
struct BeqColumns {
  T is_equal, low_differs, high_differs;  ///< the outcome, one-hot on real rows; high_differs: and the low limbs agree
  Start<T> at;
  T next_pc;
  RegisterRead<T> rs1, rs2;
  T inverse;  ///< of the limb difference that the flag names; 0 if is_equal
};

}  // namespace zkvm::isa
