#pragma once
/// \file
/// SHA-256 calls while a program runs.

#include "precompiles/sha256/events.hpp"

namespace zkvm::precompiles::sha256 {

/// Runs the call in `event`: a0 = state, 8 words, replaced by its compression with the block at a1, 64 bytes in message
/// order. The two may overlap: the block is read as it was before the call. `trace`: null when not tracing.
CallError execute_sha256(Host& host, const CallEvent& event, Sha256Trace* trace);

}  // namespace zkvm::precompiles::sha256
