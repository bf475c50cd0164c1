// What RV32IM instructions compute, written once: the executor, the traces and the tests all call these functions.
// All values are 32-bit words; signed operations reinterpret them as two's complement. Source: RISC-V unprivileged
// specification, chapters RV32I and "M" (division edge cases: table "Semantics for division by zero and division
// overflow").
#pragma once

#include <cstdint>

#include "isa/opcodes.hpp"

namespace zkvm::isa {

constexpr int32_t as_signed(uint32_t x) { return static_cast<int32_t>(x); }
constexpr uint32_t as_unsigned(int32_t x) { return static_cast<uint32_t>(x); }

constexpr uint32_t shift_right_arithmetic(uint32_t a, uint32_t amount) {
  return as_unsigned(as_signed(a) >> (amount & 31));
}

constexpr uint32_t mulh(uint32_t a, uint32_t b) {
  return static_cast<uint32_t>(static_cast<uint64_t>(static_cast<int64_t>(as_signed(a)) * as_signed(b)) >> 32);
}
constexpr uint32_t mulhu(uint32_t a, uint32_t b) { return static_cast<uint32_t>((static_cast<uint64_t>(a) * b) >> 32); }
// a signed, b unsigned. |a * b| < 2^63, so the signed product does not overflow.
constexpr uint32_t mulhsu(uint32_t a, uint32_t b) {
  return static_cast<uint32_t>(static_cast<uint64_t>(static_cast<int64_t>(as_signed(a)) * static_cast<int64_t>(b)) >>
                               32);
}

// Division by zero: quotient all ones, remainder the dividend. INT_MIN / -1: quotient INT_MIN, remainder 0.
constexpr uint32_t div(uint32_t a, uint32_t b) {
  if (b == 0) return 0xffffffffu;
  if (a == 0x80000000u && b == 0xffffffffu) return a;
  return as_unsigned(as_signed(a) / as_signed(b));
}
constexpr uint32_t divu(uint32_t a, uint32_t b) { return b == 0 ? 0xffffffffu : a / b; }
constexpr uint32_t rem(uint32_t a, uint32_t b) {
  if (b == 0) return a;
  if (a == 0x80000000u && b == 0xffffffffu) return 0;
  return as_unsigned(as_signed(a) % as_signed(b));
}
constexpr uint32_t remu(uint32_t a, uint32_t b) { return b == 0 ? a : a % b; }

// Result of a register-register, register-immediate (b = immediate or shift amount) or M instruction. Other ops: 0.
constexpr uint32_t alu(Op op, uint32_t a, uint32_t b) {
  switch (op) {
    case Op::ADD:
    case Op::ADDI:
      return a + b;
    case Op::SUB:
      return a - b;
    case Op::AND:
    case Op::ANDI:
      return a & b;
    case Op::OR:
    case Op::ORI:
      return a | b;
    case Op::XOR:
    case Op::XORI:
      return a ^ b;
    case Op::SLL:
    case Op::SLLI:
      return a << (b & 31);
    case Op::SRL:
    case Op::SRLI:
      return a >> (b & 31);
    case Op::SRA:
    case Op::SRAI:
      return shift_right_arithmetic(a, b);
    case Op::SLT:
    case Op::SLTI:
      return as_signed(a) < as_signed(b) ? 1 : 0;
    case Op::SLTU:
    case Op::SLTIU:
      return a < b ? 1 : 0;
    case Op::MUL:
      return a * b;
    case Op::MULH:
      return mulh(a, b);
    case Op::MULHU:
      return mulhu(a, b);
    case Op::MULHSU:
      return mulhsu(a, b);
    case Op::DIV:
      return div(a, b);
    case Op::DIVU:
      return divu(a, b);
    case Op::REM:
      return rem(a, b);
    case Op::REMU:
      return remu(a, b);
    default:
      return 0;
  }
}

// Whether a conditional branch with operands a, b is taken; false for other ops.
constexpr bool branch_taken(Op op, uint32_t a, uint32_t b) {
  switch (op) {
    case Op::BEQ:
      return a == b;
    case Op::BNE:
      return a != b;
    case Op::BLT:
      return as_signed(a) < as_signed(b);
    case Op::BGE:
      return as_signed(a) >= as_signed(b);
    case Op::BLTU:
      return a < b;
    case Op::BGEU:
      return a >= b;
    default:
      return false;
  }
}

// Bytes that a load or store touches: 1, 2 or 4; 0 for other ops. The address must be a multiple of it.
constexpr uint32_t access_size(Op op) {
  switch (op) {
    case Op::LB:
    case Op::LBU:
    case Op::SB:
      return 1;
    case Op::LH:
    case Op::LHU:
    case Op::SH:
      return 2;
    case Op::LW:
    case Op::SW:
      return 4;
    default:
      return 0;
  }
}

// Memory is word-addressed: a load of (aligned) `address` takes its bytes out of the containing little-endian `word`.
constexpr uint32_t load_extract(Op op, uint32_t word, uint32_t address) {
  const uint32_t shifted = word >> (8 * (address & 3));
  switch (op) {
    case Op::LB:
      return as_unsigned(static_cast<int8_t>(shifted));
    case Op::LBU:
      return shifted & 0xff;
    case Op::LH:
      return as_unsigned(static_cast<int16_t>(shifted));
    case Op::LHU:
      return shifted & 0xffff;
    default:
      return word;
  }
}

// The containing word after a store of `value` to (aligned) `address`.
constexpr uint32_t store_merge(Op op, uint32_t word, uint32_t value, uint32_t address) {
  const uint32_t shift = 8 * (address & 3);
  const uint32_t mask = op == Op::SB ? 0xffu : op == Op::SH ? 0xffffu : 0xffffffffu;
  return (word & ~(mask << shift)) | ((value & mask) << shift);
}

}  // namespace zkvm::isa
