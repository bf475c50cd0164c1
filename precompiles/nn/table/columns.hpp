#pragma once

#include "precompiles/nn/parts.hpp"

namespace zkvm::precompiles::nn {

template <class T>
struct TableWord {
  SignedWord<T> x;
  WrittenWord<T> z;
  T y[LANES];
};
template <class T>
struct TableColumns {
  PartRun<T> run;
  PartSource<T> x;
  PartTensor<T> z;
  TableWord<T> word[PART_ROW_WORDS];
};

}  // namespace zkvm::precompiles::nn
