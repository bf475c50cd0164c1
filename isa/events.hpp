// What the tracing executor hands to the chips: one Event per executed instruction, grouped by chip, in execution
// order, and one RefreshEvent per cell that had to be carried over a clock gap of more than 16 bits.
//
// Clocks: an instruction at clock c (4, 8, 12, ...) reads rs1 at c, rs2 at c + 1, memory at c + 2 and writes rd at c
// + 3. Every "previous clock" below is the cell's clock before this access and after a refresh, so access clock -
// previous clock - 1 < ACCESS_GAP_LIMIT. Cells that were never accessed have clock 0.
#pragma once

#include <cstdint>

namespace zkvm::isa {

inline constexpr uint32_t ACCESS_GAP_LIMIT = 1u << 16;
inline constexpr uint32_t FIRST_CLOCK = 4;
inline constexpr uint32_t INPUT_LENGTH_CLOCK = 1;  // when the verifier writes the word of the input's length
inline constexpr uint32_t CLOCKS_PER_INSTRUCTION = 4;
inline constexpr uint32_t CLOCK_LIMIT = 1u << 29;

// Address spaces of the memory bus.
inline constexpr uint32_t SPACE_REGISTER = 0;   // address: register number 0..32
inline constexpr uint32_t SPACE_RAM = 1;        // address: byte address, multiple of 4
inline constexpr uint32_t SPACE_JOURNAL = 2;    // address 0: number of journal words written so far
inline constexpr uint32_t SPACE_READ_ONLY = 3;  // address: as in RAM; words that no store reaches

// Fields that the row's operation has no use for are 0 (see RowOpInfo).
// ECALL rows: a = a7 (x17, read at c), b = a0 (x10, at c + 1), mem_prev / mem_prev_clk = a1 (x11, at c + 2); for
// WRITE_JOURNAL_WORD also rd_prev / rd_prev_clk / result = the journal cell before, its clock, and after (at c + 3).
struct Event {
  uint32_t pc, clk;
  uint32_t a, b;          // rs1 and rs2; b = row.imm if the row does not read rs2, and 1 for loads from read-only
                          // memory, 0 for other loads. Merged rows: a = the register before
  uint32_t result;        // rd's new value; stores: the new memory word; otherwise 0
  uint32_t rd_prev;       // rd's old value
  uint32_t a_prev_clk;    // rs1's previous clock; 0 for merged rows
  uint32_t b_prev_clk;    // rs2's previous clock
  uint32_t rd_prev_clk;   // rd's previous clock
  uint32_t mem_prev;      // memory word before the access (loads: the word read)
  uint32_t mem_prev_clk;  // that word's previous clock
  uint32_t next_pc;       // 0 for HALT
};
static_assert(sizeof(Event) == 48);

// The cell (space, addr) keeps `value` and moves from old_clk to new_clk = clock of the access that follows - 1.
struct RefreshEvent {
  uint32_t space, addr, value, old_clk, new_clk;

  friend constexpr bool operator==(const RefreshEvent&, const RefreshEvent&) = default;
};

}  // namespace zkvm::isa
