#pragma once
/// \file
/// What the machine offers a precompile while it executes a call.

#include <array>
#include <cstdint>
#include <string>

namespace zkvm::precompiles {

/// The registers that a call reads, and the clocks of their last accesses (tracing only; after a refresh).
/// Clocks: the call at clk reads a7 at clk, a0 ... a3 at clk + 1 ... clk + 4, memory at clk + 5, and writes memory at
/// clk + 6; the next instruction has clk + CALL_CLOCKS.
struct CallEvent {
  uint32_t pc, clk;
  uint32_t a7_prev;
  std::array<uint32_t, 4> a, prev;
};
inline constexpr uint32_t CALL_CLOCKS = 8, READ_CLOCK = 5, WRITE_CLOCK = 6;

/// What can be done with words of memory.
enum class Access : uint8_t { NONE, READ, WRITE };  ///< WRITE: read and write

/// For messages, between a number of bytes and an address.
inline const char* describe(Access needed) {
  return needed == Access::WRITE ? " bytes of writable memory, found none at " : " bytes of memory, found none at ";
}

/// Memory as a precompile sees it. Addresses are multiples of 4. A call checks with `access` all that it will access,
/// and any other argument, before it stores or touches anything: a call that traps leaves nothing behind.
class Host {
 public:
  virtual ~Host() = default;
  /// Of all words of [addr, addr + bytes), addr a multiple of 4. NONE if they are not all of one kind: an operand lies
  /// in one space (isa/chips/buses.hpp). WRITE if there are none.
  virtual Access access(uint32_t addr, uint64_t bytes) const = 0;
  virtual uint32_t load(uint32_t addr) const = 0;
  virtual void store(uint32_t addr, uint32_t value) = 0;
  /// Tracing: records an access of the word at `clock` and returns the clock of the one before, which is less than 2^16
  /// earlier (a refresh is recorded if need be). Clocks of a word's accesses must increase.
  virtual uint32_t touch(uint32_t addr, uint32_t clock) = 0;
};

/// Pointers into memory are below MEMORY_END, those to layer records below 0x7f00'0000 (call.hpp).
inline constexpr uint32_t MEMORY_END = 0x6000'0000;

/// Empty, or why the call traps: what was expected and what was found.
using CallError = std::string;

}  // namespace zkvm::precompiles
