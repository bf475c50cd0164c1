// Guest memory: the words of the image, the zero-initialised region and the input region.
#pragma once

#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

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

// Which addresses exist, and their words. With CLOCKED every word carries the clock of its last access beside it (one
// cache line instead of two), and pages remember whether a word of theirs was touched.
template <bool CLOCKED>
class Memory {
 public:
  // `program` must outlive the memory. input.size() <= MAX_INPUT_BYTES.
  Memory(const Program& program, std::span<const uint8_t> input);

  // Whether the word that contains addr exists.
  bool valid(uint32_t addr) const {
    const uint8_t kind = page_kinds_[addr / PAGE_BYTES];
    return kind == FULL || (kind == PARTIAL && valid_in_partial_page(addr));
  }

  // Whether all words of addr's page exist.
  bool full_page(uint32_t addr) const { return page_kinds_[addr / PAGE_BYTES] == FULL; }

  // The word that contains addr, which must be valid.
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

  // Final contents, increasing addresses: every image word (clk 0 if untouched) ...
  std::vector<FinalCell> image_cells() const requires CLOCKED;
  // ... and the touched words of the zero and the input region.
  std::vector<FinalCell> zero_cells() const requires CLOCKED;
  std::vector<FinalCell> input_cells() const requires CLOCKED;

 private:
  enum PageKind : uint8_t { INVALID, FULL, PARTIAL };

  void add_range(uint32_t begin, uint32_t end);
  bool valid_in_partial_page(uint32_t addr) const;
  uint32_t input_word(uint32_t addr) const;
  template <class Initial>
  std::vector<FinalCell> touched_cells(uint32_t begin, uint32_t end, Initial initial) const;

  const Program* program_;
  std::vector<uint8_t> input_;  // kept for the initial values only if CLOCKED
  uint32_t input_size_ = 0;
  std::vector<uint8_t> page_kinds_, touched_pages_;  // one per page of the 32-bit address space
  std::vector<std::pair<uint32_t, uint32_t>> ranges_;
  Reservation<std::conditional_t<CLOCKED, Cell, uint32_t>> words_;
};

}  // namespace zkvm::vm
