// Instruction words as text, through capstone (version 5 or later).
#pragma once

#include <cstdint>
#include <string>

namespace zkvm::isa {

// "addi a0, a0, 1"; branches and jal show their absolute target; ".word 0x..." if capstone does not know the word
// either. Covers more than the machine executes (CSRs, ebreak), so that traps can name what they met. Thread-safe.
std::string disassemble(uint32_t pc, uint32_t word);

// Why a word that decode refuses is refused: "ebreak", "CSR instruction", "compressed instruction", ...
const char* describe_undecodable(uint32_t word);

}  // namespace zkvm::isa
