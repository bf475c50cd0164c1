// A guest program as the machine sees it: what the ELF file says, settled and checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "isa/rows.hpp"
#include "precompiles/nn/layer.hpp"

namespace zkvm::vm {

// Address map, in bytes; every bound but the input's end is a multiple of 4 KiB. Memory is the words of the image, the
// heap [zero_start, heap_end()), the stack [stack_start, RAM_END), and the input: its length (u32) at INPUT_BEGIN, then
// its bytes, then zeros up to a multiple of 4. Loads and stores elsewhere trap, and so do stores to the input and to
// words of segments that are not writable.
inline constexpr uint32_t PAGE_BYTES = 4096;
inline constexpr uint32_t IMAGE_BEGIN = 0x0001'0000;
inline constexpr uint32_t RAM_END = 0x2000'0000;
inline constexpr uint32_t INPUT_BEGIN = 0x4000'0000;
inline constexpr uint32_t INPUT_END = 0x6000'0000;
inline constexpr uint32_t MAX_INPUT_BYTES = INPUT_END - INPUT_BEGIN - 4;

// The stack grows down from RAM_END. Below it is a gap without memory, so that a program whose stack overflows traps
// before it reaches the heap.
inline constexpr uint32_t DEFAULT_STACK_BYTES = 16u << 20;  // where the ELF file's PT_GNU_STACK has no size
inline constexpr uint32_t STACK_GAP_BYTES = 16u << 20;
inline constexpr uint32_t MAX_STACK_BYTES = RAM_END - IMAGE_BEGIN - STACK_GAP_BYTES - PAGE_BYTES;

// Every image word is a row of the image table, so images are bounded; larger constants belong into the input.
inline constexpr uint32_t MAX_IMAGE_BYTES = 64u << 20;

// Layer records (ZKVM_NN_ROM_BEGIN to ZKVM_NN_ROM_END) are not memory: only calls read them.
inline constexpr uint32_t MAX_ROM_BYTES = 160u << 20;

inline constexpr uint32_t MAX_MODEL_BYTES = 1u << 20;

// One PT_LOAD segment: `bytes` (the file's) at addr, followed by zeros up to mem_size.
struct Segment {
  uint32_t addr = 0;
  uint32_t mem_size = 0;
  bool readable = false, writable = false, executable = false;
  std::vector<uint8_t> bytes;
};

struct ImageWord {
  uint32_t addr;  // multiple of 4
  uint32_t word;
  bool read_only;  // of a segment that is not writable

  friend bool operator==(const ImageWord&, const ImageWord&) = default;
};

// Instructions may be fetched from [begin, end); the row of `begin` is rows[first_row].
struct CodeRange {
  uint32_t begin, end;
  size_t first_row;
};

// A function (or a label in executable memory). size 0: unknown, reaches to the next symbol.
struct Symbol {
  uint32_t addr, size;
  std::string name;  // demangled
};

struct Program {
  uint32_t entry = 0;
  std::vector<Segment> segments;  // increasing addresses, disjoint

  // All words with a fixed initial value, increasing addresses. The last segment's words reach to zero_start if it is
  // writable, so that memory has no gap between data and heap; other segments' to their end.
  std::vector<ImageWord> image;
  // [zero_start, heap_end()) and [stack_start, RAM_END) are zero-initialised; multiples of PAGE_BYTES.
  uint32_t zero_start = IMAGE_BEGIN;
  uint32_t stack_start = RAM_END - DEFAULT_STACK_BYTES;
  uint32_t heap_end() const { return stack_start - STACK_GAP_BYTES; }

  // Code is never writable.
  std::vector<CodeRange> code;  // increasing, disjoint, bounds multiples of 4
  std::vector<isa::Row> rows;   // op == RowOp::COUNT where the word is not an instruction
  std::vector<uint32_t> words;  // the instruction words, parallel to rows

  // The layers in read-only memory; never null.
  std::shared_ptr<const precompiles::nn::Rom> rom = std::make_shared<precompiles::nn::Rom>();

  std::vector<Symbol> symbols;  // increasing addresses
  // Names of layer records, by address; those without a symbol are missing.
  std::map<uint32_t, std::string> layer_names;
  // The file's section .zkvm.model, at most MAX_MODEL_BYTES of any bytes: how people read the program's input and
  // journal (guest-sdk/compiler/info.hpp). Not part of what runs or of the image ID; empty if there is none.
  std::string model;

  // Index into rows and words of the instruction at pc, or -1 if pc is misaligned or outside of the code.
  ptrdiff_t row_index(uint32_t pc) const {
    for (const CodeRange& range : code) {
      if (pc >= range.begin && pc < range.end) {
        return pc % 4 == 0 ? static_cast<ptrdiff_t>(range.first_row + (pc - range.begin) / 4) : -1;
      }
    }
    return -1;
  }
  // pc must be that of an instruction.
  const isa::Row& row(uint32_t pc) const { return rows[static_cast<size_t>(row_index(pc))]; }

  // The symbol that contains pc, or nullptr.
  const Symbol* find_symbol(uint32_t pc) const;
  // The record's name, or its address in hexadecimal.
  std::string layer_name(uint32_t addr) const;
  // "name+0x12" ("name" at its start), or "" if no symbol contains pc.
  std::string symbolize(uint32_t pc) const;
};

}  // namespace zkvm::vm
