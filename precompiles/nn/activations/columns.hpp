#pragma once

#include "precompiles/nn/parts.hpp"

namespace zkvm::precompiles::nn {

inline constexpr unsigned POSITIONS = 8;  ///< words a row

/// Main columns. Forms: sum[4], power, row_power; see air.hpp.
template <class T>
struct ActivationsColumns {
  T is_real, first, end, last;  ///< end: the last group of an image row; last: of the job
  T call;
  JobMessage<T> job;  ///< `rows`: left, this one included. `offset`: used where first
  T cols_left;        ///< in this image row, this group included
  T emits_one;        ///< last by_line
  T read_only;        ///< 1 if the tensor is in the read-only space
  T address, segment;
  T active[POSITIONS - 1], carry[POSITIONS - 1];  ///< of positions 1 ... 7; position 0 is always active
  SignedWord<T> word[POSITIONS];
};
inline constexpr unsigned ACTIVATIONS_FORMS = LANES + 2;

}  // namespace zkvm::precompiles::nn
