#pragma once
/// \file
/// Entry points of hash.kernel.cpp, one set per instruction set: single-threaded BLAKE3 over many inputs at once.

#include <cstddef>
#include <cstdint>

#include "stark/field/koalabear.hpp"
#include "stark/hash/digest.hpp"

namespace zkvm::stark {

struct HashKernels {
  /// out[i] = Suite::leaf(rows + i * stride, width) for i < count.
  void (*leaves)(const F* rows, size_t stride, size_t width, size_t count, Digest* out);
  /// out[i] = Suite::node(children[2 i], children[2 i + 1]).
  void (*nodes)(const Digest* children, size_t count, Digest* out);
  /// out[i] = Suite::inject(children[2 i], children[2 i + 1], rows[i]).
  void (*injected_nodes)(const Digest* children, const Digest* rows, size_t count, Digest* out);
  /// The least nonce in [first, first + count) whose hash has its low min(bits, 32) bits zero; first + count if none.
  uint64_t (*grind)(const Digest& seed, uint64_t first, uint64_t count, unsigned bits);
};

namespace portable {
extern const HashKernels HASH_KERNELS;
}
namespace avx2 {
extern const HashKernels HASH_KERNELS;
}
namespace avx512 {
extern const HashKernels HASH_KERNELS;
}

}  // namespace zkvm::stark
