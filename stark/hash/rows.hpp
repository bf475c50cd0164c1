#pragma once
/// \file
/// The prover's side of the hash suite: many hashes at once, vectorised over inputs and threaded.

#include <cstddef>
#include <cstdint>
#include <span>

#include "stark/field/koalabear.hpp"
#include "stark/hash/digest.hpp"
#include "stark/simd/buffer.hpp"

namespace zkvm::stark {

/// Takes finished rows of a matrix while they are in cache. Called from several threads at once, for disjoint rows;
/// each row exactly once.
class LeafSink {
 public:
  virtual ~LeafSink() = default;
  /// Rows first_row .. first_row + count of the matrix lie at rows + i * stride, `width` elements each.
  virtual void consume(size_t first_row, const F* rows, size_t stride, size_t width, size_t count) = 0;
};

/// The sink of the suite's leaf hash: one digest per row.
class LeafDigests final : public LeafSink {
 public:
  explicit LeafDigests(size_t rows) : digests_(rows) {}
  void consume(size_t first_row, const F* rows, size_t stride, size_t width, size_t count) override;
  std::span<const Digest> digests() const { return {digests_.data(), digests_.size()}; }
  /// Hands the digests over, for MerkleTree::build.
  Buffer<Digest> take() { return std::move(digests_); }

 private:
  Buffer<Digest> digests_;
};

/// out[i] = Suite::leaf(row i), rows of `width` elements at rows + i * stride, i < count. Threaded.
void hash_rows(const F* rows, size_t stride, size_t width, size_t count, Digest* out);
/// out[i] = Suite::node(children[2 i], children[2 i + 1]) for i < count. Threaded.
void hash_nodes(const Digest* children, size_t count, Digest* out);
/// out[i] = Suite::inject(children[2 i], children[2 i + 1], rows[i]) for i < count. Threaded.
void hash_injected_nodes(const Digest* children, const Digest* rows, size_t count, Digest* out);

/// The least nonce that Suite::check_grind accepts for `seed` and `bits` <= Suite::MAX_GRINDING_BITS (above that it
/// throws std::invalid_argument): about 2^bits hashes, threaded; deterministic.
uint64_t grind(const Digest& seed, unsigned bits);

}  // namespace zkvm::stark
