#pragma once
/// \file
/// Entry points of ntt.kernel.cpp: single-threaded transforms of many columns, for blocks that fit a cache.
///
/// The forward transform (decimation in time, coefficients in natural order to evaluations in bit-reversed order) works
/// modulo the factors of X^N - s^N: level l splits 2^l blocks, block i being the residue modulo X^(N / 2^l) - (its
/// constant), by u + t v and u - t v with t = c_i s^(N / 2^(l+1)), c_i = w_N^brev(i). The twiddle c_i does not depend
/// on the level, and c_(i 2^j + k) = c_(i 2^j) c_k, so a sub-block's twiddles are one factor per level times a common
/// prefix. Level k of a table lies at [2^k, 2^(k+1)).

#include <cstddef>
#include <cstdint>

#include "stark/field/koalabear.hpp"

namespace zkvm::stark {

struct Transform {
  const F* source;
  size_t source_stride;
  /// Between sweeps; may be the destination.
  F* middle;
  size_t middle_stride;
  F* destination;
  size_t destination_stride;
  const uint32_t* twiddle;
  const uint32_t* twiddle_p_inv;  ///< twiddle * p^-1 mod 2^32
  unsigned levels;                ///< 2^levels rows
  size_t columns;                 ///< a multiple of 16
  const F* scale;                 ///< inverse only: multiplies every result; null for none
  bool stream;                    ///< the last sweep writes past the caches
};

struct NttKernels {
  void (*forward)(const Transform&);
  void (*inverse)(const Transform&);
  /// twiddle[2^s + y] = factors[s] * roots[y] for s < levels, y < 2^s, and the companions.
  void (*expand_twiddles)(const F* roots, const F* factors, unsigned levels, uint32_t* twiddle,
                          uint32_t* twiddle_p_inv);
};

namespace portable {
extern const NttKernels NTT_KERNELS;
}
namespace avx2 {
extern const NttKernels NTT_KERNELS;
}
namespace avx512 {
extern const NttKernels NTT_KERNELS;
}

}  // namespace zkvm::stark
