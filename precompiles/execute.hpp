#pragma once
/// \file
/// The precompiles by their numbers in a7, for the executor.

#include <optional>

#include "precompiles/trace.hpp"

namespace zkvm::precompiles {

/// How many of a0 ... a3 the call reads; 0 if there is no such precompile.
unsigned pointers(uint32_t number);

/// What people call it; empty if there is no such precompile.
const char* name_of(uint32_t number);

/// Runs call number `number`, or returns nothing if there is no such precompile. `trace`: null when not tracing.
std::optional<CallError> execute(uint32_t number, const nn::Rom& rom, Host& host, const CallEvent& event, Trace* trace);

}  // namespace zkvm::precompiles
