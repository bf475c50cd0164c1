#include "stark/protocol/statement.hpp"

#include <algorithm>

namespace zkvm::stark {

GlobalTranscript::GlobalTranscript(const MachineDescription& machine, const Digest& machine_digest,
                                   const Parameters& parameters, const Statement& statement, size_t shards)
    : machine_(machine), transcript_("zkvm.stark.v1") {
  transcript_.absorb(machine_digest);
  transcript_.absorb_u64(parameters.log_blowup);
  transcript_.absorb_u64(parameters.queries);
  transcript_.absorb_u64(parameters.grinding_bits);
  transcript_.absorb(statement.public_bytes);
  transcript_.absorb_u64(statement.preprocessed.size());
  for (const PreprocessedCommitment& set : statement.preprocessed) {
    transcript_.absorb(set.root);
    transcript_.absorb_u64(set.tables.size());
    for (const TableShape& t : set.tables) {
      transcript_.absorb_u64(t.chip);
      transcript_.absorb_u64(t.log_height);
    }
  }
  transcript_.absorb_u64(statement.boundary.size());
  for (const BoundaryMessage& m : statement.boundary) {
    transcript_.absorb_u64(m.bus);
    transcript_.absorb_u64(m.send ? 1 : 0);
    transcript_.absorb_u64(m.fields.size());
    for (F f : m.fields) transcript_.absorb_u64(f.value());
  }
  transcript_.absorb_u64(shards);
}

void GlobalTranscript::absorb_main(const ShardProof& shard) {
  transcript_.absorb_u64(shard.tables.size());
  for (const TableShape& t : shard.tables) {
    transcript_.absorb_u64(t.chip);
    transcript_.absorb_u64(t.log_height);
  }
  transcript_.absorb(shard.main_root);
}

AnchorChallenges GlobalTranscript::draw_anchor_challenges() {
  AnchorChallenges c;
  c.gamma = transcript_.sample_ext();
  c.z0 = transcript_.sample_out_of_base();
  return c;
}

std::vector<E> GlobalTranscript::draw_accumulator_challenges() {
  std::vector<E> r(machine_.challenges());
  for (E& e : r) e = transcript_.sample_ext();
  return r;
}

BusChallenges GlobalTranscript::draw_bus_challenges() {
  const E alpha = transcript_.sample_ext();
  const E beta = transcript_.sample_ext();
  unsigned fields = 0;
  for (const ChipInfo& c : machine_.chips) fields = std::max(fields, c.air.max_message_fields());
  return {alpha, beta, fields};
}

E boundary_sum(std::span<const BoundaryMessage> messages, const BusChallenges& challenges, bool& ok) {
  // Batch inversion: journals can be long.
  ok = true;
  std::vector<E> prefix;
  std::vector<E> denominators;
  E product = E::one();
  for (const BoundaryMessage& m : messages) {
    E d = challenges.offset(m.bus, false, 0);
    if (m.fields.size() + 2 > challenges.beta_powers.size()) {
      ok = false;
      return E::zero();
    }
    for (size_t i = 0; i < m.fields.size(); ++i) d += challenges.field_power(i) * m.fields[i];
    prefix.push_back(product);
    denominators.push_back(d);
    product *= d;
  }
  if (product.is_zero()) {
    ok = false;
    return E::zero();
  }
  E inverse = product.inverse();
  E sum = E::zero();
  for (size_t i = messages.size(); i-- > 0;) {
    const E fraction = inverse * prefix[i];
    inverse *= denominators[i];
    sum = messages[i].send ? sum + fraction : sum - fraction;
  }
  return sum;
}

unsigned max_message_fields(const MachineDescription& machine, const Statement& statement) {
  size_t n = 0;
  for (const ChipInfo& c : machine.chips) n = std::max<size_t>(n, c.air.max_message_fields());
  for (const BoundaryMessage& m : statement.boundary) n = std::max(n, m.fields.size());
  return static_cast<unsigned>(n);
}

}  // namespace zkvm::stark
