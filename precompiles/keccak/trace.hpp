#pragma once
/// \file
/// Calls to rows: the prover's side.

#include "isa/chips/trace.hpp"
#include "precompiles/keccak/events.hpp"

namespace zkvm::precompiles::keccak {

// Fill rows begin ... end - 1, all main columns of each, row i to out(i), and count look-ups (isa/chips/trace.hpp).
// Padding is all zero.

/// Row i is call i.
void fill_keccak_call(const isa::ProgramTable& program, const KeccakTrace& trace, size_t begin, size_t end,
                      isa::RowWriter out, isa::LookupCounts& counts);
/// Row i belongs to call i / KECCAK_MEMORY_ROWS_PER_CALL.
void fill_keccak_memory(const isa::ProgramTable& program, const KeccakTrace& trace, size_t begin, size_t end,
                        isa::RowWriter out, isa::LookupCounts& counts);
/// Row i belongs to call i / KECCAK_ROUNDS_ROWS_PER_CALL (columns.hpp). No look-ups.
void fill_keccak_rounds(const isa::ProgramTable& program, const KeccakTrace& trace, size_t begin, size_t end,
                        isa::RowWriter out, isa::LookupCounts& counts);

}  // namespace zkvm::precompiles::keccak
