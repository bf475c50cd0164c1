// 32-bit word <-> RV32IM instruction, both derived from the table in opcodes.hpp.
#pragma once

#include <cstdint>
#include <optional>

#include "isa/opcodes.hpp"

namespace zkvm::isa {

// Operand fields that the format lacks are 0. `imm` by format: I, S, B, J the sign-extended immediate (B and J: byte
// offset, even); U the value that enters the upper bits (imm << 12 done); SHIFT the amount 0..31; R and NONE 0.
struct Instruction {
  Op op = Op::ADDI;
  uint8_t rd = 0, rs1 = 0, rs2 = 0;
  uint32_t imm = 0;

  friend constexpr bool operator==(const Instruction&, const Instruction&) = default;
};

// The instruction that `word` encodes, or nothing if it is not RV32IM as the machine knows it (compressed, CSR, ebreak,
// reserved encodings).
std::optional<Instruction> decode(uint32_t word);

// Inverse of decode. Registers must be < 32 and the immediate representable in the format (range as above); bits that
// do not fit are dropped.
uint32_t encode(const Instruction& instruction);

}  // namespace zkvm::isa
