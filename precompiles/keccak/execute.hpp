#pragma once
/// \file
/// Keccak calls while a program runs.

#include "precompiles/keccak/events.hpp"

namespace zkvm::precompiles::keccak {

/// Runs the call in `event`: a0 = state, 25 little-endian lanes of 64 bits, replaced by its Keccak-f[1600]. `trace`:
/// null when not tracing.
CallError execute_keccak(Host& host, const CallEvent& event, KeccakTrace* trace);

}  // namespace zkvm::precompiles::keccak
