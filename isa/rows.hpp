// What decode settles about the instruction at a pc: which chip proves it, which registers it touches and every
// constant that the chip takes from the program table. Executor, program table and chips all read this one
// classification.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "isa/decode.hpp"

namespace zkvm::isa {

enum class Chip : uint8_t {
  LI,
  ADDI,
  ADDI_SAME,
  ADD,
  ADD_SAME,
  LOGIC,
  LOGIC_I,
  SHIFT_I,
  SHIFT_R,
  SLT,
  BEQ,
  BEQZ,
  BLT,
  LW,
  LOAD_SUB,
  SW,
  STORE_SUB,
  JALR,
  MUL,
  MULH,
  DIV,
  ECALL,
  COUNT
};
inline constexpr size_t CHIP_COUNT = static_cast<size_t>(Chip::COUNT);

// The register that stands for x0 as a destination: written, never read.
inline constexpr uint8_t SINK_REGISTER = 32;
inline constexpr size_t REGISTER_COUNT = 33;

// X(enumerator, chip, instruction whose semantics the row has, reads_rs1, reads_rs2, writes_rd, merged, reads_mem,
// writes_mem), in table order. `merged`: rd == rs1 and the register is accessed once, at clock + 3, instead of being
// read at the clock and written at clock + 3; reads_rs1 is then 0. reads_mem: the result depends on the word's old
// value (SW overwrites all of it; the old value travels on the bus all the same).
#define ZKVM_ROW_OPS(X)                           \
  X(LI_CONST, LI, LUI, 0, 0, 1, 0, 0, 0)          \
  X(JAL, LI, JAL, 0, 0, 1, 0, 0, 0)               \
  X(ADDI, ADDI, ADDI, 1, 0, 1, 0, 0, 0)           \
  X(ADDI_SAME, ADDI_SAME, ADDI, 0, 0, 1, 1, 0, 0) \
  X(ADD, ADD, ADD, 1, 1, 1, 0, 0, 0)              \
  X(SUB, ADD, SUB, 1, 1, 1, 0, 0, 0)              \
  X(ADD_SAME, ADD_SAME, ADD, 0, 1, 1, 1, 0, 0)    \
  X(SUB_SAME, ADD_SAME, SUB, 0, 1, 1, 1, 0, 0)    \
  X(AND, LOGIC, AND, 1, 1, 1, 0, 0, 0)            \
  X(OR, LOGIC, OR, 1, 1, 1, 0, 0, 0)              \
  X(XOR, LOGIC, XOR, 1, 1, 1, 0, 0, 0)            \
  X(ANDI, LOGIC_I, ANDI, 1, 0, 1, 0, 0, 0)        \
  X(ORI, LOGIC_I, ORI, 1, 0, 1, 0, 0, 0)          \
  X(XORI, LOGIC_I, XORI, 1, 0, 1, 0, 0, 0)        \
  X(SLLI, SHIFT_I, SLLI, 1, 0, 1, 0, 0, 0)        \
  X(SRLI, SHIFT_I, SRLI, 1, 0, 1, 0, 0, 0)        \
  X(SRAI, SHIFT_I, SRAI, 1, 0, 1, 0, 0, 0)        \
  X(SLL, SHIFT_R, SLL, 1, 1, 1, 0, 0, 0)          \
  X(SRL, SHIFT_R, SRL, 1, 1, 1, 0, 0, 0)          \
  X(SRA, SHIFT_R, SRA, 1, 1, 1, 0, 0, 0)          \
  X(SLT, SLT, SLT, 1, 1, 1, 0, 0, 0)              \
  X(SLTU, SLT, SLTU, 1, 1, 1, 0, 0, 0)            \
  X(SLTI, SLT, SLTI, 1, 0, 1, 0, 0, 0)            \
  X(SLTIU, SLT, SLTIU, 1, 0, 1, 0, 0, 0)          \
  X(BEQ, BEQ, BEQ, 1, 1, 0, 0, 0, 0)              \
  X(BNE, BEQ, BNE, 1, 1, 0, 0, 0, 0)              \
  X(BEQZ, BEQZ, BEQ, 1, 0, 0, 0, 0, 0)            \
  X(BNEZ, BEQZ, BNE, 1, 0, 0, 0, 0, 0)            \
  X(BLT, BLT, BLT, 1, 1, 0, 0, 0, 0)              \
  X(BGE, BLT, BGE, 1, 1, 0, 0, 0, 0)              \
  X(BLTU, BLT, BLTU, 1, 1, 0, 0, 0, 0)            \
  X(BGEU, BLT, BGEU, 1, 1, 0, 0, 0, 0)            \
  X(LW, LW, LW, 1, 0, 1, 0, 1, 0)                 \
  X(LB, LOAD_SUB, LB, 1, 0, 1, 0, 1, 0)           \
  X(LBU, LOAD_SUB, LBU, 1, 0, 1, 0, 1, 0)         \
  X(LH, LOAD_SUB, LH, 1, 0, 1, 0, 1, 0)           \
  X(LHU, LOAD_SUB, LHU, 1, 0, 1, 0, 1, 0)         \
  X(SW, SW, SW, 1, 1, 0, 0, 0, 1)                 \
  X(SB, STORE_SUB, SB, 1, 1, 0, 0, 1, 1)          \
  X(SH, STORE_SUB, SH, 1, 1, 0, 0, 1, 1)          \
  X(JALR, JALR, JALR, 1, 0, 1, 0, 0, 0)           \
  X(MUL, MUL, MUL, 1, 1, 1, 0, 0, 0)              \
  X(MULH, MULH, MULH, 1, 1, 1, 0, 0, 0)           \
  X(MULHU, MULH, MULHU, 1, 1, 1, 0, 0, 0)         \
  X(MULHSU, MULH, MULHSU, 1, 1, 1, 0, 0, 0)       \
  X(DIV, DIV, DIV, 1, 1, 1, 0, 0, 0)              \
  X(DIVU, DIV, DIVU, 1, 1, 1, 0, 0, 0)            \
  X(REM, DIV, REM, 1, 1, 1, 0, 0, 0)              \
  X(REMU, DIV, REMU, 1, 1, 1, 0, 0, 0)            \
  X(ECALL, ECALL, ECALL, 1, 1, 0, 0, 0, 0)

enum class RowOp : uint8_t {
#define X(NAME, CHIP, OP, RS1, RS2, RD, MERGED, RMEM, WMEM) NAME,
  ZKVM_ROW_OPS(X)
#undef X
      COUNT
};
inline constexpr size_t ROW_OP_COUNT = static_cast<size_t>(RowOp::COUNT);

struct RowOpInfo {
  std::string_view name;
  Chip chip;
  Op op;  // semantics: alu / branch_taken / load_extract / store_merge of this op
  bool reads_rs1, reads_rs2, writes_rd, merged, reads_mem, writes_mem;
};

inline constexpr std::array<RowOpInfo, ROW_OP_COUNT> ROW_OPS = {{
#define X(NAME, CHIP, OP, RS1, RS2, RD, MERGED, RMEM, WMEM) \
  {#NAME, Chip::CHIP, Op::OP, RS1 != 0, RS2 != 0, RD != 0, MERGED != 0, RMEM != 0, WMEM != 0},
    ZKVM_ROW_OPS(X)
#undef X
}};
#undef ZKVM_ROW_OPS

constexpr const RowOpInfo& info(RowOp op) { return ROW_OPS[static_cast<size_t>(op)]; }
std::string_view chip_name(Chip chip);

// The settled instruction at a pc.
//   rd        destination, 1..31, or 32 (sink) if the instruction names x0; 0 when the row writes no register
//   rs1, rs2  registers read, 0 when not read (see RowOpInfo); merged rows: rs1 == rd. ECALL: rs1 = 17, rs2 = 10, and
//   x11
//             is read as a third operand
//   imm       LI_CONST: the constant written; JAL: the link value pc + 4; shifts: the amount; ADDI, LOGIC_I, SLTI(U),
//             loads, stores, JALR: sign-extended immediate; otherwise 0
//   next_pc   branches: the target if taken; JAL: the target; otherwise pc + 4 (JALR computes its own)
struct Row {
  RowOp op = RowOp::COUNT;
  Chip chip = Chip::COUNT;
  uint8_t rd = 0, rs1 = 0, rs2 = 0;
  uint32_t imm = 0;
  uint32_t next_pc = 0;

  friend constexpr bool operator==(const Row&, const Row&) = default;
};

Row classify(uint32_t pc, const Instruction& instruction);

}  // namespace zkvm::isa
