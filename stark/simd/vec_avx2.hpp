#pragma once
/// \file
/// KoalaBear in AVX2: 8 lanes of canonical Montgomery residues, same API as vec_avx512.hpp. AVX2 has no unsigned 64-bit
/// minimum, so accumulators are kept offset by -2^32 p and corrected by sign.

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "stark/field/extension.hpp"

namespace zkvm::stark {
namespace avx2 {

using Raw = __m256i;

[[gnu::always_inline]] inline Raw raw_p() { return _mm256_set1_epi32(static_cast<int>(F::P)); }
[[gnu::always_inline]] inline Raw raw_p_inv() { return _mm256_set1_epi32(static_cast<int>(F::P_INV)); }
[[gnu::always_inline]] inline Raw raw_p32() { return _mm256_set1_epi64x(static_cast<long long>(uint64_t{F::P} << 32)); }
[[gnu::always_inline]] inline Raw odd_lanes(Raw a) {
  return _mm256_castps_si256(_mm256_movehdup_ps(_mm256_castsi256_ps(a)));
}
[[gnu::always_inline]] inline Raw widening_mul(Raw a, Raw b) { return _mm256_mul_epu32(a, b); }
[[gnu::always_inline]] inline Raw add64(Raw a, Raw b) { return _mm256_add_epi64(a, b); }
[[gnu::always_inline]] inline Raw sub64(Raw a, Raw b) { return _mm256_sub_epi64(a, b); }
[[gnu::always_inline]] inline Raw high_halves(Raw even, Raw odd) {
  return _mm256_blend_epi32(odd_lanes(even), odd, 0xaa);
}
/// All ones where a signed 64-bit lane is negative.
[[gnu::always_inline]] inline Raw negative_mask(Raw x) { return _mm256_cmpgt_epi64(_mm256_setzero_si256(), x); }
/// 64-bit lanes below 4.016 p^2 to the same value mod p below 2^32 p. Taken as x - 2^32 p, which fits the signed range
/// (2 p^2 < 2^63), and 2^32 p added back where that is negative.
[[gnu::always_inline]] inline Raw correct_range(Raw x) {
  const Raw t = sub64(x, raw_p32());
  return add64(t, _mm256_and_si256(negative_mask(t), raw_p32()));
}
[[gnu::always_inline]] inline Raw correct_negative(Raw x) {
  return add64(x, _mm256_and_si256(negative_mask(x), raw_p32()));
}
[[gnu::always_inline]] inline Raw canonical_from_signed(Raw t) {
  return _mm256_min_epu32(t, _mm256_add_epi32(t, raw_p()));
}
[[gnu::always_inline]] inline Raw reduce_raw(Raw even, Raw odd) {
  const Raw me = widening_mul(widening_mul(even, raw_p_inv()), raw_p());
  const Raw mo = widening_mul(widening_mul(odd, raw_p_inv()), raw_p());
  return canonical_from_signed(high_halves(sub64(even, me), sub64(odd, mo)));
}
[[gnu::always_inline]] inline Raw lane_mask(unsigned n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

/// 2^MAX_TRANSFORM_RADIX vectors and some temporaries fit the register file.
inline constexpr unsigned MAX_TRANSFORM_RADIX = 3;

struct Vec {
  static constexpr unsigned LANES = 8;
  Raw r;

  [[gnu::always_inline]] static Vec load(const F* p) { return {_mm256_loadu_si256(reinterpret_cast<const Raw*>(p))}; }
  [[gnu::always_inline]] static Vec load_partial(const F* p, unsigned n) {
    return {_mm256_maskload_epi32(reinterpret_cast<const int*>(p), lane_mask(n))};
  }
  [[gnu::always_inline]] void store(F* p) const { _mm256_storeu_si256(reinterpret_cast<Raw*>(p), r); }
  [[gnu::always_inline]] void store_partial(F* p, unsigned n) const {
    _mm256_maskstore_epi32(reinterpret_cast<int*>(p), lane_mask(n), r);
  }
  /// Non-temporal store to a 32-byte aligned address.
  [[gnu::always_inline]] void stream(F* p) const { _mm256_stream_si256(reinterpret_cast<Raw*>(p), r); }
  [[gnu::always_inline]] static Vec broadcast(F a) { return {_mm256_set1_epi32(static_cast<int>(a.v))}; }
  [[gnu::always_inline]] static Vec zero() { return {_mm256_setzero_si256()}; }

  [[gnu::always_inline]] friend Vec operator+(Vec a, Vec b) {
    const Raw t = _mm256_add_epi32(a.r, b.r);
    return {_mm256_min_epu32(t, _mm256_sub_epi32(t, raw_p()))};
  }
  [[gnu::always_inline]] friend Vec operator-(Vec a, Vec b) {
    return {canonical_from_signed(_mm256_sub_epi32(a.r, b.r))};
  }
  [[gnu::always_inline]] friend Vec operator-(Vec a) { return zero() - a; }
  [[gnu::always_inline]] friend Vec operator*(Vec a, Vec b) {
    return {reduce_raw(widening_mul(a.r, b.r), widening_mul(odd_lanes(a.r), odd_lanes(b.r)))};
  }
  Vec& operator+=(Vec b) { return *this = *this + b; }
  Vec& operator-=(Vec b) { return *this = *this - b; }
  Vec& operator*=(Vec b) { return *this = *this * b; }
};

[[gnu::always_inline]] inline Vec lazy_add(Vec a, Vec b) { return {_mm256_add_epi32(a.r, b.r)}; }
[[gnu::always_inline]] inline Vec lazy_sub(Vec a, Vec b) {
  return {_mm256_add_epi32(_mm256_sub_epi32(a.r, b.r), raw_p())};
}
[[gnu::always_inline]] inline void store_fence() { _mm_sfence(); }

/// 32-bit words rather than residues in the same registers, for hash functions and index arithmetic.
[[gnu::always_inline]] inline Vec word_broadcast(uint32_t w) { return {_mm256_set1_epi32(static_cast<int>(w))}; }
[[gnu::always_inline]] inline Vec word_add(Vec a, Vec b) { return {_mm256_add_epi32(a.r, b.r)}; }
[[gnu::always_inline]] inline Vec word_xor(Vec a, Vec b) { return {_mm256_xor_si256(a.r, b.r)}; }
[[gnu::always_inline]] inline Vec word_mul(Vec a, Vec b) { return {_mm256_mullo_epi32(a.r, b.r)}; }
template <int BITS>
[[gnu::always_inline]] inline Vec word_rotate_right(Vec a) {
  if constexpr (BITS == 8)
    return {_mm256_shuffle_epi8(a.r, _mm256_setr_epi8(1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12, 1, 2, 3, 0,
                                                      5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12))};
  else if constexpr (BITS == 16)
    return {_mm256_shuffle_epi8(a.r, _mm256_setr_epi8(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13, 2, 3, 0, 1,
                                                      6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13))};
  else
    return {_mm256_or_si256(_mm256_srli_epi32(a.r, BITS), _mm256_slli_epi32(a.r, 32 - BITS))};
}

struct Multiplier {
  Raw w, w_p_inv;
  [[gnu::always_inline]] static Multiplier broadcast(uint32_t w, uint32_t w_p_inv) {
    return {_mm256_set1_epi32(static_cast<int>(w)), _mm256_set1_epi32(static_cast<int>(w_p_inv))};
  }
};
[[gnu::always_inline]] inline Vec mul(Vec a, Multiplier m) {
  const Raw odd = odd_lanes(a.r);
  const Raw de = sub64(widening_mul(a.r, m.w), widening_mul(widening_mul(a.r, m.w_p_inv), raw_p()));
  const Raw dd = sub64(widening_mul(odd, m.w), widening_mul(widening_mul(odd, m.w_p_inv), raw_p()));
  return {canonical_from_signed(high_halves(de, dd))};
}

struct Split {
  Raw even, odd;
};
struct SplitConst {
  Raw all;
};
[[gnu::always_inline]] inline Split split(Vec a) { return {a.r, odd_lanes(a.r)}; }
[[gnu::always_inline]] inline SplitConst broadcast_split(F a) { return {_mm256_set1_epi32(static_cast<int>(a.v))}; }

[[gnu::always_inline]] inline Raw even_product(const Split& a, const Split& b) { return widening_mul(a.even, b.even); }
[[gnu::always_inline]] inline Raw odd_product(const Split& a, const Split& b) { return widening_mul(a.odd, b.odd); }
[[gnu::always_inline]] inline Raw even_product(const Split& a, const SplitConst& b) {
  return widening_mul(a.even, b.all);
}
[[gnu::always_inline]] inline Raw odd_product(const Split& a, const SplitConst& b) {
  return widening_mul(a.odd, b.all);
}

/// Canonical residues from 64-bit lanes below 2^32 p of the even and odd field lanes.
[[gnu::always_inline]] inline Vec montgomery_reduce(Raw even, Raw odd) { return {reduce_raw(even, odd)}; }

/// A sum of products, exact mod p for any number of terms. Lanes hold the sum minus 2^32 p as signed 64-bit integers in
/// [-2^32 p, 0): two more products (< 2 p^2 < 2^63) cannot overflow, and one conditional subtraction restores this.
struct Acc {
  Raw even, odd;

  [[gnu::always_inline]] static Acc zero() {
    const Raw start = sub64(_mm256_setzero_si256(), raw_p32());
    return {start, start};
  }
  template <class B>
  [[gnu::always_inline]] void mac(const Split& a, const B& b) {
    even = correct_offset(add64(even, even_product(a, b)));
    odd = correct_offset(add64(odd, odd_product(a, b)));
  }
  template <class B0, class B1>
  [[gnu::always_inline]] void mac2(const Split& a0, const B0& b0, const Split& a1, const B1& b1) {
    even = correct_offset(add64(even, add64(even_product(a0, b0), even_product(a1, b1))));
    odd = correct_offset(add64(odd, add64(odd_product(a0, b0), odd_product(a1, b1))));
  }
  [[gnu::always_inline]] Vec reduce() const { return {reduce_raw(add64(even, raw_p32()), add64(odd, raw_p32()))}; }

 private:
  [[gnu::always_inline]] static Raw correct_offset(Raw t) {
    return sub64(t, _mm256_andnot_si256(negative_mask(t), raw_p32()));
  }
};

[[gnu::always_inline]] inline void transpose(Vec (&v)[8]) {
  Raw t[8], s[8];
  for (unsigned i = 0; i < 8; i += 2) {
    t[i] = _mm256_unpacklo_epi32(v[i].r, v[i + 1].r);
    t[i + 1] = _mm256_unpackhi_epi32(v[i].r, v[i + 1].r);
  }
  for (unsigned i = 0; i < 8; i += 4) {
    s[i] = _mm256_unpacklo_epi64(t[i], t[i + 2]);
    s[i + 1] = _mm256_unpackhi_epi64(t[i], t[i + 2]);
    s[i + 2] = _mm256_unpacklo_epi64(t[i + 1], t[i + 3]);
    s[i + 3] = _mm256_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  for (unsigned c = 0; c < 4; ++c) {
    v[c].r = _mm256_permute2x128_si256(s[c], s[4 + c], 0x20);
    v[c + 4].r = _mm256_permute2x128_si256(s[c], s[4 + c], 0x31);
  }
}

#include "stark/simd/vec_common.ipp"

}  // namespace avx2
}  // namespace zkvm::stark
