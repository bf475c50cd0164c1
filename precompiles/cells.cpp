#include "precompiles/cells.hpp"

#include "precompiles/nn/fixed/tables.hpp"
#include "precompiles/registry.hpp"
#include "precompiles/rows.hpp"

namespace zkvm::precompiles {

uint64_t cells_of_row(const stark::MachineDescription& machine, size_t chip) {
  const stark::Air& air = machine.chips[chip].air;
  return air.main_width() + air.form_width() + air.logup_width();
}

uint64_t cells_of_call(const stark::MachineDescription& machine, const nn::Layer& layer) {
  const auto rows = nn::rows_of_call(layer);
  uint64_t cells = 0;
  for (size_t c = 0; c < rows.size(); ++c) cells += rows[c] * cells_of_row(machine, ChipId::NN_CALL + c);
  return cells;
}

uint64_t cells_of_call(const stark::MachineDescription& machine, uint32_t number) {
  uint64_t cells = 0;
  for (size_t chip = isa::ChipId::COUNT; chip < ChipId::COUNT; ++chip)
    if (number_of(chip) == number) cells += rows_per_call(chip) * cells_of_row(machine, chip);
  return cells;
}

}  // namespace zkvm::precompiles
