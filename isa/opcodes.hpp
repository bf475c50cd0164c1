// The one table of RV32IM instructions. Decoder, encoder, names and tests are all derived from it.
//
// Source: "The RISC-V Instruction Set Manual, Volume I", chapter "RV32/64G Instruction Set Listings" (RV32I, M,
// Zifencei). `ebreak` and the CSR instructions are deliberately absent: the machine traps on them, so they are not
// decodable.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace zkvm::isa {

// X(enumerator, assembler name, format, match, mask): a word w is this instruction iff (w & mask) == match.
// Masks cover every bit that is not an operand field of the format; they are pairwise disjoint in what they accept.
#define ZKVM_RV32IM_OPCODES(X)                     \
  X(LUI, "lui", U, 0x00000037, 0x0000007f)         \
  X(AUIPC, "auipc", U, 0x00000017, 0x0000007f)     \
  X(JAL, "jal", J, 0x0000006f, 0x0000007f)         \
  X(JALR, "jalr", I, 0x00000067, 0x0000707f)       \
  X(BEQ, "beq", B, 0x00000063, 0x0000707f)         \
  X(BNE, "bne", B, 0x00001063, 0x0000707f)         \
  X(BLT, "blt", B, 0x00004063, 0x0000707f)         \
  X(BGE, "bge", B, 0x00005063, 0x0000707f)         \
  X(BLTU, "bltu", B, 0x00006063, 0x0000707f)       \
  X(BGEU, "bgeu", B, 0x00007063, 0x0000707f)       \
  X(LB, "lb", I, 0x00000003, 0x0000707f)           \
  X(LH, "lh", I, 0x00001003, 0x0000707f)           \
  X(LW, "lw", I, 0x00002003, 0x0000707f)           \
  X(LBU, "lbu", I, 0x00004003, 0x0000707f)         \
  X(LHU, "lhu", I, 0x00005003, 0x0000707f)         \
  X(SB, "sb", S, 0x00000023, 0x0000707f)           \
  X(SH, "sh", S, 0x00001023, 0x0000707f)           \
  X(SW, "sw", S, 0x00002023, 0x0000707f)           \
  X(ADDI, "addi", I, 0x00000013, 0x0000707f)       \
  X(SLTI, "slti", I, 0x00002013, 0x0000707f)       \
  X(SLTIU, "sltiu", I, 0x00003013, 0x0000707f)     \
  X(XORI, "xori", I, 0x00004013, 0x0000707f)       \
  X(ORI, "ori", I, 0x00006013, 0x0000707f)         \
  X(ANDI, "andi", I, 0x00007013, 0x0000707f)       \
  X(SLLI, "slli", SHIFT, 0x00001013, 0xfe00707f)   \
  X(SRLI, "srli", SHIFT, 0x00005013, 0xfe00707f)   \
  X(SRAI, "srai", SHIFT, 0x40005013, 0xfe00707f)   \
  X(ADD, "add", R, 0x00000033, 0xfe00707f)         \
  X(SUB, "sub", R, 0x40000033, 0xfe00707f)         \
  X(SLL, "sll", R, 0x00001033, 0xfe00707f)         \
  X(SLT, "slt", R, 0x00002033, 0xfe00707f)         \
  X(SLTU, "sltu", R, 0x00003033, 0xfe00707f)       \
  X(XOR, "xor", R, 0x00004033, 0xfe00707f)         \
  X(SRL, "srl", R, 0x00005033, 0xfe00707f)         \
  X(SRA, "sra", R, 0x40005033, 0xfe00707f)         \
  X(OR, "or", R, 0x00006033, 0xfe00707f)           \
  X(AND, "and", R, 0x00007033, 0xfe00707f)         \
  X(FENCE, "fence", I, 0x0000000f, 0x0000707f)     \
  X(FENCE_I, "fence.i", I, 0x0000100f, 0x0000707f) \
  X(ECALL, "ecall", NONE, 0x00000073, 0xffffffff)  \
  X(MUL, "mul", R, 0x02000033, 0xfe00707f)         \
  X(MULH, "mulh", R, 0x02001033, 0xfe00707f)       \
  X(MULHSU, "mulhsu", R, 0x02002033, 0xfe00707f)   \
  X(MULHU, "mulhu", R, 0x02003033, 0xfe00707f)     \
  X(DIV, "div", R, 0x02004033, 0xfe00707f)         \
  X(DIVU, "divu", R, 0x02005033, 0xfe00707f)       \
  X(REM, "rem", R, 0x02006033, 0xfe00707f)         \
  X(REMU, "remu", R, 0x02007033, 0xfe00707f)

enum class Op : uint8_t {
#define X(NAME, TEXT, FORMAT, MATCH, MASK) NAME,
  ZKVM_RV32IM_OPCODES(X)
#undef X
      COUNT
};

// Where the operands sit. SHIFT is I with a five-bit amount; NONE has no operand fields.
enum class Format : uint8_t { R, I, SHIFT, S, B, U, J, NONE };

struct Opcode {
  std::string_view name;
  Format format;
  uint32_t match;
  uint32_t mask;
};

inline constexpr size_t OP_COUNT = static_cast<size_t>(Op::COUNT);

inline constexpr std::array<Opcode, OP_COUNT> OPCODES = {{
#define X(NAME, TEXT, FORMAT, MATCH, MASK) {TEXT, Format::FORMAT, MATCH, MASK},
    ZKVM_RV32IM_OPCODES(X)
#undef X
}};
#undef ZKVM_RV32IM_OPCODES

constexpr const Opcode& opcode(Op op) { return OPCODES[static_cast<size_t>(op)]; }

}  // namespace zkvm::isa
