#pragma once
/// \file
/// What the precompiles' calls of a stretch of execution did: the executor writes it, trace generation reads it.

#include "precompiles/host.hpp"
#include "precompiles/nn/execute.hpp"

namespace zkvm::precompiles {

struct Trace {
  nn::NnTrace nn;

  /// Committed cells of the calls since the last clear, about.
  uint64_t cells() const { return nn.cells; }
  /// Forgets the calls. What counts over the whole execution stays.
  void clear() { nn.clear(); }
};

}  // namespace zkvm::precompiles
