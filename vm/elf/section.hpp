// What a file's section table says. It is not needed to run a program, and may be missing or damaged.
#pragma once

#include <libelf.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace zkvm::vm {

// The contents of the first section of this name that is not loaded; empty if there is none, if it is damaged or
// compressed, or if it is larger than `max_bytes`. `file` is what `elf` was made from.
std::string read_section(Elf* elf, std::span<const uint8_t> file, const char* name, size_t max_bytes);

struct AddressRange {
  uint32_t begin;
  uint64_t end;  // exclusive, below 2^33
};
// Where the loaded sections with code lie, in the file's order; empty if there are none.
std::vector<AddressRange> executable_sections(Elf* elf);

}  // namespace zkvm::vm
