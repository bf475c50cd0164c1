// Runs an executable under qemu's user-mode emulator (Debian package qemu-user).
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace zkvm::differential {

// What the program wrote to stdout; empty if it failed or qemu-riscv32 is missing.
std::vector<uint8_t> run_qemu(const std::filesystem::path& elf);
std::vector<uint8_t> run_qemu(std::span<const uint8_t> elf);

}  // namespace zkvm::differential
