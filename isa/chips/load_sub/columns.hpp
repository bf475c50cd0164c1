#pragma once

#include "isa/chips/gadgets.hpp"

namespace zkvm::isa {

/// The word is split no further than needed: `part` is the half-word (LH, LHU) or the byte (LB, LBU) that is loaded,
/// `rest` the other byte of its half.
template <class T>
struct LoadSubColumns {
  T is_lb, is_lbu, is_lh, is_lhu;
  Start<T> at;
  RegisterRead<T> rs1;
  Address<T> address;
  T bit0, bit1;  ///< low bits of the address
  T read_only;   ///< 1 if the word is in the read-only space
  T memory_prev;
  Word<T> memory;
  T part, rest;
  T sign_byte, sign_half;  ///< LB, LH: top bit of part; otherwise 0
  RegisterWrite<T> rd;
};

}  // namespace zkvm::isa
