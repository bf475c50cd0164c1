// Lies of an executor, for tests of soundness (tests/faults): it does something else than the program says, once, and
// goes on from there, so that all that follows is consistent with it. They exist where ZKVM_FAULTS is defined: in the
// test's own build of the machine, never in the command (vm/cli/main.cpp) or the libraries.
#pragma once

#include <cstdint>

#ifdef ZKVM_FAULTS
namespace zkvm::vm {

enum class FaultKind : uint8_t {
  RESULT,        // a value other than the instruction's goes into the register or memory
  OPERAND,       // an operand is another than the register's: the rest of the row fits
  OTHER_ROW,     // another operation of its chip, or other registers, or another immediate
  SKIP,          // not executed
  REPEAT,        // executed twice
  TARGET,        // goes on elsewhere
  STALE,         // loads what the word held before the last store
  MISPLACED,     // loads from, or stores into, another word
  HALT,          // halts
  JOURNAL,       // another word goes into the journal
  CELL,          // a register or a word of memory or input changes by itself
  CALL_SKIPPED,  // a precompile's call without its work, or without writing
  CALL_DOUBLED,  // done twice
  CALL_LAYER,    // of another layer: its weights, its tables
  CALL_POINTER,  // with another pointer
  CALL_OUTPUT,   // one wrong word or value of the output
  CALL_INPUT,    // one word of the input is not what memory holds
};
inline constexpr unsigned FAULT_KINDS = 17;

// At the instruction of this clock; `variant` and `value` say how.
struct Fault {
  FaultKind kind;
  uint32_t clk, variant, value;
  uint32_t address = 0;  // CELL: of a word
  bool told = false;     // set by the machine
  // Set by the machine, too. STALE: clock of the last store; TARGET: where it went.
  uint32_t store_clk = 0, went_to = 0;
};

}  // namespace zkvm::vm

// Executes the statements, with `lie`, if the machine lies in this way now.
#define ZKVM_LIE(KIND, ...)                                       \
  if (const Fault* lie = tell(FaultKind::KIND); lie != nullptr) { \
    __VA_ARGS__                                                   \
  }
#else
#define ZKVM_LIE(KIND, ...)
#endif
