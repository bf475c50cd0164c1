#pragma once
/// \file
/// The messages of a proof, and their canonical byte encoding.

#include <cstdint>
#include <span>
#include <vector>

#include "stark/field/extension.hpp"
#include "stark/hash/digest.hpp"
#include "stark/protocol/machine.hpp"

namespace zkvm::stark {

/// Opened rows of one tree: per group, the rows at the sorted distinct positions that the queries hit, concatenated;
/// and the sibling digests in the order of merkle/verify.hpp.
struct TreeOpening {
  std::vector<std::vector<F>> rows;
  std::vector<Digest> siblings;
};

struct FriLayerOpening {
  std::vector<E> values;  ///< per distinct position, 2^log_arity values
  std::vector<Digest> siblings;
};

/// One shard's messages in protocol order.
struct ShardProof {
  std::vector<TableShape> tables;
  Digest main_root;
  Digest form_root;             ///< only if the shard has forms
  std::vector<E> main_anchors;  ///< per table: sum gamma^i main_i(z0)
  std::vector<E> form_anchors;  ///< per table, only with forms
  Digest logup_root;
  std::vector<E> bus_sums;  ///< per table: value at 0 of the sum of its LogUp columns
  Digest quotient_root;
  /// Per tree, per group, per column: value at the out-of-domain point z.
  std::vector<std::vector<std::vector<E>>> at_z;
  /// Per table that uses next rows: preprocessed, main and form columns at z * g, g the generator of its trace domain.
  std::vector<std::vector<E>> at_next;
  std::vector<Digest> fri_roots;    ///< one per fold
  std::vector<E> final_polynomial;  ///< 2^MIN_LOG_HEIGHT coefficients
  uint64_t grinding_nonce = 0;
  std::vector<TreeOpening> trees;
  std::vector<FriLayerOpening> fri;
};

/// A proof of one statement, all shards.
struct Proof {
  Parameters parameters;
  std::vector<ShardProof> shards;
};

/// Appends the canonical encoding: a header of Deserializer::HEADER_BYTES, then per shard its length (32 bits,
/// little-endian) and its bytes. Field elements are canonical residues, 31 bits each, bit-packed per array.
void serialize(const Proof& proof, std::vector<uint8_t>& out);

/// Parses a proof shard by shard, so that its bytes and its values need not both be in memory as a whole. Any bytes are
/// safe. Before anything is allocated, its size is compared with what the shard's tables imply: what a shard takes is
/// its bytes but for 4%, and what a layout of its tables takes.
class Deserializer {
 public:
  static constexpr size_t HEADER_BYTES = 6;
  Deserializer(std::span<const uint8_t, HEADER_BYTES> header, Proof& out);
  /// How many shards there are, as stated: 0 to 65535.
  size_t shards() const { return shards_; }
  /// `bytes` without the length: exactly one shard. Returns nullptr or a reason.
  const char* add_shard(std::span<const uint8_t> bytes, const MachineDescription& machine,
                        std::span<const PreprocessedCommitment> preprocessed);

 private:
  Proof& out_;
  size_t shards_ = 0;
};

/// All of it at once. Returns nullptr or a reason.
const char* deserialize(std::span<const uint8_t> bytes, const MachineDescription& machine,
                        std::span<const PreprocessedCommitment> preprocessed, Proof& out);

}  // namespace zkvm::stark
