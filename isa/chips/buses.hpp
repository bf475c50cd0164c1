#pragma once
/// \file
/// The buses of the machine and the layout of their messages, written once for both sides.
///
/// Look-up buses (PROGRAM, RANGE, AND, BYTES) are local: the shard's own table sends each entry with a free
/// multiplicity and users receive with a 0/1 multiplicity. A message that no table sends cannot balance, because fewer
/// than p are received. The others are global and have 0/1 multiplicities on both sides.

#include <cstdint>

#include "isa/events.hpp"
#include "stark/air/expression.hpp"

namespace zkvm::isa {

/// The instruction at `pc` is next, its clock is `clk`. The verifier sends the first one; HALT alone receives without
/// sending.
template <class T>
struct StateMessage {
  T pc, clk;
};

/// A cell of memory holds (lo, hi) since `clk`. RAM cell of byte address A (a multiple of 4): segment = A >> 16, offset
/// = A & 0xffff; words that cannot be written to are in a space of their own: segment = READ_ONLY_SPACE + (A >> 16). A
/// word exists in one of both spaces at most. Register r: (REGISTER_SEGMENT, r). Journal index: (JOURNAL_SEGMENT, 0),
/// value in `lo` alone. Addresses travel as limbs, so no address of 32 bits can alias another one modulo p.
template <class T>
struct MemoryMessage {
  T segment, offset, lo, hi, clk;
};
/// Stores name segments in [-1, 2^16]; loads those, and these with READ_ONLY_SPACE added.
inline constexpr uint32_t READ_ONLY_SPACE = 0x4'0000;
/// The word at 0x4000'0000 is (INPUT_LENGTH_SEGMENT, 0).
inline constexpr uint32_t INPUT_LENGTH_SEGMENT = READ_ONLY_SPACE + 0x4000;
/// Segments of cells that no load or store can name.
inline constexpr uint32_t REGISTER_SEGMENT = 0x2'0000;
inline constexpr uint32_t JOURNAL_SEGMENT = 0x2'0001;
inline constexpr uint32_t PADDING_SEGMENT = 0x2'0002;

/// One entry of the program table; see program/fields.hpp for op and c0, c1, c2 per chip. Unused fields are 0.
template <class T>
struct ProgramMessage {
  T pc, op, rd, rs1, rs2, c0, c1, c2;
};

/// value is in [0, 2^bits), bits in 0..16.
template <class T>
struct RangeMessage {
  T bits, value;
};

/// a and b are bytes, result = a & b.
template <class T>
struct AndMessage {
  T a, b, result;
};

/// a and b are bytes.
template <class T>
struct BytesMessage {
  T a, b;
};

/// Word `index` of the journal.
template <class T>
struct JournalMessage {
  T index, lo, hi;
};

/// The instruction at clk halts with this exit code and this journal length in bytes.
template <class T>
struct HaltMessage {
  T code_lo, code_hi, length_lo, length_hi, clk;
};

/// `word` (address / 4, within the region) is the last one initialised so far. Its limbs have so many bits, 16 unless
/// it is the input's last word and holds fewer than four bytes.
template <class T>
struct ChainMessage {
  T region, word;
  T low_bits, high_bits;
};
/// REGION_ZERO: word = address / 4. REGION_INPUT: word = (address - 0x4000'0000) / 4; word 0, the input's length, is
/// not of the region: it is a cell of the image table that the verifier writes.
inline constexpr uint32_t REGION_ZERO = 0;
inline constexpr uint32_t REGION_INPUT = 1;

inline constexpr stark::Bus<StateMessage> STATE{1, false, "state"};
inline constexpr stark::Bus<MemoryMessage> MEMORY{2, false, "memory"};
inline constexpr stark::Bus<ProgramMessage> PROGRAM{3, true, "program"};
inline constexpr stark::Bus<RangeMessage> RANGE{4, true, "range"};
inline constexpr stark::Bus<AndMessage> AND{5, true, "and"};
inline constexpr stark::Bus<BytesMessage> BYTES{6, true, "bytes"};
inline constexpr stark::Bus<JournalMessage> JOURNAL{7, false, "journal"};
inline constexpr stark::Bus<HaltMessage> HALT{8, false, "halt"};
inline constexpr stark::Bus<ChainMessage> CHAIN{9, false, "chain"};

}  // namespace zkvm::isa
