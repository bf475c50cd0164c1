#pragma once

#include "precompiles/nn/limbs.hpp"
#include "precompiles/nn/row_buses.hpp"

namespace zkvm::precompiles::nn {

template <class T>
struct SharesColumns {
  T is_real, uses;
  ExponentialMessage<T> exponential;
  ReciprocalMessage<T> reciprocal;
  ProductColumns<T> product;  ///< of both
  T y, full;                  ///< result + 128; 1: the quotient is 256, one more
  T z0, z1;                   ///< remainder
};

}  // namespace zkvm::precompiles::nn
