#pragma once
/// \file
/// Verification of openings of a Merkle tree over matrices of mixed heights. Verifier side: no prover code, no
/// exceptions of its own, memory and time linear in queries times tree height, safe on any input.
///
/// The tree. Matrices M_0, M_1, ... have 2^h_0 > 2^h_1 > ... rows. Layer 0 is the row digests of M_0. A layer of 2^j
/// nodes above it holds node(left, right), or inject(left, right, digest of the same-numbered row of M_i) where a
/// matrix M_i has h_i = j. So a query at row q of M_0 opens row q >> (h_0 - h_i) of M_i.
///
/// The multiproof. Going up layer by layer, parents in ascending order, it lists the sibling of every node whose
/// sibling is not itself known from the queries: each needed digest once.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "stark/hash/digest.hpp"

namespace zkvm::stark {

constexpr unsigned MAX_LOG_TREE_HEIGHT = 32;

/// The distinct values of q >> shift for ascending q: which rows of a shorter matrix the queries hit.
std::vector<uint64_t> distinct_positions(std::span<const uint64_t> sorted_queries, unsigned shift);

/// Whether the rows with the given digests are opened correctly.
///   log_heights     h_0 > h_1 > ..., at most MAX_LOG_TREE_HEIGHT, at least one matrix
///   queries         strictly ascending rows of M_0, each below 2^h_0, at least one
///   row_digests[i]  digests of the rows distinct_positions(queries, h_0 - h_i) of M_i, in that order
///   proof           the multiproof; must be used up exactly
/// Anything malformed is a rejection.
bool verify_multi(const Digest& root, std::span<const unsigned> log_heights, std::span<const uint64_t> queries,
                  std::span<const std::span<const Digest>> row_digests, std::span<const Digest> proof);

}  // namespace zkvm::stark
