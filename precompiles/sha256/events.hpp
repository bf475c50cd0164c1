#pragma once
/// \file
/// What SHA-256 calls of a stretch of execution did: the executor writes it, trace generation reads it.

#include <vector>

#include "precompiles/host.hpp"
#include "precompiles/sha256/compress.hpp"

namespace zkvm::precompiles::sha256 {

struct Sha256Event {
  CallEvent call;
  State state;  ///< before the call
  Block block;
  std::array<uint32_t, STATE_WORDS> state_prev;  ///< clocks of the accesses before
  std::array<uint32_t, BLOCK_WORDS> block_prev;
  bool block_read_only;  ///< in the read-only space
};

struct Sha256Trace {
  std::vector<Sha256Event> events;

  void clear() { events.clear(); }
};

}  // namespace zkvm::precompiles::sha256
