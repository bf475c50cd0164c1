#include "isa/chips/program/table.hpp"

#include <algorithm>

namespace zkvm::isa {

ProgramTable::ProgramTable(std::span<const PcRange> ranges, std::span<const Row> rows) {
  entries_.resize(rows.size());
  second_.resize(rows.size());
  for (const PcRange& r : ranges) {
    ranges_.push_back({r.begin, r.end - r.begin, static_cast<uint32_t>(r.first_row)});
    for (uint32_t pc = r.begin; pc < r.end; pc += 4) {
      const size_t i = r.first_row + (pc - r.begin) / 4;
      entries_[i] = program_fields(pc, rows[i], false);
      if (!is_branch(rows[i].chip)) continue;
      second_[i] = static_cast<uint32_t>(entries_.size());
      entries_.push_back(program_fields(pc, rows[i], true));
    }
  }
  std::stable_sort(ranges_.begin(), ranges_.end(), [](const Range& a, const Range& b) { return a.bytes > b.bytes; });
}

}  // namespace zkvm::isa
