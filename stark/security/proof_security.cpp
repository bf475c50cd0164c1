#include "stark/security/proof_security.hpp"

#include <algorithm>

namespace zkvm::stark {
namespace {

ProtocolParameters shard_parameters(const MachineDescription& machine, const Parameters& parameters,
                                    const ShardLayout& shard) {
  ProtocolParameters p;
  p.log_blowup = parameters.log_blowup;
  p.queries = parameters.queries;
  p.grinding_bits = parameters.grinding_bits;
  p.log_max_height = shard.log_max_height;
  for (const FoldStep& f : shard.folds)
    p.folds.push_back({f.log_height_before + parameters.log_blowup, 1u << f.log_arity, f.injects});
  p.deep_terms = shard.deep_terms;
  p.constraints = std::max(1u, shard.total_constraints);
  p.tables = shard.tables.size();
  p.constraint_degree = MAX_CONSTRAINT_DEGREE;
  for (const TableShape& t : shard.tables) {
    const Air& air = machine.chips[t.chip].air;
    p.max_columns_per_table = std::max({p.max_columns_per_table, air.main_width(), air.form_width()});
  }
  return p;
}

}  // namespace

std::vector<ProtocolParameters> protocol_parameters(const MachineDescription& machine, const Parameters& parameters,
                                                    std::span<const ShardLayout> shards, const ProofTotals& totals) {
  std::vector<ProtocolParameters> distinct;
  ProtocolParameters shared;
  shared.logup_messages = totals.boundary_messages;
  shared.shards = shards.size();
  shared.log_max_height = 0;
  for (const ShardLayout& shard : shards) {
    const ProtocolParameters p = shard_parameters(machine, parameters, shard);
    for (const TableShape& t : shard.tables)
      shared.logup_messages += machine.chips[t.chip].air.messages().size() << t.log_height;
    shared.has_forms = shared.has_forms || shard.has_forms();
    shared.max_columns_per_table = std::max(shared.max_columns_per_table, p.max_columns_per_table);
    shared.tables = std::max(shared.tables, p.tables);
    shared.anchor_log_height = std::max(shared.anchor_log_height, p.log_max_height);
    if (std::find(distinct.begin(), distinct.end(), p) == distinct.end()) distinct.push_back(p);
  }
  for (ProtocolParameters& p : distinct) {
    p.logup_messages = shared.logup_messages;
    p.shards = shared.shards;
    p.has_forms = shared.has_forms;
    p.max_columns_per_table = shared.max_columns_per_table;
    p.tables = shared.tables;
    p.anchor_log_height = shared.anchor_log_height;
    // Fingerprints are alpha + bus + beta scope + sum of beta^(2 + i) field_i: the scope counts as a field.
    p.max_message_fields = totals.message_fields + 1;
    p.form_degree = shared.has_forms ? totals.form_degree : 0;
  }
  return distinct;
}

SecurityReport analyze_proof(const MachineDescription& machine, const Parameters& parameters,
                             std::span<const ShardLayout> shards, const ProofTotals& totals) {
  SecurityReport weakest;
  weakest.error = "a proof without shards";
  for (const ProtocolParameters& p : protocol_parameters(machine, parameters, shards, totals)) {
    SecurityReport report = analyze(p);
    if (!report.ok()) return report;
    if (!weakest.ok() || report.bits < weakest.bits) weakest = std::move(report);
  }
  return weakest;
}

}  // namespace zkvm::stark
