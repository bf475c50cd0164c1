#pragma once

#include "precompiles/nn/buses.hpp"

namespace zkvm::precompiles::nn {

/// Main columns. Forms: A^i, A^i B^j, A^i B^j (G^4)^k.
template <class T>
struct PowersColumns {
  T start, step_i, step_j, step_k;  ///< how this row follows from the one before, one-hot
  T i, j, k;
  T uses;
};
inline constexpr unsigned POWERS_FORMS = 3;

}  // namespace zkvm::precompiles::nn
