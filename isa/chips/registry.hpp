#pragma once
/// \file
/// The machine that proofs are about: all chips and buses. What the verifier needs of the chips; see traces.hpp for the
/// prover's side.

#include <string>
#include <vector>

#include "isa/chips/chip.hpp"
#include "stark/protocol/machine.hpp"

namespace zkvm::isa {

struct ChipDefinition {
  std::string name;
  void (*air)(stark::AirBuilder&);  ///< states constraints and messages
  unsigned preprocessed_width, main_width;
  stark::Presence presence;
  int preprocessed_set;  ///< 0: fixed tables and the program, in every shard; 1: the memory image; -1: none
  uint32_t row_weight;   ///< clocks that a row advances
};

/// In the order of ChipId.
const std::vector<ChipDefinition>& all_chips();

/// Compiles all chips (some ten milliseconds: keep the result).
stark::MachineDescription make_machine();

}  // namespace zkvm::isa
