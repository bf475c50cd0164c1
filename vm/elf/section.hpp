// Sections that are in the file only.
#pragma once

#include <libelf.h>

#include <cstdint>
#include <span>
#include <string>

namespace zkvm::vm {

// The contents of the first section of this name that is not loaded; empty if there is none, if it is damaged or
// compressed, or if it is larger than `max_bytes`. `file` is what `elf` was made from.
std::string read_section(Elf* elf, std::span<const uint8_t> file, const char* name, size_t max_bytes);

}  // namespace zkvm::vm
