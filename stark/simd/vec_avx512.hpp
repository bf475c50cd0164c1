#pragma once
/// \file
/// KoalaBear in AVX-512: 16 lanes of canonical Montgomery residues. The API is the same in every backend and is
/// described in stark/simd/README.md. Needs F, BW, DQ and VL. Include only from sources built by zkvm_simd_sources.
///
/// Everything here is private to namespace avx512 and uses of F are limited to its data member, so that no inline
/// function compiled with AVX-512 can be merged by the linker with its portable twin.

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "stark/field/extension.hpp"

namespace zkvm::stark {
namespace avx512 {

using Raw = __m512i;

[[gnu::always_inline]] inline Raw raw_p() { return _mm512_set1_epi32(static_cast<int>(F::P)); }
[[gnu::always_inline]] inline Raw raw_p_inv() { return _mm512_set1_epi32(static_cast<int>(F::P_INV)); }
/// 2^32 p, the bound below which Montgomery reduction is exact.
[[gnu::always_inline]] inline Raw raw_p32() { return _mm512_set1_epi64(static_cast<long long>(uint64_t{F::P} << 32)); }
/// Copies every odd 32-bit lane onto its even neighbour: the multiplier reads only even lanes.
[[gnu::always_inline]] inline Raw odd_lanes(Raw a) {
  return _mm512_castps_si512(_mm512_movehdup_ps(_mm512_castsi512_ps(a)));
}
[[gnu::always_inline]] inline Raw widening_mul(Raw a, Raw b) { return _mm512_mul_epu32(a, b); }
[[gnu::always_inline]] inline Raw add64(Raw a, Raw b) { return _mm512_add_epi64(a, b); }
[[gnu::always_inline]] inline Raw sub64(Raw a, Raw b) { return _mm512_sub_epi64(a, b); }
/// The high halves of 64-bit lanes: those of `even` in even lanes, those of `odd` in odd lanes.
[[gnu::always_inline]] inline Raw high_halves(Raw even, Raw odd) {
  return _mm512_castps_si512(_mm512_mask_movehdup_ps(_mm512_castsi512_ps(odd), 0x5555, _mm512_castsi512_ps(even)));
}
/// 64-bit lanes below 2^32 p + 2 p^2 to the same value mod p below 2^32 p.
[[gnu::always_inline]] inline Raw correct_range(Raw x) { return _mm512_min_epu64(x, sub64(x, raw_p32())); }
/// 64-bit lanes in (-2^32 p, 2^32 p) to the same value mod p in [0, 2^32 p).
[[gnu::always_inline]] inline Raw correct_negative(Raw x) { return _mm512_min_epu64(x, add64(x, raw_p32())); }
/// 32-bit lanes in (-p, p) to [0, p): a negative lane is large as an unsigned one.
[[gnu::always_inline]] inline Raw canonical_from_signed(Raw t) {
  return _mm512_min_epu32(t, _mm512_add_epi32(t, raw_p()));
}
/// Montgomery reduction of 64-bit lanes below 2^32 p (even and odd 32-bit lanes of the result) to canonical residues.
[[gnu::always_inline]] inline Raw reduce_raw(Raw even, Raw odd) {
  const Raw me = widening_mul(widening_mul(even, raw_p_inv()), raw_p());
  const Raw mo = widening_mul(widening_mul(odd, raw_p_inv()), raw_p());
  return canonical_from_signed(high_halves(sub64(even, me), sub64(odd, mo)));
}

/// 2^MAX_TRANSFORM_RADIX vectors and some temporaries fit the register file.
inline constexpr unsigned MAX_TRANSFORM_RADIX = 4;

struct Vec {
  static constexpr unsigned LANES = 16;
  Raw r;

  [[gnu::always_inline]] static Vec load(const F* p) { return {_mm512_loadu_si512(p)}; }
  /// The first n <= LANES lanes from memory, zero in the others; reads nothing past p[n - 1].
  [[gnu::always_inline]] static Vec load_partial(const F* p, unsigned n) {
    return {_mm512_maskz_loadu_epi32(static_cast<__mmask16>((1u << n) - 1), p)};
  }
  [[gnu::always_inline]] void store(F* p) const { _mm512_storeu_si512(p, r); }
  [[gnu::always_inline]] void store_partial(F* p, unsigned n) const {
    _mm512_mask_storeu_epi32(p, static_cast<__mmask16>((1u << n) - 1), r);
  }
  /// Non-temporal store to a 64-byte aligned address; fence with store_fence() before other threads read.
  [[gnu::always_inline]] void stream(F* p) const { _mm512_stream_si512(reinterpret_cast<Raw*>(p), r); }
  [[gnu::always_inline]] static Vec broadcast(F a) { return {_mm512_set1_epi32(static_cast<int>(a.v))}; }
  [[gnu::always_inline]] static Vec zero() { return {_mm512_setzero_si512()}; }

