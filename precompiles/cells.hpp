#pragma once
/// \file
/// What rows and calls cost: cells that a prover commits to, in main, form and LogUp columns.

#include "precompiles/nn/layer.hpp"
#include "stark/protocol/machine.hpp"

namespace zkvm::precompiles {

/// Of one row of a chip of `machine`, which make_machine() made.
uint64_t cells_of_row(const stark::MachineDescription& machine, size_t chip);
/// Of one call of a layer, or of another precompile by its number: its rows of all chips, padding and fixed tables
/// apart.
uint64_t cells_of_call(const stark::MachineDescription& machine, const nn::Layer& layer);
uint64_t cells_of_call(const stark::MachineDescription& machine, uint32_t number);

}  // namespace zkvm::precompiles
