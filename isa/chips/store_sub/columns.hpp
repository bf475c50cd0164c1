#pragma once

#include "isa/chips/gadgets.hpp"

namespace zkvm::isa {

/// `value` is what is stored: the low byte (SB) or low half (SH) of rs2; `above` the second byte of rs2 (SB) or 0.
/// `old_part` is what it replaces and `kept` the other byte of that half (SB) or 0.
template <class T>
struct StoreSubColumns {
  T is_sb, is_sh;
  Start<T> at;
  RegisterRead<T> rs1;
  RegisterReadOf<T> rs2;
  T value, above, rs2_high;
  Address<T> address;
  T bit0, bit1;  ///< low bits of the address
  T memory_prev;
  Word<T> old;
  T old_part, kept;
  Word<T> stored;  ///< the word after
};

}  // namespace zkvm::isa
