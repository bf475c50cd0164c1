#pragma once
/// \file
/// KoalaBear in plain C++: 8 lanes, same API as vec_avx512.hpp. The reference that the other backends are tested
/// against; a compiler may vectorise the loops.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "stark/field/extension.hpp"

namespace zkvm::stark {
namespace portable {

/// 64-bit lanes belonging to the even or to the odd field lanes of a Vec.
struct Raw {
  uint64_t l[4];
};
inline constexpr uint64_t P32 = uint64_t{F::P} << 32;

inline Raw add64(const Raw& a, const Raw& b) {
  Raw r;
  for (unsigned i = 0; i < 4; ++i) r.l[i] = a.l[i] + b.l[i];
  return r;
}
inline Raw sub64(const Raw& a, const Raw& b) {
  Raw r;
  for (unsigned i = 0; i < 4; ++i) r.l[i] = a.l[i] - b.l[i];
  return r;
}
/// Lanes below 4.016 p^2 to the same value mod p below 2^32 p.
inline Raw correct_range(const Raw& x) {
  Raw r;
  for (unsigned i = 0; i < 4; ++i) r.l[i] = x.l[i] >= P32 ? x.l[i] - P32 : x.l[i];
  return r;
}
/// Lanes in (-2^32 p, 2^32 p) to the same value mod p in [0, 2^32 p).
inline Raw correct_negative(const Raw& x) {
  Raw r;
  for (unsigned i = 0; i < 4; ++i) r.l[i] = (x.l[i] >> 63) != 0 ? x.l[i] + P32 : x.l[i];
  return r;
}

/// 2^MAX_TRANSFORM_RADIX vectors at a time; g++ keeps no more in SSE2 registers (27 ns a cell extended, 38 with 2).
inline constexpr unsigned MAX_TRANSFORM_RADIX = 1;

struct Vec {
  static constexpr unsigned LANES = 8;
  uint32_t l[8];

  /// memcpy, because hash kernels load digests and other bytes through the same function.
  static Vec load(const F* p) { return load_partial(p, 8); }
  static Vec load_partial(const F* p, unsigned n) {
    Vec r = zero();
    std::memcpy(r.l, p, n * sizeof(F));
    return r;
  }
  void store(F* p) const { store_partial(p, 8); }
  void store_partial(F* p, unsigned n) const { std::memcpy(static_cast<void*>(p), l, n * sizeof(F)); }
  void stream(F* p) const { store(p); }
  static Vec broadcast(F a) { return {{a.v, a.v, a.v, a.v, a.v, a.v, a.v, a.v}}; }
  static Vec zero() { return {{}}; }

  friend Vec operator+(const Vec& a, const Vec& b) {
    Vec r;
    for (unsigned i = 0; i < 8; ++i) {
      r.l[i] = add_p_if_negative(a.l[i] + b.l[i] - F::P);
    }
    return r;
  }
  friend Vec operator-(const Vec& a, const Vec& b) {
    Vec r;
    for (unsigned i = 0; i < 8; ++i) {
      r.l[i] = add_p_if_negative(a.l[i] - b.l[i]);
    }
    return r;
  }
  friend Vec operator-(const Vec& a) { return zero() - a; }
  friend Vec operator*(const Vec& a, const Vec& b) {
    Vec r;
    for (unsigned i = 0; i < 8; ++i) r.l[i] = reduce_lane(uint64_t{a.l[i]} * b.l[i]);
    return r;
  }
  Vec& operator+=(const Vec& b) { return *this = *this + b; }
  Vec& operator-=(const Vec& b) { return *this = *this - b; }
  Vec& operator*=(const Vec& b) { return *this = *this * b; }

