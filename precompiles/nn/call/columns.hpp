#pragma once

#include "precompiles/nn/buses.hpp"

namespace zkvm::precompiles::nn {

template <class T>
struct NnCallColumns {
  T is_real;
  CallColumns<T> call;
  PointerColumns<T> layer, input, second, output;  ///< a0 ... a3
  T input_read_only, second_read_only;             ///< 1 if the tensor is in the read-only space
  T input_uses, second_uses, output_uses;          ///< look-ups of the pointers
};

}  // namespace zkvm::precompiles::nn
