// Why a guest could not go on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace zkvm::vm {

enum class TrapKind : uint8_t {
  ILLEGAL_INSTRUCTION,  // also ebreak and CSR instructions
  MISALIGNED_JUMP,
  JUMP_OUTSIDE_CODE,
  MISALIGNED_LOAD,
  MISALIGNED_STORE,
  LOAD_OUTSIDE_MEMORY,
  STORE_OUTSIDE_MEMORY,
  STORE_TO_READ_ONLY_MEMORY,
  STACK_OVERFLOW,
  UNKNOWN_ECALL,
  BAD_ECALL_ARGUMENT,
};
std::string_view trap_name(TrapKind kind);

struct Trap {
  TrapKind kind;
  uint32_t pc;              // of the instruction that could not be executed; nothing of it has happened
  std::string symbol;       // "function+0x12", or "" if no symbol covers pc
  std::string reason;       // with the offending values
  std::string disassembly;  // of the instruction at pc; "" if pc is not in the code

  // One line: "trap at 0x00010074 (main+0x10): misaligned load: ... [lw a0, 2(a1)]".
  std::string message() const;
};

}  // namespace zkvm::vm
