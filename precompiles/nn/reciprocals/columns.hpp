#pragma once

#include "precompiles/nn/limbs.hpp"
#include "precompiles/nn/row_buses.hpp"
#include "precompiles/nn/row_layers.hpp"

namespace zkvm::precompiles::nn {

/// A step of Newton's: the next estimate is y + 8 high(y error).
template <class T>
struct NewtonColumns {
  ProductColumns<T> denominator_y, y_error;
  T error[3];  ///< two bytes and what is above, signed
  T y[4];      ///< the next estimate's bytes
};
template <class T>
struct ReciprocalsColumns {
  T is_real, uses;
  T low, high;              ///< limbs of the sum
  T headroom[HEADROOMS];    ///< one-hot: 1 ... 12
  T denominator[4], carry;  ///< sum 2^(headroom - 1), as bytes; between its limbs
  ProductColumns<T> start;
  T y[4];  ///< the first estimate's bytes
  NewtonColumns<T> step[NEWTON_STEPS];
  T over;  ///< 1: the last estimate is 2^31 or more, beyond what 31 bits hold
  T r[4];
};

}  // namespace zkvm::precompiles::nn
