#pragma once
/// \file
/// Provides the program: a row is one entry of the committed table. Sends PROGRAM. 7 cells and 8 preprocessed ones.
///
/// multiplicity: free, as in any look-up table; the rows that receive are 0/1 and fewer than p, so they balance only if
/// each received entry is in the table. Padding entries are all zero and no instruction row asks for op 0.

#include "isa/chips/program/columns.hpp"

namespace zkvm::isa {

inline void program_air(stark::AirBuilder& b) {
  b.send(PROGRAM, b.preprocessed<ProgramMessage>(), b.main<ProgramColumns>().multiplicity, "entry");
}

}  // namespace zkvm::isa
