#pragma once
/// \file
/// How much memory there is to prove with.

#include <cstdint>
#include <string>

namespace zkvm::vm::cli {

/// Bytes of memory that this process may have: the machine's, or the least that a control group allows which it is in
/// (memory.max of version 2, memory.limit_in_bytes of version 1, those of the groups above included). `root` stands
/// before /proc and /sys. 0 if nothing can be read.
uint64_t memory_of_machine(const std::string& root = "");

/// What --memory is if it is not given: three quarters of that, so that others have some, and no more than the address
/// space that `ulimit -v` leaves for it (`address_space` bytes; UINT64_MAX: no limit).
uint64_t default_memory(uint64_t memory_of_machine, uint64_t address_space);
uint64_t default_memory();

/// Of ulimit -v, in bytes; UINT64_MAX if there is none.
uint64_t address_space_limit();

}  // namespace zkvm::vm::cli
