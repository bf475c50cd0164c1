#pragma once
/// \file
/// Columns of the three chips, and the buses between them.

#include "precompiles/call.hpp"
#include "precompiles/keccak/permutation.hpp"

namespace zkvm::precompiles::keccak {

/// A half of a lane is 32 of its bits, 0 the low ones: a word of memory. A half of a plane is its five halves of lanes,
/// x = 0 ... 4.

/// The call at clk replaces the half plane whose words are at address, address + 8, ...; `segment` is that of the
/// state's first word.
template <class T>
struct WordsMessage {
  T clk, half, plane, address, segment;
};
/// Half a plane of the call at clk before round `round`; after all of them, round = ROUNDS.
template <class T>
struct PlaneMessage {
  T clk, round, half, plane;
  isa::Word<T> lanes[5];
};
inline constexpr stark::Bus<WordsMessage> WORDS{32, false, "keccak words"};
inline constexpr stark::Bus<PlaneMessage> PLANE{33, false, "keccak planes"};

inline constexpr size_t KECCAK_MEMORY_ROWS_PER_CALL = 10;
/// A row without bits, then two rows a round: low halves, high halves.
inline constexpr size_t KECCAK_ROUNDS_ROWS_PER_CALL = 1 + 2 * ROUNDS;

/// A row of the calls' chip: one call.
template <class T>
struct KeccakCallColumns {
  T is_real;
  CallColumns<T> call;
  PointerColumns<T> pointer;
};

/// A row of the memory's chip: half a plane, read and replaced.
template <class T>
struct KeccakMemoryColumns {
  T is_real;
  WordsMessage<T> words;
  struct Replaced {
    T prev, carry;  ///< clock of the last access; carry of the word's address out of the segment
    isa::Word<T> before, after;
  } lanes[5];
};

/// A row of the rounds' chip: one half of every lane in one round. All bits lowest first.
template <class T>
struct KeccakRoundsColumns {
  static constexpr unsigned OUTER = 4, INNER = 6;
  T low, high;                    ///< which half; both 0: neither, and no round
  T clk;                          ///< of the call
  T outer[OUTER], inner[INNER];   ///< one-hot each: round INNER i + j has outer[i] and inner[j]
  T before[5][32], after[5][32];  ///< parities of the columns before and after theta
  T bits[LANES][32];              ///< after theta
  isa::Word<T> in[LANES];         ///< before theta
  T chi[IOTA_BITS];               ///< of the result: bits of lane 0 that iota can change, before it does
  isa::Word<T> result[2][LANES];  ///< of the round if this row is low and the next one is high, both halves
};

}  // namespace zkvm::precompiles::keccak
