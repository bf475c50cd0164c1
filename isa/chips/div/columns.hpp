#pragma once

#include "isa/chips/arithmetic.hpp"

namespace zkvm::isa {

/// |rs1| = quotient |rs2| + remainder over the integers, for unsigned operations without the bars.
template <class T>
struct DivColumns {
  T is_div, is_divu, is_rem, is_remu;
  Start<T> at;
  RegisterRead<T> rs1, rs2;
  T sign_a, sign_b;                  ///< top bits of rs1 and rs2 if signed; otherwise 0
  T dividend_lo;                     ///< low limb of |rs1|; the high one is an expression
  Bytes<T> divisor;                  ///< |rs2|
  T by_zero;                         ///< rs2 == 0
  Bytes<T> quotient;                 ///< all ones if by_zero
  Word<T> remainder;                 ///< below the divisor unless by_zero
  T carry;                           ///< out of the low limb of quotient * divisor + remainder, 10 bits
  T borrow;                          ///< of divisor.lo - remainder.lo - 1
  T signs_differ;                    ///< sign_a xor sign_b
  T negate;                          ///< the result is the negative of quotient or remainder
  T negate_carry, negate_carry_out;  ///< of result + magnitude = 0 mod 2^32
  Word<T> result;
  RegisterWrite<T> rd;
};

}  // namespace zkvm::isa
