#pragma once
/// \file
/// Rows of the precompiles' chips whose calls each take a fixed number of rows (nn/ has its own, nn/trace.hpp).

#include <vector>

#include "isa/chips/trace.hpp"
#include "precompiles/trace.hpp"

namespace zkvm::precompiles {

/// Rows of a chip (index into the machine) that the calls in `trace` make; 0 for chips of other kinds.
size_t rows_of(size_t chip, const Trace& trace);
/// The call's number in a7; 0 for chips of other kinds.
uint32_t number_of(size_t chip);
/// Rows of the chip for one call; tables are divided between calls.
size_t rows_per_call(size_t chip);
/// Main columns of rows [begin, end), in natural order. Padding is all zero.
void fill_rows_of(size_t chip, const isa::ProgramTable& program, const Trace& trace, size_t begin, size_t end,
                  isa::RowWriter out, isa::LookupCounts& counts);

}  // namespace zkvm::precompiles
