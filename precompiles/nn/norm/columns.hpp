#pragma once

#include "precompiles/nn/limbs.hpp"
#include "precompiles/nn/parts.hpp"
#include "precompiles/nn/requantise.hpp"
#include "precompiles/nn/row_buses.hpp"

namespace zkvm::precompiles::nn {

template <class T>
struct NormElement {
  T deviation[3];  ///< 2^7 (n x - sum): two bytes and what is above, signed
  ProductColumns<T> product;
  RequantiseColumns<T> channel;
};
template <class T>
struct NormWord {
  SignedWord<T> x;
  WrittenWord<T> z;
  T gamma[LANES], beta[LANES];
  NormElement<T> element[LANES];
};
template <class T>
struct NormColumns {
  PartRun<T> run;
  PartSource<T> x;
  PartTensor<T> z;
  T total;         ///< sum of the tensor row
  T inverse[5];    ///< what its deviations are multiplied by, as bytes
  T sum, squares;  ///< of elements up to the end of this row
  NormWord<T> word[PART_ROW_WORDS];
};

}  // namespace zkvm::precompiles::nn
