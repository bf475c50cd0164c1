#pragma once
/// \file
/// The public side of a proof, and the transcript steps that prover and verifier share: one function each, so that the
/// two cannot absorb different things.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "stark/protocol/machine.hpp"
#include "stark/protocol/proof.hpp"
#include "stark/protocol/transcript.hpp"

namespace zkvm::stark {

/// A message that the verifier itself puts on a global bus (initial and final state, journal).
struct BoundaryMessage {
  uint16_t bus;
  bool send;
  std::vector<F> fields;
};

template <template <class> class Message>
BoundaryMessage boundary_message(const Bus<Message>& bus, bool send, const Message<F>& m) {
  const F* first = reinterpret_cast<const F*>(&m);
  return {bus.id, send, {first, first + sizeof(m) / sizeof(F)}};
}

/// Messages that are made one at a time where they are needed, because there may be millions of them.
struct BoundarySeries {
  uint64_t count = 0;
  std::function<BoundaryMessage(uint64_t index)> message;  ///< index < count
};

/// What is proved: this machine, with these preprocessed tables, balances its buses against these boundary messages.
struct Statement {
  /// Bytes that the proof is bound to (claim, image-ID preimage); their meaning is the caller's.
  std::vector<uint8_t> public_bytes;
  std::vector<PreprocessedCommitment> preprocessed;
  std::vector<BoundaryMessage> boundary;
  BoundarySeries more_boundary;

  uint64_t boundary_messages() const { return boundary.size() + more_boundary.count; }
  template <class Visit>
  void for_each_boundary_message(Visit&& visit) const {
    for (const BoundaryMessage& m : boundary) visit(m);
    for (uint64_t i = 0; i < more_boundary.count; ++i) visit(more_boundary.message(i));
  }
  /// All of them: for tests and the debug checker.
  std::vector<BoundaryMessage> all_boundary_messages() const {
    std::vector<BoundaryMessage> all;
    for_each_boundary_message([&](const BoundaryMessage& m) { all.push_back(m); });
    return all;
  }
};

/// LogUp challenges, shared by all shards. The fingerprint of a message is
/// alpha + bus + beta * scope + sum_i beta^(2+i) * field_i, with scope 0 for global buses and shard index + 1 for local
/// ones: a local bus thereby balances within its shard although all sums are added up together.
struct BusChallenges {
  E alpha;
  std::vector<E> beta_powers;

  BusChallenges() = default;
  BusChallenges(const E& a, const E& beta, unsigned max_fields) : alpha(a) {
    E power = E::one();
    for (unsigned i = 0; i < max_fields + 2; ++i, power *= beta) beta_powers.push_back(power);
  }
  E offset(uint16_t bus, bool local, uint64_t shard) const {
    const F scope = local ? F::from(static_cast<uint32_t>(shard + 1)) : F::zero();
    return alpha + F::from(bus) + beta_powers[1] * scope;
  }
  const E& field_power(size_t i) const { return beta_powers[2 + i]; }
};

/// gamma and z0 of one barrier's anchors.
struct AnchorChallenges {
  E gamma;
  E z0;
};

/// The global part of the transcript, up to the bus challenges.
class GlobalTranscript {
 public:
  GlobalTranscript(const MachineDescription& machine, const Digest& machine_digest, const Parameters& parameters,
                   const Statement& statement, size_t shards);
  void absorb_main(const ShardProof& shard);
  AnchorChallenges draw_anchor_challenges();
  void absorb_anchors(std::span<const E> anchors) { transcript_.absorb(anchors); }
  std::vector<E> draw_accumulator_challenges();
  void absorb_form(const Digest& root) { transcript_.absorb(root); }
  BusChallenges draw_bus_challenges();
  Transcript fork(size_t shard) { return transcript_.fork(shard); }

 private:
  const MachineDescription& machine_;
  Transcript transcript_;
};

/// Sum of the verifier's own messages' fractions; `ok` is false if a denominator vanishes.
E boundary_sum(const Statement& statement, const BusChallenges& challenges, bool& ok);

}  // namespace zkvm::stark
