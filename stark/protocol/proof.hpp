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

/// Appends the canonical encoding. Field elements are canonical residues, 31 bits each, bit-packed per array.
void serialize(const Proof& proof, std::vector<uint8_t>& out);

/// Parses exactly all of `bytes`. Returns nullptr or a reason; any bytes are safe, and allocation is bounded by the
/// input size.
const char* deserialize(std::span<const uint8_t> bytes, Proof& out);

}  // namespace zkvm::stark
