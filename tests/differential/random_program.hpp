// Random straight-line RV32IM programs with forward jumps and bounded loops, for running under two machines.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "vm/elf/elf_builder.hpp"

namespace zkvm::differential {

// The program sets all registers, executes its body, stores x1..x31 at DUMP and ends through an epilogue of the
// caller's choice, which starts at the same address whatever it is. Memory traffic stays within [DATA, DATA_END), which
// includes DUMP.
inline constexpr uint32_t CODE = 0x10000;
inline constexpr uint32_t DATA = 0x400000;
inline constexpr uint32_t DUMP = DATA;
inline constexpr uint32_t DUMP_BYTES = 32 * 4;
inline constexpr uint32_t DATA_BYTES = 4096;

struct RandomProgram {
  std::vector<uint32_t> code;  // up to the epilogue
  std::vector<uint8_t> data;   // DATA_BYTES
  uint8_t scratch = 0;         // the register that the dump spoils; the body neither reads nor writes it

  // Executable with the epilogue appended.
  vm::ElfBuilder build(const std::vector<uint32_t>& epilogue) const;
};

// `units` is the number of body units (an instruction, or a short sequence such as address set-up plus access).
RandomProgram random_program(std::mt19937& random, size_t units);

// Ends under Linux: write(1, DATA, DATA_BYTES), exit(0).
std::vector<uint32_t> linux_epilogue();
// Ends under the machine: HALT with exit code 0 and an empty journal.
std::vector<uint32_t> machine_epilogue();

}  // namespace zkvm::differential
