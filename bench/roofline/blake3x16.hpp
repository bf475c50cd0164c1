#pragma once
/// \file
/// Sixteen BLAKE3 hashes at once, one per 32-bit lane (AVX-512): the leaf and node hashing rate of the model. Inputs
/// longer than a chunk are chained as one chunk, which costs the same.

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "stark/simd/vec_avx512.hpp"

namespace zkvm::bench {

class Blake3x16 {
  using Raw = __m512i;
  using Vec = stark::avx512::Vec;

 public:
  /// Hashes 16 messages of `bytes` bytes (a multiple of 4) at input + i * stride to 32 bytes each at output + 32 * i.
  static void hash(const uint8_t* input, size_t stride, size_t bytes, uint8_t* output) {
    Raw h[8];
    for (unsigned i = 0; i < 8; ++i) h[i] = constant(IV[i]);
    for (size_t offset = 0; offset < bytes; offset += 64) {
      const size_t length = std::min<size_t>(64, bytes - offset);
      const __mmask16 words = static_cast<__mmask16>((uint32_t{1} << (length / 4)) - 1);
      Vec m[16];
      for (unsigned i = 0; i < 16; ++i) m[i].r = _mm512_maskz_loadu_epi32(words, input + i * stride + offset);
      transpose(m);
      const uint32_t flags = (offset == 0 ? CHUNK_START : 0) | (offset + length == bytes ? CHUNK_END | ROOT : 0);
      compress(h, m, static_cast<uint32_t>(length), flags);
    }
    Vec t[16];
    for (unsigned i = 0; i < 16; ++i) t[i].r = i < 8 ? h[i] : _mm512_setzero_si512();
    transpose(t);
    for (unsigned i = 0; i < 16; ++i)
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(output + 32 * i), _mm512_castsi512_si256(t[i].r));
  }

 private:
  static constexpr uint32_t CHUNK_START = 1, CHUNK_END = 2, ROOT = 8;
  static constexpr uint32_t IV[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                     0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
  /// The message order of each round: the fixed permutation applied again and again.
  static constexpr std::array<std::array<uint8_t, 16>, 7> schedule() {
    constexpr uint8_t PERMUTATION[16] = {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};
    std::array<std::array<uint8_t, 16>, 7> s{};
    for (uint8_t i = 0; i < 16; ++i) s[0][i] = i;
    for (unsigned r = 1; r < 7; ++r)
      for (unsigned i = 0; i < 16; ++i) s[r][i] = s[r - 1][PERMUTATION[i]];
    return s;
  }

  static Raw constant(uint32_t v) { return _mm512_set1_epi32(static_cast<int>(v)); }

  [[gnu::always_inline]] static inline void mix(Raw& a, Raw& b, Raw& c, Raw& d, Raw x, Raw y) {
    a = _mm512_add_epi32(_mm512_add_epi32(a, x), b);
    d = _mm512_ror_epi32(_mm512_xor_si512(d, a), 16);
    c = _mm512_add_epi32(c, d);
    b = _mm512_ror_epi32(_mm512_xor_si512(b, c), 12);
    a = _mm512_add_epi32(_mm512_add_epi32(a, y), b);
    d = _mm512_ror_epi32(_mm512_xor_si512(d, a), 8);
    c = _mm512_add_epi32(c, d);
    b = _mm512_ror_epi32(_mm512_xor_si512(b, c), 7);
  }

  [[gnu::always_inline]] static inline void compress(Raw (&h)[8], const Vec (&m)[16], uint32_t length, uint32_t flags) {
    constexpr auto SCHEDULE = schedule();
    Raw v[16];
    for (unsigned i = 0; i < 8; ++i) v[i] = h[i];
    for (unsigned i = 0; i < 4; ++i) v[8 + i] = constant(IV[i]);
    v[12] = v[13] = _mm512_setzero_si512();
    v[14] = constant(length);
    v[15] = constant(flags);
#pragma GCC unroll 7
    for (unsigned r = 0; r < 7; ++r) {
      const auto& s = SCHEDULE[r];
      mix(v[0], v[4], v[8], v[12], m[s[0]].r, m[s[1]].r);
      mix(v[1], v[5], v[9], v[13], m[s[2]].r, m[s[3]].r);
      mix(v[2], v[6], v[10], v[14], m[s[4]].r, m[s[5]].r);
      mix(v[3], v[7], v[11], v[15], m[s[6]].r, m[s[7]].r);
      mix(v[0], v[5], v[10], v[15], m[s[8]].r, m[s[9]].r);
      mix(v[1], v[6], v[11], v[12], m[s[10]].r, m[s[11]].r);
      mix(v[2], v[7], v[8], v[13], m[s[12]].r, m[s[13]].r);
      mix(v[3], v[4], v[9], v[14], m[s[14]].r, m[s[15]].r);
    }
    for (unsigned i = 0; i < 8; ++i) h[i] = _mm512_xor_si512(v[i], v[i + 8]);
  }
};

}  // namespace zkvm::bench
