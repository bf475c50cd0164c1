#include "vm/exec/trap.hpp"

#include <cstdio>

namespace zkvm::vm {

std::string_view trap_name(TrapKind kind) {
  switch (kind) {
    case TrapKind::ILLEGAL_INSTRUCTION:
      return "illegal-instruction";
    case TrapKind::MISALIGNED_JUMP:
      return "misaligned-jump";
    case TrapKind::JUMP_OUTSIDE_CODE:
      return "jump-outside-code";
    case TrapKind::MISALIGNED_LOAD:
      return "misaligned-load";
    case TrapKind::MISALIGNED_STORE:
      return "misaligned-store";
    case TrapKind::LOAD_OUTSIDE_MEMORY:
      return "load-outside-memory";
    case TrapKind::STORE_OUTSIDE_MEMORY:
      return "store-outside-memory";
    case TrapKind::STORE_TO_READ_ONLY_MEMORY:
      return "store-to-read-only-memory";
    case TrapKind::STACK_OVERFLOW:
      return "stack-overflow";
    case TrapKind::UNKNOWN_ECALL:
      return "unknown-ecall";
    case TrapKind::BAD_ECALL_ARGUMENT:
      return "bad-ecall-argument";
  }
  return "unknown";
}

std::string Trap::message() const {
  char address[16];
  std::snprintf(address, sizeof address, "0x%08x", pc);
  std::string text = std::string("trap at ") + address;
  if (!symbol.empty()) text += " (" + symbol + ")";
  text += ": " + reason;
  if (!disassembly.empty()) text += " [" + disassembly + "]";
  return text;
}

}  // namespace zkvm::vm
