#pragma once

#include "precompiles/nn/parts.hpp"

namespace zkvm::precompiles::nn {

template <class T>
struct PoolOutputChannel {
  T value;                 ///< sum or maximum
  T negative, size, low;   ///< its sign, its size, the size's low limb
  T quotient, rest;        ///< size + half = quotient count + rest
  T rounded;               ///< quotient with the sign
  T saturated, beyond, y;  ///< 1: at max, -1: at min, 0; how far rounded is beyond it
};
template <class T>
struct PoolOutputColumns {
  T is_real, first, last;
  T call;
  PoolMessage<T> pool;
  T quad, window;
  T address, segment;
  WrittenWord<T> word;
  PoolOutputChannel<T> channel[LANES];
};

}  // namespace zkvm::precompiles::nn
