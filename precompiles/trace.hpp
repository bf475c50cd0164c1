#pragma once
/// \file
/// What the precompiles' calls of a stretch of execution did: the executor writes it, trace generation reads it.

#include "precompiles/host.hpp"
#include "precompiles/nn/execute.hpp"

namespace zkvm::precompiles {

struct Trace {
  nn::NnTrace nn;

  /// Forgets the calls. What counts over the whole execution stays.
  void clear() { nn.clear(); }
};

}  // namespace zkvm::precompiles
