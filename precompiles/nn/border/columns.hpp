#pragma once

#include "precompiles/nn/buses.hpp"

namespace zkvm::precompiles::nn {

inline constexpr unsigned BORDER_LANES = 32;

/// Main columns. Forms: power_i, power_j, power_k, power_ij, sum; see air.hpp.
template <class T>
struct BorderColumns {
  T is_real, first, last;
  T call;
  WindowMessage<T> window;
  T i, j, k;                    ///< exponents: the position, and 4 k the first channel
  T above, below, left, right;  ///< why the position is outside of the window, one-hot
  T distance;                   ///< from it, less 1
  T value[BORDER_LANES];
};
inline constexpr unsigned BORDER_FORMS = 5;

}  // namespace zkvm::precompiles::nn