  /// t as a signed number in [-p, p) to [0, p), without a branch: compilers vectorise shifts better than comparisons.
  static uint32_t add_p_if_negative(uint32_t t) {
    return t + (F::P & static_cast<uint32_t>(static_cast<int32_t>(t) >> 31));
  }
  static uint32_t reduce_lane(uint64_t t) {
    const uint32_t q = static_cast<uint32_t>(t) * F::P_INV;
    return add_p_if_negative(static_cast<uint32_t>(t >> 32) - static_cast<uint32_t>((uint64_t{q} * F::P) >> 32));
  }
};

inline Vec lazy_add(const Vec& a, const Vec& b) {
  Vec r;
  for (unsigned i = 0; i < 8; ++i) r.l[i] = a.l[i] + b.l[i];
  return r;
}
inline Vec lazy_sub(const Vec& a, const Vec& b) {
  Vec r;
  for (unsigned i = 0; i < 8; ++i) r.l[i] = a.l[i] - b.l[i] + F::P;
  return r;
}
inline void store_fence() {}

/// 32-bit words rather than residues in the same registers, for hash functions and index arithmetic.
inline Vec word_broadcast(uint32_t w) { return {{w, w, w, w, w, w, w, w}}; }
inline Vec word_add(const Vec& a, const Vec& b) { return lazy_add(a, b); }
inline Vec word_xor(const Vec& a, const Vec& b) {
  Vec r;
  for (unsigned i = 0; i < 8; ++i) r.l[i] = a.l[i] ^ b.l[i];
  return r;
}
inline Vec word_mul(const Vec& a, const Vec& b) {
  Vec r;
  for (unsigned i = 0; i < 8; ++i) r.l[i] = a.l[i] * b.l[i];
  return r;
}
template <int BITS>
inline Vec word_rotate_right(const Vec& a) {
  Vec r;
  for (unsigned i = 0; i < 8; ++i) r.l[i] = a.l[i] >> BITS | a.l[i] << (32 - BITS);
  return r;
}

struct Multiplier {
  uint32_t w;
  static Multiplier broadcast(uint32_t w, uint32_t) { return {w}; }
};
inline Vec mul(const Vec& a, const Multiplier& m) {
  Vec r;
  for (unsigned i = 0; i < 8; ++i) r.l[i] = Vec::reduce_lane(uint64_t{a.l[i]} * m.w);
  return r;
}

struct Split {
  Vec v;
};
struct SplitConst {
  uint32_t all;
};
inline Split split(const Vec& a) { return {a}; }
inline SplitConst broadcast_split(F a) { return {a.v}; }

inline Raw even_product(const Split& a, const Split& b) {
  Raw r;
  for (unsigned i = 0; i < 4; ++i) r.l[i] = uint64_t{a.v.l[2 * i]} * b.v.l[2 * i];
  return r;
}
inline Raw odd_product(const Split& a, const Split& b) {
  Raw r;
  for (unsigned i = 0; i < 4; ++i) r.l[i] = uint64_t{a.v.l[2 * i + 1]} * b.v.l[2 * i + 1];
  return r;
}
inline Raw even_product(const Split& a, const SplitConst& b) {
  Raw r;
  for (unsigned i = 0; i < 4; ++i) r.l[i] = uint64_t{a.v.l[2 * i]} * b.all;
  return r;
}
inline Raw odd_product(const Split& a, const SplitConst& b) {
  Raw r;
  for (unsigned i = 0; i < 4; ++i) r.l[i] = uint64_t{a.v.l[2 * i + 1]} * b.all;
  return r;
}
inline Vec montgomery_reduce(const Raw& even, const Raw& odd) {
  Vec r;
  for (unsigned i = 0; i < 4; ++i) {
    r.l[2 * i] = Vec::reduce_lane(even.l[i]);
    r.l[2 * i + 1] = Vec::reduce_lane(odd.l[i]);
  }
  return r;
}

/// A sum of products, exact mod p for any number of terms; lanes below 2^32 p (see vec_avx512.hpp for the margins).
struct Acc {
  Raw even, odd;

  static Acc zero() { return {{}, {}}; }
  template <class B>
  void mac(const Split& a, const B& b) {
    even = correct_range(add64(even, even_product(a, b)));
    odd = correct_range(add64(odd, odd_product(a, b)));
  }
  template <class B0, class B1>
  void mac2(const Split& a0, const B0& b0, const Split& a1, const B1& b1) {
    even = correct_range(add64(even, add64(even_product(a0, b0), even_product(a1, b1))));
    odd = correct_range(add64(odd, add64(odd_product(a0, b0), odd_product(a1, b1))));
  }
  Vec reduce() const { return montgomery_reduce(even, odd); }
};

inline void transpose(Vec (&v)[8]) {
  for (unsigned i = 0; i < 8; ++i)
    for (unsigned j = 0; j < i; ++j) {
      const uint32_t t = v[i].l[j];
      v[i].l[j] = v[j].l[i];
      v[j].l[i] = t;
    }
}

#include "stark/simd/vec_common.ipp"

}  // namespace portable
}  // namespace zkvm::stark
