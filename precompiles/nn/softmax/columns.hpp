#pragma once

#include "precompiles/nn/parts.hpp"
#include "precompiles/nn/row_buses.hpp"

namespace zkvm::precompiles::nn {

template <class T>
struct SoftmaxWord {
  SignedWord<T> x;
  WrittenWord<T> z;
  T rounded[LANES];  ///< exponentials, as they are summed
  T y[LANES];
};
template <class T>
struct SoftmaxColumns {
  PartRun<T> run;
  PartSource<T> x;
  PartTensor<T> z;
  T top, total;                   ///< the tensor row's maximum, and the sum of its exponentials
  T sum;                          ///< of exponentials up to the end of this row
  T before;                       ///< product of the differences before this row
  T product[2 * PART_ROW_WORDS];  ///< that and each further pair of differences
  SoftmaxWord<T> word[PART_ROW_WORDS];
};

}  // namespace zkvm::precompiles::nn
