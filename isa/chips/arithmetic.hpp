#pragma once
/// \file
/// Gadgets on values: sums, comparisons, bytes, shifts, shared by several chips.

#include <array>

#include "isa/chips/gadgets.hpp"

namespace zkvm::isa {

// ---- x + y = sum mod 2^32
// -------------------------------------------------------------------------------------------------

/// With flag 1: x + y = sum mod 2^32. All limbs are in [0, 2^16). The carries are affine in them and boolean where the
/// flag is set, so each limb equation holds over the integers and determines any one limb from the others. Degree 3 for
/// affine limbs.
inline void assert_sum(AirBuilder& b, Expr flag, const Word<Expr>& x, const Word<Expr>& y, const Word<Expr>& sum) {
  const F limb_inverse = F::from(1u << 16).inverse();
  const Expr carry = (x.lo + y.lo - sum.lo) * limb_inverse;
  const Expr carry_out = (x.hi + y.hi + carry - sum.hi) * limb_inverse;
  b.assert_zero(flag * carry * (carry - 1), "carry is boolean");
  b.assert_zero(flag * carry_out * (carry_out - 1), "carry out is boolean");
}

// ---- bytes
// ----------------------------------------------------------------------------------------------------------------

/// A 32-bit value as bytes, lowest first.
template <class T>
struct Bytes {
  T b[4];
};
inline Word<Expr> word(const Bytes<Expr>& x) { return {x.b[0] + 256 * x.b[1], x.b[2] + 256 * x.b[3]}; }
inline std::array<uint32_t, 4> split(uint32_t value) {
  return {value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >> 24};
}
inline Bytes<F> bytes(uint32_t value) {
  const auto s = split(value);
  return {{F::from(s[0]), F::from(s[1]), F::from(s[2]), F::from(s[3])}};
}
inline void check_bytes(AirBuilder& b, Expr real, const Bytes<Expr>& x, const char* label) {
  byte_pair(b, x.b[0], x.b[1], real, label);
  byte_pair(b, x.b[2], x.b[3], real, label);
}
inline Bytes<F> checked_bytes(Filler& f, uint32_t value) {
  const auto s = split(value);
  f.count_bytes(s[0], s[1]);
  f.count_bytes(s[2], s[3]);
  return {{F::from(s[0]), F::from(s[1]), F::from(s[2]), F::from(s[3])}};
}

/// Columns of the schoolbook product of byte values, weighted 2^(16 k) for k = 0 .. 3: each is at most 65025 (3 + 256 *
/// 4) < 2^26.
template <class T>
std::array<T, 4> product_columns(const Bytes<T>& x, const Bytes<T>& y, const auto& scale256) {
  const auto at = [&](int i, int j) { return x.b[i] * y.b[j]; };
  return {at(0, 0) + scale256(at(0, 1) + at(1, 0)),
          at(0, 2) + at(1, 1) + at(2, 0) + scale256(at(0, 3) + at(1, 2) + at(2, 1) + at(3, 0)),
          at(1, 3) + at(2, 2) + at(3, 1) + scale256(at(2, 3) + at(3, 2)), at(3, 3)};
}
inline std::array<Expr, 4> product_columns(const Bytes<Expr>& x, const Bytes<Expr>& y) {
  return product_columns(x, y, [](Expr e) { return 256 * e; });
}
inline std::array<int64_t, 4> product_columns(uint32_t x, uint32_t y) {
  const auto a = split(x), c = split(y);
  const Bytes<int64_t> s{{a[0], a[1], a[2], a[3]}}, t{{c[0], c[1], c[2], c[3]}};
  return product_columns(s, t, [](int64_t e) { return 256 * e; });
}

// ---- sign
// -----------------------------------------------------------------------------------------------------------------

/// `sign` is bit 15 of `limb` where multiplicity is 1 (then limb - 2^15 sign has 15 bits), and must be 0 where
/// `is_signed` is 0.
inline void assert_sign(AirBuilder& b, Expr sign, Expr limb, Expr is_signed, const char* label) {
  b.assert_bool(sign, label);
  b.assert_zero(sign * (1 - is_signed), label);
  range_check(b, 15, limb - 32768 * sign, is_signed, label);
}
inline F fill_sign(Filler& f, uint32_t value, bool is_signed) {
  if (!is_signed) return F::zero();
  f.count_bits(15, (value >> 16) & 0x7fff);
  return flag((value >> 31) != 0);
}

// ---- comparison
// -----------------------------------------------------------------------------------------------------------

/// a < b, signed or unsigned.
template <class T>
struct LessThanColumns {
  T less;
  T sign_a, sign_b;  ///< signed: the top bits; unsigned: 0
  T same_high;       ///< 1: the high limbs agree and the low ones decide
  T difference;      ///< of the limbs that decide, see below; 16 bits
};

/// `less` = (a < b) where real is 1. With high limbs taken as signed numbers h = hi - 2^16 sign:
/// same_high = 1 forces a.hi = b.hi, and difference = a.lo - b.lo + 2^16 less in [0, 2^16) makes less the borrow.
/// same_high = 0: difference = h_a - h_b - 1 + (2^16 + 1) less in [0, 2^16): less = 0 needs h_a > h_b strictly, less =
/// 1 needs h_a < h_b; so equal high limbs cannot be passed off as different. All terms are below 2^18 in size: no wrap
/// modulo p. Degree 2.
inline void assert_less_than(AirBuilder& b, Expr real, Expr is_signed, const Word<Expr>& x, const Word<Expr>& y,
                             const LessThanColumns<Expr>& c) {
  assert_sign(b, c.sign_a, x.hi, is_signed, "sign of a");
  assert_sign(b, c.sign_b, y.hi, is_signed, "sign of b");
  b.assert_bool(c.less, "less is boolean");
  b.assert_bool(c.same_high, "same_high is boolean");
  b.assert_zero(c.less * (1 - real), "less only on real rows");
  b.assert_zero(c.same_high * (1 - real), "same_high only on real rows");
  b.assert_zero(c.same_high * (x.hi - y.hi), "same high limbs");
  const Expr low = x.lo - y.lo + 65536 * c.less;
  const Expr high = x.hi - y.hi - 65536 * (c.sign_a - c.sign_b) - real + 65537 * c.less;
  b.assert_equal(c.difference, high + c.same_high * (low - high), "difference of the deciding limbs");
  range_check(b, 16, c.difference, real, "difference");
}
inline LessThanColumns<F> fill_less_than(Filler& f, bool is_signed, uint32_t x, uint32_t y) {
  LessThanColumns<F> c;
  c.sign_a = fill_sign(f, x, is_signed);
  c.sign_b = fill_sign(f, y, is_signed);
  const bool less = is_signed ? static_cast<int32_t>(x) < static_cast<int32_t>(y) : x < y;
  const bool same = (x >> 16) == (y >> 16);
  const auto high = [&](uint32_t v) {
    return is_signed ? static_cast<int32_t>(v) >> 16 : static_cast<int32_t>(v >> 16);
  };
  const int32_t difference =
      same ? static_cast<int32_t>(x & 0xffff) - static_cast<int32_t>(y & 0xffff) + (less ? 65536 : 0)
           : high(x) - high(y) - 1 + (less ? 65537 : 0);
  c.less = flag(less);
  c.same_high = flag(same);
  c.difference = f.range16(static_cast<uint32_t>(difference));
  return c;
}

// ---- shifts
// ---------------------------------------------------------------------------------------------------------------

/// The shift by 0 .. 31 is split: by 16 if the op flag ends in 1, and by s = amount & 15 within the limbs. Right shifts
/// cut limbs at t = s, left shifts at t = 16 - s.
template <class T>
struct ShiftFlags {
  T sll0, sll1, srl0, srl1, sra0, sra1;  ///< one-hot on real rows
};
template <class T>
struct ShiftColumns {
  T t, power_t, power_rest;  ///< 2^t, 2^(16 - t)
  Word<T> a;                 ///< the operand
  Word<T> quotient;          ///< limb >> t, 16 - t bits each
  Word<T> remainder;         ///< limb mod 2^t, t bits each
  T sign;                    ///< SRA: top bit of the operand; otherwise 0
  Word<T> result;
};

/// Given t in [0, 16] and the two powers (the caller binds them), the result is the shifted operand: limb = quotient
/// 2^t + remainder < 2^16 as integers, with both parts in range by look-ups, so they are determined. The results
/// combine disjoint bit ranges, so their limbs are in [0, 2^16) without a look-up: right: quotient (16 - t bits) below
/// remainder 2^(16 - t) or below sign bits (2^16 - 2^(16 - t)); left: quotient_lo (s bits, s = 16 - t) below remainder
/// 2^s. quotient.hi (left), remainder.lo (right) are dropped bits. Degree 3.
inline void assert_shift(AirBuilder& b, Expr real, const ShiftFlags<Expr>& f, const ShiftColumns<Expr>& c) {
  b.assert_equal(c.a.lo, c.quotient.lo * c.power_t + c.remainder.lo, "low limb is cut at t");
  b.assert_equal(c.a.hi, c.quotient.hi * c.power_t + c.remainder.hi, "high limb is cut at t");
  for (Expr r : {c.remainder.lo, c.remainder.hi}) b.receive(RANGE, {c.t, r}, real, "remainder");
  for (Expr q : {c.quotient.lo, c.quotient.hi}) b.receive(RANGE, {16 - c.t, q}, real, "quotient");
  const Expr sra = f.sra0 + f.sra1;
  assert_sign(b, c.sign, c.a.hi, sra, "sign");

  const Expr fill = c.sign * (65536 - c.power_rest);  // 0 unless SRA
  const Expr right0 = f.srl0 + f.sra0, right1 = f.srl1 + f.sra1;
  b.assert_equal(c.result.lo,
                 right0 * (c.quotient.lo + c.remainder.hi * c.power_rest) + right1 * (c.quotient.hi + fill) +
                     f.sll0 * c.remainder.lo * c.power_rest,
                 "result.lo");
  b.assert_equal(c.result.hi,
                 right0 * (c.quotient.hi + fill) + right1 * c.sign * 65535 +
                     f.sll0 * (c.quotient.lo + c.remainder.hi * c.power_rest) + f.sll1 * c.remainder.lo * c.power_rest,
                 "result.hi");
}

enum class Shift : uint8_t { LEFT, RIGHT, RIGHT_ARITHMETIC };
inline ShiftFlags<F> shift_flags(Shift kind, uint32_t amount) {
  const bool far = (amount & 16) != 0;
  const auto is = [&](Shift k, bool half) { return flag(kind == k && far == half); };
  return {is(Shift::LEFT, false),
          is(Shift::LEFT, true),
          is(Shift::RIGHT, false),
          is(Shift::RIGHT, true),
          is(Shift::RIGHT_ARITHMETIC, false),
          is(Shift::RIGHT_ARITHMETIC, true)};
}
inline ShiftColumns<F> fill_shift(Filler& f, Shift kind, uint32_t a, uint32_t amount, uint32_t result) {
  const unsigned s = amount & 15, t = kind == Shift::LEFT ? 16 - s : s;
  const uint32_t lo = a & 0xffff, hi = a >> 16, mask = (1u << t) - 1;
  for (uint32_t limb : {lo, hi}) {
    f.count_bits(t, limb & mask);
    f.count_bits(16 - t, limb >> t);
  }
  return {.t = F::from(t),
          .power_t = F::from(1u << t),
          .power_rest = F::from(1u << (16 - t)),
          .a = word(a),
          .quotient = {F::from(lo >> t), F::from(hi >> t)},
          .remainder = {F::from(lo & mask), F::from(hi & mask)},
          .sign = fill_sign(f, a, kind == Shift::RIGHT_ARITHMETIC),
          .result = word(result)};
}

}  // namespace zkvm::isa
