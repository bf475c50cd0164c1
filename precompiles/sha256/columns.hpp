#pragma once
/// \file
/// Columns of the two chips, and the buses between them.

#include "precompiles/call.hpp"
#include "precompiles/sha256/compress.hpp"

namespace zkvm::precompiles::sha256 {

/// Working variables of the call at clk: before the rounds (step 0) and after them (LAST_ROUNDS). Slots as in the rows
/// of the rounds: the oldest first, so a[3 - i] is state word i and e[3 - i] word 4 + i.
template <class T>
struct VariablesMessage {
  T clk, step;
  isa::Word<T> a[4], e[4];
};
/// Words 4 (step - 1) ... 4 (step - 1) + 3 of the block of the call at clk, as memory holds them.
template <class T>
struct BlockMessage {
  T clk, step;
  isa::Word<T> word[4];
};
inline constexpr stark::Bus<VariablesMessage> VARIABLES{30, false, "sha256 variables"};
inline constexpr stark::Bus<BlockMessage> BLOCK{31, false, "sha256 block"};

/// Steps of a call in the table of rounds, a row each: 0 the state, 1 ... 16 four rounds each, 17 nothing.
inline constexpr unsigned ROUNDS_PER_ROW = 4, LAST_ROUNDS = ROUNDS / ROUNDS_PER_ROW, LAST_BLOCK = 4;
inline constexpr unsigned GAP = LAST_ROUNDS + 1;
inline constexpr size_t SHA256_ROWS_PER_CALL = GAP + 1;

/// A word that is read from memory.
template <class T>
struct ReadColumns {
  T prev, carry;  ///< clock of the last access; carry of base + offset into the segment
  isa::Word<T> value;
};
/// A state word: before = before the call, after = before + variable mod 2^32.
template <class T>
struct UpdateColumns {
  T prev, carry;
  isa::Word<T> before, after, variable;
};

/// A row of the calls' chip: one call.
template <class T>
struct Sha256CallColumns {
  T is_real;
  CallColumns<T> call;
  PointerColumns<T> state_pointer, block_pointer;
  T block_read_only;  ///< 1 if the block is in the read-only space
  UpdateColumns<T> state[STATE_WORDS];
  ReadColumns<T> block[BLOCK_WORDS];
};

/// Carries out of the limbs of a sum, as bits, lowest first.
template <class T, unsigned BITS>
struct CarryColumns {
  T lo[BITS], hi[BITS];
};

/// A row of the rounds' chip. Slot j at step i in 1 ... 16 is round t = 4 (i - 1) + j.
template <class T>
struct Sha256RoundsColumns {
  T step[SHA256_ROWS_PER_CALL];  ///< one-hot; all 0 on padding
  T clk;                         ///< of the call
  T a[4][32], e[4][32];          ///< bits, lowest first, of variables a and e after round t; step 0: before round 0
  T w[4][32];                    ///< bits of the schedule's word t
  /// Sums on their way into the schedule, limb by limb. With t the round of slot j one, two or three rows before and
  /// sigma = sigma0(w[t + 1]): first = w[t] + sigma, second and third the same with w[t + 9] as soon as it is there.
  isa::Word<T> first[4], second[4], third[4];
  CarryColumns<T, 2> w_carry[4];
  CarryColumns<T, 3> e_carry[4];
  CarryColumns<T, 2> a_carry[4];  ///< plus 1
};

}  // namespace zkvm::precompiles::sha256
