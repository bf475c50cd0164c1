#include "isa/chips/program/columns.hpp"
#include "isa/chips/traces.hpp"

namespace zkvm::isa {

void fill_program(const TraceInput& input, size_t begin, size_t end, RowWriter out, LookupCounts&) {
  const auto& counts = input.totals->program;
  for (size_t i = begin; i < end; ++i) out(i)[0] = i < counts.size() ? stark::F::from(counts[i]) : stark::F::zero();
}

void fill_program_preprocessed(const ProgramTable& table, size_t row, stark::F* out) {
  *reinterpret_cast<ProgramFields*>(out) = row < table.size() ? table[row] : ProgramFields{};
}

}  // namespace zkvm::isa
