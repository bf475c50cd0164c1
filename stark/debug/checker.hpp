#pragma once
/// \file
/// The debug checker: says of a list of tables, without proving anything, whether a proof of them could exist, and if
/// not which constraint fails in which row, or which message of which bus is left over and who sent or received it.
///
/// Where the proof system checks random combinations, this checks everything: each constraint on each row, and each bus
/// as a multiset of messages with multiplicities modulo p.

#include <span>
#include <string>
#include <vector>

#include "stark/protocol/machine.hpp"
#include "stark/protocol/statement.hpp"

namespace zkvm::stark {

/// One table: `chip` is an index into the machine; columns row-major in natural order, 2^log_height rows each.
struct DebugTable {
  size_t chip = 0;
  unsigned log_height = 0;
  std::vector<F> preprocessed, main, form;
};
using DebugShard = std::vector<DebugTable>;

struct ConstraintFailure {
  size_t shard, table, row;
  std::string chip, label;
};

/// Who put a message on a bus, or took it off.
struct BusContribution {
  std::string source;  ///< "CHIP, label" or "boundary"
  size_t shard, table, row;
  int64_t multiplicity;  ///< negative for a receive; of residues above p / 2 the negative representative
};

struct BusFailure {
  std::string bus;
  bool local;
  size_t shard;  ///< of a local bus
  std::vector<uint32_t> fields;
  int64_t excess;                             ///< sum of multiplicities modulo p, not 0
  std::vector<BusContribution> contributors;  ///< the first few
};

struct DebugReport {
  std::vector<ConstraintFailure> constraints;
  std::vector<BusFailure> buses;
  /// Failures beyond those listed are only counted.
  size_t constraint_failures = 0, bus_failures = 0;

  bool ok() const { return constraint_failures == 0 && bus_failures == 0; }
  /// A line per failure, with contributors below it.
  std::string text() const;
};

struct DebugOptions {
  size_t max_listed = 20;       ///< failures of each kind
  size_t max_contributors = 8;  ///< per message
};

/// `challenges`: accumulator challenges for chips with form columns. Shapes must fit the machine
/// (std::invalid_argument); presence rules and heights are not looked at. Takes some 100 bytes a message: meant for
/// small traces.
DebugReport check_tables(const MachineDescription& machine, std::span<const DebugShard> shards,
                         std::span<const BoundaryMessage> boundary, std::span<const E> challenges = {},
                         const DebugOptions& options = {});

}  // namespace zkvm::stark
