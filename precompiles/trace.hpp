#pragma once
/// \file
/// What the precompiles' calls of a stretch of execution did: the executor writes it, trace generation reads it.

#include "precompiles/host.hpp"
#include "precompiles/keccak/events.hpp"
#include "precompiles/nn/execute.hpp"
#include "precompiles/sha256/events.hpp"

namespace zkvm::precompiles {

struct Trace {
  nn::NnTrace nn;
  sha256::Sha256Trace sha256;
  keccak::KeccakTrace keccak;

  /// Forgets the calls. What counts over the whole execution stays.
  void clear() {
    nn.clear();
    sha256.clear();
    keccak.clear();
  }
};

}  // namespace zkvm::precompiles
