#pragma once

#include "precompiles/nn/parts.hpp"

namespace zkvm::precompiles::nn {

template <class T>
struct PoolWord {
  T carry;
  T compared;  ///< maximum: this word is compared with those before
  SignedWord<T> word;
  T so_far[LANES];  ///< sum or maximum of the window up to this word
};
template <class T>
struct PoolColumns {
  T is_real, first, last;  ///< of the run
  T opens, wraps;          ///< the first row of a window; the last one before another row of windows
  T call;
  PoolMessage<T> pool;
  PatternMessage<T> pattern;
  T quad, window;
  T rows_left, cols_left;  ///< windows, this one included
  T read_only;             ///< 1 if the tensor is in the read-only space
  T address, segment;      ///< of the window's first word
  T before[LANES];         ///< the window's sum or maximum before this row
  PoolWord<T> word[POOL_ROW_WORDS];
};

}  // namespace zkvm::precompiles::nn
