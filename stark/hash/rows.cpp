#include "stark/hash/rows.hpp"

#include <omp.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "stark/hash/hash.kernel.hpp"
#include "stark/hash/suite.hpp"
#include "stark/simd/dispatch.hpp"

namespace zkvm::stark {
namespace {

/// Runs body(first, count) over [0, n) in pieces of `piece`, on all threads unless there is one piece.
template <class Body>
void in_pieces(size_t n, size_t piece, const Body& body) {
  const size_t pieces = (n + piece - 1) / piece;
#pragma omp parallel for schedule(static) if (pieces > 1)
  for (size_t i = 0; i < pieces; ++i) body(i * piece, std::min(piece, n - i * piece));
}

/// Small enough to share evenly, large enough that a piece outweighs its start (a node costs 10 to 20 ns).
constexpr size_t PIECE = 512;

}  // namespace

void LeafDigests::consume(size_t first_row, const F* rows, size_t stride, size_t width, size_t count) {
  ZKVM_DISPATCH(HASH_KERNELS)->leaves(rows, stride, width, count, digests_.data() + first_row);
}

void hash_rows(const F* rows, size_t stride, size_t width, size_t count, Digest* out) {
  const HashKernels& k = *ZKVM_DISPATCH(HASH_KERNELS);
  in_pieces(count, PIECE / 4, [&](size_t i, size_t n) { k.leaves(rows + i * stride, stride, width, n, out + i); });
}

void hash_nodes(const Digest* children, size_t count, Digest* out) {
  const HashKernels& k = *ZKVM_DISPATCH(HASH_KERNELS);
  in_pieces(count, PIECE, [&](size_t i, size_t n) { k.nodes(children + 2 * i, n, out + i); });
}

void hash_injected_nodes(const Digest* children, const Digest* rows, size_t count, Digest* out) {
  const HashKernels& k = *ZKVM_DISPATCH(HASH_KERNELS);
  in_pieces(count, PIECE, [&](size_t i, size_t n) { k.injected_nodes(children + 2 * i, rows + i, n, out + i); });
}

uint64_t grind(const Digest& seed, unsigned bits) {
  if (bits > Suite::MAX_GRINDING_BITS)
    throw std::invalid_argument("grinding bits: expected at most " + std::to_string(Suite::MAX_GRINDING_BITS) +
                                ", found " + std::to_string(bits));
  const HashKernels& k = *ZKVM_DISPATCH(HASH_KERNELS);
  constexpr uint64_t BATCH = 1 << 15;  // few parallel regions: each waits for its slowest thread
  const uint64_t batches = static_cast<uint64_t>(omp_get_max_threads());
  for (uint64_t first = 0;; first += batches * BATCH) {
    uint64_t best = UINT64_MAX;
#pragma omp parallel for schedule(static) reduction(min : best) if (bits > 10)
    for (uint64_t b = 0; b < batches; ++b) {
      const uint64_t begin = first + b * BATCH, end = begin + BATCH;
      for (uint64_t at = begin; at < end;) {
        const uint64_t nonce = k.grind(seed, at, end - at, bits);
        if (nonce == end) break;
        if (Suite::check_grind(seed, nonce, bits)) {
          best = std::min(best, nonce);
          break;
        }
        at = nonce + 1;
      }
    }
    if (best != UINT64_MAX) return best;
  }
}

}  // namespace zkvm::stark
