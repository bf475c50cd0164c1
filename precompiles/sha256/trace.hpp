#pragma once
/// \file
/// Calls to rows: the prover's side.

#include "isa/chips/trace.hpp"
#include "precompiles/sha256/events.hpp"

namespace zkvm::precompiles::sha256 {

// Fill rows begin ... end - 1, all main columns of each, row i to out(i), and count look-ups (isa/chips/trace.hpp).
// Padding is all zero.

/// Row i is call i.
void fill_sha256_call(const isa::ProgramTable& program, const Sha256Trace& trace, size_t begin, size_t end,
                      isa::RowWriter out, isa::LookupCounts& counts);
/// Row i belongs to call i / SHA256_ROWS_PER_CALL (columns.hpp). No look-ups.
void fill_sha256_rounds(const isa::ProgramTable& program, const Sha256Trace& trace, size_t begin, size_t end,
                        isa::RowWriter out, isa::LookupCounts& counts);

}  // namespace zkvm::precompiles::sha256
