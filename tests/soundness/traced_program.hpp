#pragma once
/// \file
/// Executions as debug tables, in the way that the prover would lay them out, for the checker.

#include <cstdint>
#include <span>
#include <vector>

#include "isa/chips/registry.hpp"
#include "isa/chips/traces.hpp"
#include "stark/debug/checker.hpp"
#include "vm/elf/program.hpp"

namespace zkvm::soundness {

/// isa::make_machine(), compiled once.
const stark::MachineDescription& machine();

/// An honest trace, to be tampered with.
struct TracedProgram {
  std::vector<stark::DebugShard> shards;
  std::vector<stark::BoundaryMessage> boundary;
  uint64_t cycles = 0;

  stark::DebugReport check() const { return stark::check_tables(machine(), shards, boundary); }

  /// The first table of a chip in a shard.
  stark::DebugTable& table(size_t chip, size_t shard = 0);
  /// Column `index` of a row of main columns.
  static stark::F& cell(stark::DebugTable& table, size_t row, size_t index);
  /// The main columns of a row, as the chip's struct.
  template <template <class> class Columns>
  static Columns<stark::F>& row(stark::DebugTable& table, size_t row) {
    return *reinterpret_cast<Columns<stark::F>*>(&cell(table, row, 0));
  }
};

/// Runs the program to its end, with `shard_cycles` instructions a shard, and fills all tables. Throws
/// std::runtime_error if it does not halt.
TracedProgram trace(const vm::Program& program, std::span<const uint8_t> input = {},
                    uint64_t shard_cycles = UINT64_MAX);

/// Assembles instruction words at 0x1'0000 with `data` at 0x40'0000, and loads the result.
vm::Program assemble(const std::vector<uint32_t>& code, std::vector<uint8_t> data = {});

/// Recomputes the multiplicities of PROGRAM and LOOKUP in a shard from what its other tables receive: what a forger
/// would do. Messages that no table has stay unbalanced.
void repair_lookups(stark::DebugShard& shard);

}  // namespace zkvm::soundness
