#pragma once

#include "precompiles/nn/parts.hpp"
#include "precompiles/nn/requantise.hpp"

namespace zkvm::precompiles::nn {

template <class T>
struct AddWord {
  SignedWord<T> x, y;
  WrittenWord<T> z;
  T first[LANES];  ///< first table's value of x; the second's is what the accumulator has beside it
  RequantiseColumns<T> channel[LANES];
};
template <class T>
struct AddColumns {
  PartRun<T> run;
  PartSource<T> x, y;
  PartTensor<T> z;
  AddWord<T> word[PART_ROW_WORDS];
};

}  // namespace zkvm::precompiles::nn
