#pragma once

#include "precompiles/nn/buses.hpp"

namespace zkvm::precompiles::nn {

inline constexpr unsigned WEIGHT_LANES = 32;

/// A line of weights, fixed: of a dense layer the weights of 32 neighbouring output channels for one input channel and
/// tap; of a depthwise layer those of the taps of one channel, phase and kernel row.
template <class T>
struct WeightsFixed {
  T is_real, first, last;  ///< of a form
  T depthwise;
  T layer, index;  ///< of the form
  T i, j, k;       ///< exponents of lane 0: A, B and G^4
  T weight[WEIGHT_LANES];
};
/// Main columns. Forms: sum, power.
template <class T>
struct WeightsColumns {
  T uses;
};
inline constexpr unsigned WEIGHTS_FORMS = 2;

}  // namespace zkvm::precompiles::nn
