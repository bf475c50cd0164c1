// Guest memory: the words of the image, heap and stack, and the input.
#pragma once

#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "isa/events.hpp"
#include "vm/elf/program.hpp"
#include "vm/exec/reservation.hpp"

namespace zkvm::vm {

// A memory word or register with the clock of its last access (0: never accessed).
struct Cell {
  uint32_t value, clk;
};

// A touched cell at the end of execution.
struct FinalCell {
  uint32_t addr;
  uint32_t initial, value;
  uint32_t clk;

  friend bool operator==(const FinalCell&, const FinalCell&) = default;
};

// One past the last word (address / 4) that `zero_cells` (Memory::zero_cells) has of the heap and of the stack; their
// starts if untouched.
std::pair<uint32_t, uint32_t> end_words(const Program& program, std::span<const FinalCell> zero_cells);

// Which addresses exist, and their words. With CLOCKED every word carries the clock of its last access beside it (one
// cache line instead of two), and pages remember whether a word of theirs was touched.
template <bool CLOCKED>
class Memory {
 public:
  // `program` must outlive the memory. input.size() <= MAX_INPUT_BYTES.
  Memory(const Program& program, std::span<const uint8_t> input);

  // Whether the word that contains addr exists, and whether it can be written to.
  bool readable(uint32_t addr) const {
    const uint8_t kind = page_kinds_[addr / PAGE_BYTES];
    return (kind & READABLE) != 0 || (kind == PARTIAL && find_range(addr) != nullptr);
  }
  bool writable(uint32_t addr) const {
    const uint8_t kind = page_kinds_[addr / PAGE_BYTES];
    return (kind & WRITABLE) != 0 || (kind == PARTIAL && writable_in_partial_page(addr));
  }

  // Neighbouring words of the same kind.
  struct Range {
    uint32_t begin, end;  // multiples of 4
    bool writable;
  };
  // The one with addr, or nullptr: no such word exists.
  const Range* find_range(uint32_t addr) const;

  // The word that contains addr, which must exist.
  uint32_t word(uint32_t addr) const { return const_cast<Memory*>(this)->word(addr); }
  uint32_t& word(uint32_t addr) {
    if constexpr (CLOCKED) {
      return words_[addr / 4].value;
    } else {
      return words_[addr / 4];
    }
  }
  Cell& cell(uint32_t addr) requires CLOCKED { return words_[addr / 4]; }
  void mark_touched(uint32_t addr) { touched_pages_[addr / PAGE_BYTES] = 1; }

  // When nothing is executed or asked for any more: gives all contents back to the kernel.
  void discard() { words_.discard(); }

  // Final contents, increasing addresses: every image word (clk 0 if untouched) ...
  std::vector<FinalCell> image_cells() const requires CLOCKED;
  // ... the touched words of heap and stack, the input's length ...
  std::vector<FinalCell> zero_cells() const requires CLOCKED;
  FinalCell input_length_cell() const requires CLOCKED;
  // ... and of the input's words those that were touched, and the last one in any case.
  std::vector<FinalCell> input_cells() const requires CLOCKED;

 private:
  // READABLE, and WRITABLE too: all words of the page are. PARTIAL: its words differ or some do not exist.
  enum PageKind : uint8_t { NONE = 0, READABLE = 1, WRITABLE = 2, PARTIAL = 4 };

  void add_range(uint32_t begin, uint32_t end, bool writable);
  bool writable_in_partial_page(uint32_t addr) const;
  uint32_t input_word(uint32_t addr) const;
  template <class Initial>
  void append_touched(std::vector<FinalCell>& out, uint32_t begin, uint32_t end, Initial initial) const;

  const Program* program_;
  std::vector<uint8_t> input_;  // kept for the initial values only if CLOCKED
  uint32_t input_size_ = 0;
  std::vector<uint8_t> page_kinds_, touched_pages_;  // one per page of the 32-bit address space
  std::vector<Range> ranges_;                        // increasing
  Reservation<std::conditional_t<CLOCKED, Cell, uint32_t>> words_;
};

}  // namespace zkvm::vm
