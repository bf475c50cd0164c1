#pragma once

#include "isa/chips/buses.hpp"

namespace zkvm::isa {

/// Preprocessed: ProgramMessage itself.
template <class T>
struct ProgramColumns {
  T multiplicity;
};

}  // namespace zkvm::isa
