#pragma once
/// \file
/// The program table: one entry per instruction word, in order, then the second entries of branches. Words that are no
/// instruction have an all-zero entry (op 0), like padding.

#include <cstdint>
#include <span>
#include <vector>

#include "isa/chips/program/fields.hpp"

namespace zkvm::isa {

/// Instructions of pcs [begin, end), multiples of 4; the row of `begin` is rows[first_row].
struct PcRange {
  uint32_t begin, end;
  size_t first_row;
};

/// Immutable, so threads may share it.
class ProgramTable {
 public:
  /// `ranges` are disjoint and lie within `rows`.
  ProgramTable(std::span<const PcRange> ranges, std::span<const Row> rows);

  size_t size() const { return entries_.size(); }
  const ProgramFields& operator[](size_t index) const { return entries_[index]; }

  /// Index of the entry of `pc`, which must be that of an instruction; for a branch, of the outcome `fails`.
  uint32_t index(uint32_t pc) const {
    const Range* r = ranges_.data();
    while (pc - r->begin >= r->bytes) ++r;
    return r->first + (pc - r->begin) / 4;
  }
  /// Of a branch: the entry of this outcome.
  uint32_t index(uint32_t pc, bool holds) const {
    const uint32_t i = index(pc);
    return holds ? second_[i] : i;
  }

 private:
  struct Range {
    uint32_t begin, bytes, first;
  };
  std::vector<Range> ranges_;  ///< the largest first
  std::vector<ProgramFields> entries_;
  std::vector<uint32_t> second_;  ///< per instruction word
};

}  // namespace zkvm::isa
