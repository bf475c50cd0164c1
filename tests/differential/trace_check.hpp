// Replays a machine's events against the definition of the machine: what a proof would have to establish.
#pragma once

#include <string>

#include "vm/exec/machine.hpp"

namespace zkvm::differential {

// `machine` must have run from the start, keeping all its events. Checks that clocks and pcs chain, that every event
// belongs to its program row and computes what isa/semantics says, that every access takes up the cell where the access
// before left it (Blum's argument) within the gap limit, that refreshes are exactly the ones needed, and that the final
// state listed is the one that the events lead to. Returns "" or a description of the first contradiction.
std::string check_trace(const vm::Program& program, vm::TracingMachine& machine);

}  // namespace zkvm::differential
