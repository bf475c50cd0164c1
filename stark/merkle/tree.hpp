#pragma once
/// \file
/// The prover's Merkle tree over matrices of mixed heights; see verify.hpp for the tree and the multiproof.

#include <cstdint>
#include <span>
#include <vector>

#include "stark/hash/digest.hpp"
#include "stark/simd/buffer.hpp"

namespace zkvm::stark {

class MerkleTree {
 public:
  MerkleTree() = default;
  /// From the row digests of each matrix, tallest first; sizes are distinct powers of two, descending. Keeps every
  /// layer (2 x 32 bytes per row of the tallest matrix), drops the digests of shorter matrices. Throws
  /// std::invalid_argument on other sizes.
  static MerkleTree build(std::vector<Buffer<Digest>> row_digests);

  const Digest& root() const { return layers_.back()[0]; }
  unsigned log_height() const { return static_cast<unsigned>(layers_.size()) - 1; }
  /// The multiproof for strictly ascending rows of the tallest matrix. Throws std::invalid_argument if they are not, or
  /// out of range.
  std::vector<Digest> open(std::span<const uint64_t> sorted_queries) const;

 private:
  std::vector<Buffer<Digest>> layers_;  ///< layer i has 2^(log_height - i) digests
};

}  // namespace zkvm::stark
