#pragma once
/// \file
/// The list of chips. A new chip is a folder and one line here.

#include <cstddef>
#include <cstdint>

#include "isa/rows.hpp"

namespace zkvm::isa {

// X(id, function names' stem, preprocessed columns (or None), main columns, presence, preprocessed set, row weight), in
// the order of the machine description. Instruction chips come first, in the order of isa::Chip. Row weight: clocks
// that a row advances.
#define ZKVM_CHIPS(X)                                                      \
  X(LI, li, None, LiColumns, OPTIONAL, -1, 4)                              \
  X(ADDI, addi, None, AddiColumns, OPTIONAL, -1, 4)                        \
  X(ADDI_SAME, addi_same, None, AddiSameColumns, OPTIONAL, -1, 4)          \
  X(ADD, add, None, AddColumns, OPTIONAL, -1, 4)                           \
  X(ADD_SAME, add_same, None, AddSameColumns, OPTIONAL, -1, 4)             \
  X(LOGIC, logic, None, LogicColumns, OPTIONAL, -1, 4)                     \
  X(LOGIC_I, logic_i, None, LogicIColumns, OPTIONAL, -1, 4)                \
  X(SHIFT_I, shift_i, None, ShiftIColumns, OPTIONAL, -1, 4)                \
  X(SHIFT_R, shift_r, None, ShiftRColumns, OPTIONAL, -1, 4)                \
  X(SLT, slt, None, SltColumns, OPTIONAL, -1, 4)                           \
  X(BEQ, beq, None, BeqColumns, OPTIONAL, -1, 4)                           \
  X(BEQZ, beqz, None, BeqzColumns, OPTIONAL, -1, 4)                        \
  X(BLT, blt, None, BltColumns, OPTIONAL, -1, 4)                           \
  X(LW, lw, None, LwColumns, OPTIONAL, -1, 4)                              \
  X(LOAD_SUB, load_sub, None, LoadSubColumns, OPTIONAL, -1, 4)             \
  X(SW, sw, None, SwColumns, OPTIONAL, -1, 4)                              \
  X(STORE_SUB, store_sub, None, StoreSubColumns, OPTIONAL, -1, 4)          \
  X(JALR, jalr, None, JalrColumns, OPTIONAL, -1, 4)                        \
  X(MUL, mul, None, MulColumns, OPTIONAL, -1, 4)                           \
  X(MULH, mulh, None, MulhColumns, OPTIONAL, -1, 4)                        \
  X(DIV, div, None, DivColumns, OPTIONAL, -1, 4)                           \
  X(ECALL, ecall, None, EcallColumns, OPTIONAL, -1, 4)                     \
  X(REFRESH, refresh, None, RefreshColumns, OPTIONAL, -1, 0)               \
  X(ZERO_MEMORY, zero_memory, None, ZeroMemoryColumns, OPTIONAL, -1, 0)    \
  X(INPUT_MEMORY, input_memory, None, InputMemoryColumns, OPTIONAL, -1, 0) \
  X(IMAGE, image, ImageFixed, ImageColumns, EXACTLY_ONCE, 1, 0)            \
  X(PROGRAM, program, ProgramMessage, ProgramColumns, EVERY_SHARD, 0, 0)   \
  X(LOOKUP, lookup, LookupFixed, LookupColumns, EVERY_SHARD, 0, 0)

/// Indices into the machine description.
struct ChipId {
  enum Index : uint16_t {
#define X(ID, name, PRE, MAIN, PRESENCE, SET, WEIGHT) ID,
    ZKVM_CHIPS(X)
#undef X
        COUNT
  };
};

}  // namespace zkvm::isa