  [[gnu::always_inline]] friend Vec operator+(Vec a, Vec b) {
    const Raw t = _mm512_add_epi32(a.r, b.r);
    return {_mm512_min_epu32(t, _mm512_sub_epi32(t, raw_p()))};
  }
  [[gnu::always_inline]] friend Vec operator-(Vec a, Vec b) {
    return {canonical_from_signed(_mm512_sub_epi32(a.r, b.r))};
  }
  [[gnu::always_inline]] friend Vec operator-(Vec a) { return zero() - a; }
  [[gnu::always_inline]] friend Vec operator*(Vec a, Vec b) {
    return {reduce_raw(widening_mul(a.r, b.r), widening_mul(odd_lanes(a.r), odd_lanes(b.r)))};
  }
  Vec& operator+=(Vec b) { return *this = *this + b; }
  Vec& operator-=(Vec b) { return *this = *this - b; }
  Vec& operator*=(Vec b) { return *this = *this * b; }
};

/// Lane sums and differences without range correction: a + b < 2^32 and a - b + p for operands below 2p and p.
[[gnu::always_inline]] inline Vec lazy_add(Vec a, Vec b) { return {_mm512_add_epi32(a.r, b.r)}; }
[[gnu::always_inline]] inline Vec lazy_sub(Vec a, Vec b) {
  return {_mm512_add_epi32(_mm512_sub_epi32(a.r, b.r), raw_p())};
}
[[gnu::always_inline]] inline void store_fence() { _mm_sfence(); }

/// 32-bit words rather than residues in the same registers, for hash functions and index arithmetic.
[[gnu::always_inline]] inline Vec word_broadcast(uint32_t w) { return {_mm512_set1_epi32(static_cast<int>(w))}; }
[[gnu::always_inline]] inline Vec word_add(Vec a, Vec b) { return {_mm512_add_epi32(a.r, b.r)}; }
[[gnu::always_inline]] inline Vec word_xor(Vec a, Vec b) { return {_mm512_xor_si512(a.r, b.r)}; }
[[gnu::always_inline]] inline Vec word_mul(Vec a, Vec b) { return {_mm512_mullo_epi32(a.r, b.r)}; }
template <int BITS>
[[gnu::always_inline]] inline Vec word_rotate_right(Vec a) {
  return {_mm512_ror_epi32(a.r, BITS)};
}

/// A constant factor with its Montgomery companion w * p^-1 mod 2^32: one multiplication less than operator*.
struct Multiplier {
  Raw w, w_p_inv;
  [[gnu::always_inline]] static Multiplier broadcast(uint32_t w, uint32_t w_p_inv) {
    return {_mm512_set1_epi32(static_cast<int>(w)), _mm512_set1_epi32(static_cast<int>(w_p_inv))};
  }
};
/// a * w, canonical, for any 32-bit lanes a (canonical or lazy).
[[gnu::always_inline]] inline Vec mul(Vec a, Multiplier m) {
  const Raw odd = odd_lanes(a.r);
  const Raw de = sub64(widening_mul(a.r, m.w), widening_mul(widening_mul(a.r, m.w_p_inv), raw_p()));
  const Raw dd = sub64(widening_mul(odd, m.w), widening_mul(widening_mul(odd, m.w_p_inv), raw_p()));
  return {canonical_from_signed(high_halves(de, dd))};
}

/// A vector prepared for widening products: even lanes in place, odd lanes moved down.
struct Split {
  Raw even, odd;
};
/// The same constant in all lanes: needs no shuffle.
struct SplitConst {
  Raw all;
};
[[gnu::always_inline]] inline Split split(Vec a) { return {a.r, odd_lanes(a.r)}; }
[[gnu::always_inline]] inline SplitConst broadcast_split(F a) { return {_mm512_set1_epi32(static_cast<int>(a.v))}; }

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

/// A sum of products, exact mod p for any number of terms. Invariant: 64-bit lanes below 2^32 p < 2.016 p^2, so two
/// more products stay below 4.016 p^2 < 2^64 = 4.063 p^2 and one subtraction of 2^32 p restores the invariant.
struct Acc {
  Raw even, odd;

  [[gnu::always_inline]] static Acc zero() { return {_mm512_setzero_si512(), _mm512_setzero_si512()}; }
  template <class B>
  [[gnu::always_inline]] void mac(const Split& a, const B& b) {
    even = correct_range(add64(even, even_product(a, b)));
    odd = correct_range(add64(odd, odd_product(a, b)));
  }
  template <class B0, class B1>
  [[gnu::always_inline]] void mac2(const Split& a0, const B0& b0, const Split& a1, const B1& b1) {
    even = correct_range(add64(even, add64(even_product(a0, b0), even_product(a1, b1))));
    odd = correct_range(add64(odd, add64(odd_product(a0, b0), odd_product(a1, b1))));
  }
  [[gnu::always_inline]] Vec reduce() const { return {reduce_raw(even, odd)}; }
};

/// Transposes LANES x LANES elements: afterwards lane j of v[i] is what lane i of v[j] was.
[[gnu::always_inline]] inline void transpose(Vec (&v)[16]) {
  Raw t[16], s[16];
  for (unsigned i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(v[i].r, v[i + 1].r);
    t[i + 1] = _mm512_unpackhi_epi32(v[i].r, v[i + 1].r);
  }
  for (unsigned i = 0; i < 16; i += 4) {
    s[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    s[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    s[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    s[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  // 128-bit block b of s[4i + c] now holds column 4b + c of rows 4i .. 4i + 3.
  for (unsigned c = 0; c < 4; ++c) {
    const Raw a0 = _mm512_shuffle_i32x4(s[c], s[4 + c], 0x88), a1 = _mm512_shuffle_i32x4(s[8 + c], s[12 + c], 0x88);
    const Raw b0 = _mm512_shuffle_i32x4(s[c], s[4 + c], 0xdd), b1 = _mm512_shuffle_i32x4(s[8 + c], s[12 + c], 0xdd);
    v[c].r = _mm512_shuffle_i32x4(a0, a1, 0x88);
    v[c + 8].r = _mm512_shuffle_i32x4(a0, a1, 0xdd);
    v[c + 4].r = _mm512_shuffle_i32x4(b0, b1, 0x88);
    v[c + 12].r = _mm512_shuffle_i32x4(b0, b1, 0xdd);
  }
}

#include "stark/simd/vec_common.ipp"

}  // namespace avx512
}  // namespace zkvm::stark
