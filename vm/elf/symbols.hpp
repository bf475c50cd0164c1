// Function symbols, for traps, profiles and disassembly.
#pragma once

#include <libelf.h>

#include <vector>

#include "vm/elf/program.hpp"

namespace zkvm::vm {

// The functions and labels of the static symbol table that lie in the program's code; whatever is damaged is left out.
std::vector<Symbol> read_symbols(Elf* elf, const Program& program);
// Names of the program's layer records, by address.
std::map<uint32_t, std::string> read_layer_names(Elf* elf, const Program& program);

}  // namespace zkvm::vm
