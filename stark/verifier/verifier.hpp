#pragma once
/// \file
/// The verifier: no I/O, no exceptions, no global state, no threads. Takes a parsed proof; trusts no shape in it.

#include <cstddef>

#include "stark/protocol/machine.hpp"
#include "stark/protocol/proof.hpp"
#include "stark/protocol/statement.hpp"

namespace zkvm::stark {

struct Verdict {
  const char* error = nullptr;  ///< nullptr: accepted
  size_t shard = 0;             ///< the shard in which the error was found, where it belongs to one
  bool ok() const { return error == nullptr; }
};

/// Accepts if and only if `proof` proves `statement` on `machine` (whose digest the caller has at hand). What security
/// that gives depends on proof.parameters and shapes: see security/; this function checks no policy, except that the
/// parameters are in the ranges that the protocol supports.
Verdict verify(const MachineDescription& machine, const Digest& machine_digest, const Statement& statement,
               const Proof& proof);

}  // namespace zkvm::stark
