#pragma once
/// \file
/// From traces to a sealed receipt. What is claimed and where the rows come from are given apart, so that tests can be
/// provers that lie about either.

#include <cstddef>
#include <functional>

#include "stark/prover/prover.hpp"
#include "vm/prove/prove.hpp"
#include "vm/receipt/receipt.hpp"

namespace zkvm::vm {

struct SealOptions {
  double security_bits = 128;
  /// Columns of committed shards are kept in memory up to this many bytes, so that they need not be made again.
  size_t keep_bytes = 0;
  /// Fraction done in [0, 1].
  std::function<void(double)> progress;
};

/// Proves the receipt that `claim` returns, whose seal is empty, from the rows of `traces`. `claim` is called once,
/// when all shards have been seen. Nothing is checked: rows that do not satisfy the machine's constraints, or do not
/// add up to the claim, give a seal that the verifier refuses. Throws ExecutionFailure (SECURITY) if no number of
/// queries reaches security_bits, std::length_error if the tables are more than one proof can have, and what `traces`
/// throws.
Receipt seal(const ProgramSetup& setup, stark::TraceSource& traces, const std::function<Receipt()>& claim,
             const SealOptions& options, stark::ProverStats* stats = nullptr);

}  // namespace zkvm::vm
