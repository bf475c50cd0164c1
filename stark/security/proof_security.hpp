#pragma once
/// \file
/// The security of a proof as it was run: reads every parameter of the bounds off the machine and the shards' layouts.

#include <cstdint>
#include <span>
#include <vector>

#include "stark/protocol/machine.hpp"
#include "stark/protocol/statement.hpp"
#include "stark/security/security.hpp"

namespace zkvm::stark {

/// What the layouts do not tell.
struct ProofTotals {
  uint64_t boundary_messages = 0;
  unsigned message_fields = 0;  ///< fields of the widest message, from max_message_fields(machine, statement)
  uint64_t form_degree = 0;     ///< Schwartz-Zippel degree of what the accumulator challenges check
};

/// The parameters of every shard, those that are shared filled in alike; shards of equal shape appear once.
std::vector<ProtocolParameters> protocol_parameters(const MachineDescription& machine, const Parameters& parameters,
                                                    std::span<const ShardLayout> shards, const ProofTotals& totals);

/// The weakest shard's report. With no shards at all: an error.
SecurityReport analyze_proof(const MachineDescription& machine, const Parameters& parameters,
                             std::span<const ShardLayout> shards, const ProofTotals& totals);

}  // namespace zkvm::stark
