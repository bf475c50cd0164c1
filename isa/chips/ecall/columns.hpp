#pragma once

#include "isa/chips/gadgets.hpp"

namespace zkvm::isa {

/// a7 selects: 0 HALT, 1 WRITE_JOURNAL_WORD, 2 and 3 PRINT. Its limbs are affine in the flags.
template <class T>
struct EcallColumns {
  T is_halt, is_write, is_stdout, is_stderr;
  Start<T> at;
  T a7_prev;
  T a0_prev;
  Word<T> a0;
  T a1_prev;
  Word<T> a1;
  T index, index_prev;  ///< WRITE_JOURNAL_WORD: the journal cell's value before
};

}  // namespace zkvm::isa
