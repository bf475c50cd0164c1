#include "stark/protocol/statement.hpp"

#include <algorithm>

#include "stark/protocol/bytes.hpp"

namespace zkvm::stark {
namespace {

constexpr size_t BOUNDARY_BLOCK_BYTES = 1 << 16;

}  // namespace

GlobalTranscript::GlobalTranscript(const MachineDescription& machine, const Digest& machine_digest,
                                   const Parameters& parameters, const Statement& statement, size_t shards)
    : machine_(machine), transcript_("zkvm.stark.v2") {
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
  transcript_.absorb_u64(statement.boundary_messages());
  // By digests of blocks: millions of messages are never in memory together.
  std::vector<uint8_t> block;
  ByteWriter w(block);
  const auto flush = [&] {
    transcript_.absorb(blake3_keyed(domain_key("zkvm v1 boundary"), block));
    block.clear();
  };
  statement.for_each_boundary_message([&](const BoundaryMessage& m) {
    w.u16(m.bus);
    w.u8(m.send ? 1 : 0);
    w.u32(m.fields.size());
    for (F f : m.fields) w.u32(f.value());
    if (block.size() >= BOUNDARY_BLOCK_BYTES) flush();
  });
  flush();
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

E boundary_sum(const Statement& statement, const BusChallenges& challenges, bool& ok) {
  // One inversion for a block of messages: journals can be long.
  constexpr size_t BLOCK = 256;
  struct Fraction {
    E prefix;  ///< product of the denominators before
    E denominator;
    bool send;
  };
  std::vector<Fraction> block;
  E product = E::one(), sum = E::zero();
  ok = true;
  const auto flush = [&] {
    if (product.is_zero()) ok = false;
    if (!ok) return;
    E inverse = product.inverse();
    for (size_t i = block.size(); i-- > 0;) {
      const E fraction = inverse * block[i].prefix;
      inverse *= block[i].denominator;
      sum = block[i].send ? sum + fraction : sum - fraction;
    }
    block.clear();
    product = E::one();
  };
  statement.for_each_boundary_message([&](const BoundaryMessage& m) {
    if (m.fields.size() + 2 > challenges.beta_powers.size()) ok = false;
    if (!ok) return;
    E d = challenges.offset(m.bus, false, 0);
    for (size_t i = 0; i < m.fields.size(); ++i) d += challenges.field_power(i) * m.fields[i];
    block.push_back({product, d, m.send});
    product *= d;
    if (block.size() == BLOCK) flush();
  });
  flush();
  return sum;
}

}  // namespace zkvm::stark
