#pragma once
/// \file
/// Guests of a few instructions, assembled here, so that tests of receipts and of the command need no cross compiler.

#include <cstdint>
#include <string>
#include <vector>

#include "vm/elf/elf_builder.hpp"
#include "vm/exec/machine.hpp"

namespace zkvm::tests {

/// Encodings of the instructions that the guests use. Registers by number; immediates in range.
constexpr uint32_t addi(uint32_t rd, uint32_t rs1, int32_t imm) {
  return static_cast<uint32_t>(imm) << 20 | rs1 << 15 | rd << 7 | 0x13;
}
constexpr uint32_t lui(uint32_t rd, uint32_t value) { return (value & 0xffff'f000u) | rd << 7 | 0x37; }
constexpr uint32_t lw(uint32_t rd, uint32_t rs1, int32_t imm) {
  return static_cast<uint32_t>(imm) << 20 | rs1 << 15 | 2u << 12 | rd << 7 | 0x03;
}
constexpr uint32_t beq(uint32_t rs1, uint32_t rs2, int32_t offset) {
  const auto o = static_cast<uint32_t>(offset);
  return (o >> 12 & 1) << 31 | (o >> 5 & 0x3f) << 25 | rs2 << 20 | rs1 << 15 | (o >> 1 & 0xf) << 8 |
         (o >> 11 & 1) << 7 | 0x63;
}
constexpr uint32_t bne(uint32_t rs1, uint32_t rs2, int32_t offset) { return beq(rs1, rs2, offset) | 1u << 12; }
inline constexpr uint32_t ECALL = 0x0000'0073, EBREAK = 0x0010'0073, LOOP_FOREVER = 0x0000'006f;
inline constexpr uint32_t A0 = 10, A1 = 11, A5 = 15, A7 = 17;
inline constexpr uint32_t CODE = 0x1'0000, DATA = 0x1'2000;

/// The guests' only output.
inline const std::string GREETING = "hello\n";

inline vm::ElfBuilder guest_of(const std::vector<uint32_t>& code) {
  vm::ElfBuilder elf;
  elf.entry = CODE;
  elf.add_code(CODE, code);
  elf.loads.push_back({.addr = DATA, .bytes = {GREETING.begin(), GREETING.end()}});
  elf.functions = {{"_start", CODE, static_cast<uint32_t>(4 * code.size())}};
  return elf;
}

inline std::vector<uint32_t> ecall(vm::Ecall number) { return {addi(A7, 0, static_cast<int32_t>(number)), ECALL}; }
inline std::vector<uint32_t> halt(int32_t exit_code, int32_t journal_bytes) {
  return {addi(A0, 0, exit_code), addi(A1, 0, journal_bytes), addi(A7, 0, 0), ECALL};
}
inline std::vector<uint32_t> operator+(std::vector<uint32_t> a, const std::vector<uint32_t>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// Prints the greeting, writes the first word of the input plus one to the journal, halts with `exit_code`. Without
/// input the word is zero.
inline vm::ElfBuilder counting_guest(int32_t exit_code = 0) {
  const std::vector<uint32_t> print = {lui(A0, DATA), addi(A1, 0, static_cast<int32_t>(GREETING.size()))};
  const std::vector<uint32_t> add = {lui(A5, vm::INPUT_BEGIN), lw(A0, A5, 0), beq(A0, 0, 8), lw(A0, A5, 4),
                                     addi(A0, A0, 1)};
  return guest_of(print + ecall(vm::Ecall::PRINT_STDOUT) + add + ecall(vm::Ecall::WRITE_JOURNAL_WORD) +
                  halt(exit_code, 4));
}
/// Its input and what it then writes.
inline const std::string COUNTING_INPUT = {41, 0, 0, 0};
inline const std::vector<uint8_t> COUNTING_JOURNAL = {42, 0, 0, 0};

/// Counts down from `rounds` (below 2^31, a multiple of 4096), two instructions a round, and halts.
inline vm::ElfBuilder looping_guest(uint32_t rounds) {
  const std::vector<uint32_t> loop = {lui(A5, rounds), addi(A5, A5, -1), bne(A5, 0, -4)};
  return guest_of(loop + halt(0, 0));
}
/// The same, but ends with a trap.
inline vm::ElfBuilder loop_and_trap_guest(uint32_t rounds) {
  return guest_of({lui(A5, rounds), addi(A5, A5, -1), bne(A5, 0, -4), EBREAK});
}
/// Writes `words` (a multiple of 4096) to its journal, and halts as if these were all.
inline vm::ElfBuilder writing_guest(uint32_t words) {
  const std::vector<uint32_t> loop = {lui(A5, words), addi(A7, 0, 1), ECALL, addi(A5, A5, -1), bne(A5, 0, -8)};
  return guest_of(loop + std::vector<uint32_t>{lui(A1, 4 * words), addi(A0, 0, 0), addi(A7, 0, 0), ECALL});
}
inline vm::ElfBuilder endless_guest() { return guest_of({LOOP_FOREVER}); }
inline vm::ElfBuilder trapping_guest() { return guest_of({addi(A0, 0, 1), EBREAK}); }

}  // namespace zkvm::tests
