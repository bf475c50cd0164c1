#pragma once
/// \file
/// What the program table says about the instruction at a pc, in the terms of the chip that proves it.
///
/// op is row_code(RowOp), plus VARIANT where one RowOp needs a second kind of entry:
///   LI (LI_CONST and JAL alike: op LI_CONST)    c0, c1 = limbs of the constant, c2 = next pc
///   ADDI, ADDI_SAME, loads, stores, JALR        c0 = immediate as a field element in [-2048, 2047]; JALR: c1 = (pc +
///   4) >> 16 ANDI, ORI, XORI                             c0 = low limb of the immediate, c1 = its sign bit SLTI, SLTIU
///   c0, c1 = limbs of the immediate SLLI, SRLI, SRAI (VARIANT: amount >= 16)    c0 = t, c1 = 2^t, c2 = 2^(16 - t);
///   right: t = amount & 15, left: 16 - that branches: two entries per pc, one for each outcome of the comparison (BEQ
///   and BNE: a == b, op BEQ; BEQZ and BNEZ: op BEQZ; BLT and BGE: signed a < b, op BLT; BLTU and BGEU: op BLTU;
///   VARIANT: it holds); c0 = next pc with that outcome

#include <cstdint>

#include "isa/chips/buses.hpp"
#include "isa/rows.hpp"

namespace zkvm::isa {

using ProgramFields = ProgramMessage<stark::F>;

inline constexpr uint32_t VARIANT = 64;
/// Never 0: the table's padding rows have op 0, which no instruction row can ask for.
constexpr uint32_t row_code(RowOp op) { return static_cast<uint32_t>(op) + 1; }
static_assert(ROW_OP_COUNT < VARIANT);

constexpr bool is_branch(Chip chip) { return chip == Chip::BEQ || chip == Chip::BEQZ || chip == Chip::BLT; }

/// The comparison that a branch row decides by, and whether the branch is taken when it holds.
struct Comparison {
  RowOp op;
  bool taken_if_holds;
};
constexpr Comparison comparison(RowOp op) {
  switch (op) {
    case RowOp::BNE:
      return {RowOp::BEQ, false};
    case RowOp::BNEZ:
      return {RowOp::BEQZ, false};
    case RowOp::BGE:
      return {RowOp::BLT, false};
    case RowOp::BGEU:
      return {RowOp::BLTU, false};
    default:
      return {op, true};
  }
}

/// `holds` matters for branches only. All zero if row.op == RowOp::COUNT (no instruction there).
ProgramFields program_fields(uint32_t pc, const Row& row, bool holds = false);

}  // namespace zkvm::isa
