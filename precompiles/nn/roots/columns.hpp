#pragma once

#include "precompiles/nn/row_buses.hpp"

namespace zkvm::precompiles::nn {

template <class T>
struct RootsColumns {
  T is_real;
  T layer;
  T cols[2], epsilon[2];  ///< modulo 2^8, and what is above
  T sum[2];               ///< the same, signed
  T squares[3];           ///< 8, 16 and 3 bits
  T variance, carry;      ///< the variance modulo 2^8; what these bytes make above
  T root[4];              ///< bytes
  T rest[3];              ///< 2^24 variance - root^2, in limbs of 16, 16 and 1 bits
  T square_carry[2];
  T gap[3], gap_borrow;  ///< 2 root - rest, likewise; between its limbs
  T inverse[5];          ///< bytes
  T remainder[2];        ///< 2^47 - inverse root, limbs of 16 bits
  T division_carry[2];
  T less[2], less_borrow;  ///< root - 1 - remainder, likewise
};

}  // namespace zkvm::precompiles::nn
