#include "isa/decode.hpp"

namespace zkvm::isa {
namespace {

constexpr uint32_t bits(uint32_t word, unsigned low, unsigned count) { return (word >> low) & ((1u << count) - 1); }

constexpr uint32_t sign_extend(uint32_t value, unsigned width) {
  const uint32_t sign = 1u << (width - 1);
  return (value ^ sign) - sign;
}

constexpr uint32_t immediate(Format format, uint32_t w) {
  switch (format) {
    case Format::I:
      return sign_extend(bits(w, 20, 12), 12);
    case Format::SHIFT:
      return bits(w, 20, 5);
    case Format::S:
      return sign_extend(bits(w, 25, 7) << 5 | bits(w, 7, 5), 12);
    case Format::B:
      return sign_extend(bits(w, 31, 1) << 12 | bits(w, 7, 1) << 11 | bits(w, 25, 6) << 5 | bits(w, 8, 4) << 1, 13);
    case Format::U:
      return w & 0xfffff000u;
    case Format::J:
      return sign_extend(bits(w, 31, 1) << 20 | bits(w, 12, 8) << 12 | bits(w, 20, 1) << 11 | bits(w, 21, 10) << 1, 21);
    case Format::R:
    case Format::NONE:
      return 0;
  }
  return 0;
}

constexpr uint32_t immediate_bits(Format format, uint32_t imm) {
  switch (format) {
    case Format::I:
      return bits(imm, 0, 12) << 20;
    case Format::SHIFT:
      return bits(imm, 0, 5) << 20;
    case Format::S:
      return bits(imm, 5, 7) << 25 | bits(imm, 0, 5) << 7;
    case Format::B:
      return bits(imm, 12, 1) << 31 | bits(imm, 5, 6) << 25 | bits(imm, 1, 4) << 8 | bits(imm, 11, 1) << 7;
    case Format::U:
      return imm & 0xfffff000u;
    case Format::J:
      return bits(imm, 20, 1) << 31 | bits(imm, 1, 10) << 21 | bits(imm, 11, 1) << 20 | bits(imm, 12, 8) << 12;
    case Format::R:
    case Format::NONE:
      return 0;
  }
  return 0;
}

constexpr bool has_rd(Format f) { return f != Format::S && f != Format::B && f != Format::NONE; }
constexpr bool has_rs1(Format f) { return f != Format::U && f != Format::J && f != Format::NONE; }
constexpr bool has_rs2(Format f) { return f == Format::R || f == Format::S || f == Format::B; }

}  // namespace

std::optional<Instruction> decode(uint32_t word) {
  for (size_t i = 0; i < OP_COUNT; ++i) {
    const Opcode& entry = OPCODES[i];
    if ((word & entry.mask) != entry.match) continue;
    Instruction out;
    out.op = static_cast<Op>(i);
    if (has_rd(entry.format)) out.rd = static_cast<uint8_t>(bits(word, 7, 5));
    if (has_rs1(entry.format)) out.rs1 = static_cast<uint8_t>(bits(word, 15, 5));
    if (has_rs2(entry.format)) out.rs2 = static_cast<uint8_t>(bits(word, 20, 5));
    out.imm = immediate(entry.format, word);
    return out;
  }
  return std::nullopt;
}

uint32_t encode(const Instruction& instruction) {
  const Opcode& entry = opcode(instruction.op);
  uint32_t word = entry.match | immediate_bits(entry.format, instruction.imm);
  if (has_rd(entry.format)) word |= (instruction.rd & 31u) << 7;
  if (has_rs1(entry.format)) word |= (instruction.rs1 & 31u) << 15;
  if (has_rs2(entry.format)) word |= (instruction.rs2 & 31u) << 20;
  return word;
}

}  // namespace zkvm::isa
