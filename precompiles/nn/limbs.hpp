#pragma once
/// \file
/// Gadget: the high half of a product.
///
/// Given: integers a, with limbs a0 + 2^8 a1 + 2^16 a2 + 2^24 a3 congruent to a modulo 2^32, and m likewise, where all
/// limbs are bytes, except that a2 may be in [-2^12, 2^12] if a3 is 0, and that all limbs of one of them may be
/// negative; their residues modulo p; half, a multiple of 2^16 below 2^32. Gives the residue modulo p of floor((a m +
/// half) / 2^32), whatever the size of the product.
///
/// Why no column can be lied about, where `active` is 1: r0, r1 have 16 bits, so R = r0 + 2^16 r1 is in [0, 2^32).
///   a0 m0 + 2^8 (a0 m1 + a1 m0) = r0 + 2^16 k0: the left side is below 3.4e7 in size, with k0 + 2^10 of 11 bits the
///   right one below 6.8e7; k0 + a0 m2 + a1 m1 + a2 m0 + 2^8 (a0 m3 + a1 m2 + a2 m1 + a3 m0) + half / 2^16 = r1 + 2^16
///   k1: below 3.1e8 (a2 m1 2^8 is at most 2^12 255 2^8), and with k1 + 2^13 of 14 bits below 5.4e8.
/// Both differences are below p = 2.1e9, so both are equations of integers: a m + half = R modulo 2^32, so (a m + half
/// - R) / 2^32 is the floor, an integer, and its residue is what that expression gives in the field, as 2^32 is not 0
/// there.

#include "precompiles/nn/buses.hpp"

namespace zkvm::precompiles::nn {

template <class T>
struct ProductColumns {
  T r0, r1, k0, k1;
};
/// Limbs of a number, and its value modulo p.
struct Limbs {
  Expr limb[4];
  Expr value;
};
inline Limbs byte_limbs(const Expr (&b)[4]) {
  return {{b[0], b[1], b[2], b[3]}, b[0] + 256 * b[1] + 65536 * b[2] + (1 << 24) * b[3]};
}

/// `real`: 1 where the columns mean something, also while not active; all of them are 0 where it is 0.
inline Expr high_product(AirBuilder& b, Expr active, Expr real, const Limbs& x, const Limbs& y, uint32_t half,
                         const ProductColumns<Expr>& c) {
  const auto &a = x.limb, &m = y.limb;
  isa::range_check(b, 16, c.r0, active, "r0");
  isa::range_check(b, 16, c.r1, active, "r1");
  isa::range_check(b, 11, c.k0 + 1024, active, "k0");
  isa::range_check(b, 14, c.k1 + 8192, active, "k1");
  b.assert_equal(a[0] * m[0] + 256 * (a[0] * m[1] + a[1] * m[0]), c.r0 + 65536 * c.k0, "low limb of the product");
  b.assert_equal(c.k0 + a[0] * m[2] + a[1] * m[1] + a[2] * m[0] +
                     256 * (a[0] * m[3] + a[1] * m[2] + a[2] * m[1] + a[3] * m[0]) + int64_t{half >> 16} * real,
                 c.r1 + 65536 * c.k1, "second limb of the product");
  return (x.value * y.value + int64_t{half} * real - c.r0 - 65536 * c.r1) * F::from_i64(int64_t{1} << 32).inverse();
}

inline ProductColumns<F> fill_product(isa::Filler& f, bool active, const int64_t (&a)[4], const int64_t (&m)[4],
                                      uint32_t half) {
  const int64_t low = a[0] * m[0] + 256 * (a[0] * m[1] + a[1] * m[0]), k0 = low >> 16;
  const int64_t second = k0 + a[0] * m[2] + a[1] * m[1] + a[2] * m[0] +
                         256 * (a[0] * m[3] + a[1] * m[2] + a[2] * m[1] + a[3] * m[0]) + (half >> 16);
  const int64_t k1 = second >> 16;
  if (active) {
    f.count_bits(16, static_cast<uint32_t>(low & 0xffff));
    f.count_bits(16, static_cast<uint32_t>(second & 0xffff));
    f.count_bits(11, static_cast<uint32_t>(k0 + 1024));
    f.count_bits(14, static_cast<uint32_t>(k1 + 8192));
  }
  return {F::from_i64(low & 0xffff), F::from_i64(second & 0xffff), F::from_i64(k0), F::from_i64(k1)};
}
/// The bytes of x.
struct Bytes {
  int64_t b[4];
};
inline Bytes bytes_of(uint32_t x) { return {{x & 0xff, (x >> 8) & 0xff, (x >> 16) & 0xff, x >> 24}}; }

}  // namespace zkvm::precompiles::nn
