#pragma once
/// \file
/// What trace generation works on: the executor's events in, table rows and look-up counts out.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "isa/chips/program/table.hpp"
#include "isa/events.hpp"
#include "stark/field/koalabear.hpp"

namespace zkvm::isa {

/// How often each look-up was received: one object per thread while rows are filled, then summed up for the tables.
struct LookupCounts {
  static constexpr size_t ENTRIES = size_t{1} << 16;

  explicit LookupCounts(size_t program_entries)
      : range16(ENTRIES),
        bits(ENTRIES),
        and_bytes(ENTRIES),
        bytes(ENTRIES),
        signed_pairs(ENTRIES),
        program(program_entries) {}

  std::vector<uint32_t> range16;    ///< RANGE(16, value)
  std::vector<uint32_t> bits;       ///< RANGE(bits < 16, value), at 2^bits + value
  std::vector<uint32_t> and_bytes;  ///< AND(a, b, .), at a + 256 b
  std::vector<uint32_t> bytes;      ///< BYTES(a, b), at a + 256 b
  /// A limb as two signed bytes, at the limb; provided by a table of the precompiles (precompiles/nn).
  std::vector<uint32_t> signed_pairs;
  std::vector<uint32_t> program;  ///< by index into the ProgramTable

  LookupCounts& operator+=(const LookupCounts& other);
  void clear();
};

/// A memory cell at both ends of the execution. Registers and the journal cell start at 0.
struct BoundaryCell {
  uint32_t addr;
  uint32_t initial, value;
  uint32_t clk;  ///< of the last access, 0 if there was none
};

/// Everything that some chip's rows are made from; a chip reads the part that is its own.
struct TraceInput {
  const ProgramTable* program = nullptr;    ///< instruction chips, PROGRAM
  std::span<const Event> events;            ///< instruction chips: events of this chip
  std::span<const RefreshEvent> refreshes;  ///< REFRESH
  /// ZERO_MEMORY: all touched words, increasing addresses. INPUT_MEMORY: the same of the input's words behind its
  /// length, and the last one in any case. IMAGE: in the order of the preprocessed table (see traces.hpp).
  std::span<const BoundaryCell> cells;
  uint32_t first_word = 0, stack_word = 0;  ///< ZERO_MEMORY: zero_start / 4, stack_start / 4
  uint32_t input_bytes = 0;                 ///< INPUT_MEMORY: the input's length
  const LookupCounts* totals = nullptr;     ///< PROGRAM, LOOKUP: this shard's counts over all its other tables
};

/// Where row i of a table goes: a pointer to its first main column. Rows need not be contiguous.
class RowWriter {
 public:
  template <class Target>
  explicit RowWriter(const Target& target)
      : self_(&target), row_([](const void* self, size_t i) { return (*static_cast<const Target*>(self))(i); }) {}
  stark::F* operator()(size_t i) const { return row_(self_, i); }

 private:
  const void* self_;
  stark::F* (*row_)(const void*, size_t);
};

/// Writes rows begin .. end - 1 of a chip, all main columns of each: row i is made from event (cell, entry) i and goes
/// to out(i). Adds the look-ups that these rows receive to `counts` (not those of padding: all-zero rows receive
/// nothing). Thread-safe for distinct rows and counts.
using FillFunction = void (*)(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts& counts);

/// 1 / x in Montgomery form for x < 2^17, and 0 for x = 0: sums of two limbs.
const stark::F* small_inverses();

}  // namespace zkvm::isa
