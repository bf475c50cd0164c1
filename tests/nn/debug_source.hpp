#pragma once
/// \file
/// An execution as the prover would see it, as tables for the debug checker.

#include <functional>

#include "stark/debug/checker.hpp"
#include "vm/prove/source.hpp"

namespace zkvm::tests {

struct DebugExecution {
  std::vector<stark::DebugShard> shards;
  std::vector<stark::BoundaryMessage> boundary;
  std::vector<stark::E> challenges;

  stark::DebugReport check() const;
  /// The first table of a chip that has rows.
  stark::DebugTable* find(size_t chip);
  stark::F& main(stark::DebugTable& table, size_t row, size_t column) const;
};

/// Runs the source to its end, with accumulator challenges from `seed`. Only tables of chips
/// that are `wanted`.
DebugExecution debug_execution(vm::ExecutionSource& source, const vm::ProgramSetup& setup, uint32_t seed,
                               const std::function<bool(size_t chip)>& wanted);
DebugExecution debug_execution(const vm::Program& program, const vm::ShardingOptions& sharding = {}, uint32_t seed = 1);

/// The main column that is the multiplicity of a chip's message, if that is all of it and free to be counted anew: -1
/// if not.
int free_multiplicity(size_t chip, const stark::Message& message);
/// Whether repair_lookups sets this main column.
bool is_free_multiplicity(size_t chip, unsigned column);

/// Sets every free multiplicity to what the other tables receive: what a forger would do. Messages that no row provides
/// stay unbalanced.
void repair_lookups(DebugExecution& execution);

}  // namespace zkvm::tests
