#pragma once
/// \file
/// What Keccak calls of a stretch of execution did: the executor writes it, trace generation reads it.

#include <vector>

#include "precompiles/host.hpp"
#include "precompiles/keccak/permutation.hpp"

namespace zkvm::precompiles::keccak {

struct KeccakEvent {
  CallEvent call;
  State state;                             ///< before the call
  std::array<uint32_t, STATE_WORDS> prev;  ///< clocks of the words' accesses before
};

struct KeccakTrace {
  std::vector<KeccakEvent> events;

  void clear() { events.clear(); }
};

}  // namespace zkvm::precompiles::keccak
