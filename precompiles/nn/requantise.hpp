#pragma once
/// \file
/// Gadget: accumulator -> int8 with TensorFlow Lite's double rounding, one remainder, clamp.
///
/// Given: the channel's constants (ChannelMessage, from a fixed table; layer.cpp has checked, with x_max the greatest
/// |x| of the accumulators that the layer can have, that |a| mu < 2^61 and that max |y - zero point| power + power / 2
/// + max(power, 2^(16 + span)) + x_max + 4 < p), zero point and clamp -128 <= min <= max <= 127. Proves: y = clamp(q +
/// zero_point, min, max) with a = accumulator + bias and q as in layer.hpp, if the accumulator modulo p is that of an
/// integer with a in [-2^29, 2^29).
///
/// Why no column can be lied about, where `active` is 1:
/// - a0, a1 are bytes, negative is boolean, a2 + 2^13 negative has 13 bits: so a = a0 + 2^8 a1 + 2^16 a2 in [-2^29,
/// 2^29)
///   is determined by its residue (2^30 < p), and negative = [a < 0]. The accumulator is a - bias, affine.
/// - With R = r0 + 2^16 r1, both limbs of 16 bits: low 32 bits. m is mu modulo 2^32 as bytes.
///     a0 m0 + 2^8 (a0 m1 + a1 m0) = r0 + 2^16 k0, both sides in [0, 2^26): k0 has 10 bits;
///     k0 + a0 m2 + a1 m1 + a2 m0 + 2^8 (a0 m3 + a1 m2 + a2 m1) + 2^15 = r1 + 2^16 k1: the left side is in [-5.4e8,
///     5.8e8], the right one in [-2^30, 2^30 + 2^16) with k1 + 2^14 of 15 bits, so they differ by less than p.
///   Both are equations of integers then, and a mu + 2^31 = R modulo 2^32.
/// - a mu + 2^31 = 2^32 x + R modulo p. In units of 2^32 the left side is at most x_max in size, and x, as the columns
///   claim it, at most the rest of the given sum: the difference is below p 2^32 in size; being 0 modulo p and modulo
///   2^32 it is 0: x is the floor.
/// - x + shifts (power / 2 - negative) = (y - zero_point) power + z, z in [0, power), says that q is y - zero_point: z0
///   and z1 have `low` and `high` bits. If y = max (saturated = 1), z in [0, 2^(16 + span)) says q >= max - zero_point.
///   If y = min (saturated = -1), power - 1 - z takes the place of z: q <= min - zero_point. y is in [min, max] by
///   bytes. shifts [a < 0] instead of [x < 0] is right: where they differ x = 0, which is no tie.

#include "precompiles/nn/buses.hpp"
#include "precompiles/nn/layer.hpp"

namespace zkvm::precompiles::nn {

template <class T>
struct RequantiseColumns {
  T a0, a1, a2, negative;
  T r0, r1, k0, k1;
  T z0, z1, bits0, bits1;
  T saturated;  ///< 1: at max, -1: at min, 0
  T y;
};

/// a - bias: what was accumulated.
inline Expr accumulator(const RequantiseColumns<Expr>& c, const ChannelMessage<Expr>& channel) {
  return c.a0 + 256 * c.a1 + 65536 * c.a2 - channel.bias;
}

/// `active`: 1 where the look-ups are made. `real`: 1 where the columns mean something, also while not active; all
/// columns and constants are 0 where it is 0.
inline void assert_requantised(AirBuilder& b, Expr active, Expr real, const RequantiseColumns<Expr>& c,
                               const ChannelMessage<Expr>& p, Expr zero_point, Expr min, Expr max) {
  b.assert_bool(c.negative, "negative is boolean");
  isa::byte_pair(b, c.a0, c.a1, active, "accumulator, low bytes");
  isa::range_check(b, 13, c.a2 + 8192 * c.negative, active, "accumulator, high bits");
  isa::range_check(b, 16, c.r0, active, "r0");
  isa::range_check(b, 16, c.r1, active, "r1");
  isa::range_check(b, 10, c.k0, active, "k0");
  isa::range_check(b, 15, c.k1 + 16384, active, "k1");
  b.assert_equal(c.a0 * p.m[0] + 256 * (c.a0 * p.m[1] + c.a1 * p.m[0]), c.r0 + 65536 * c.k0, "low limb of the product");
  b.assert_equal(c.k0 + c.a0 * p.m[2] + c.a1 * p.m[1] + c.a2 * p.m[0] +
                     256 * (c.a0 * p.m[3] + c.a1 * p.m[2] + c.a2 * p.m[1]) + 32768 * real,
                 c.r1 + 65536 * c.k1, "second limb of the product");

  const F half = F::from(2).inverse();
  const Expr s = c.saturated, z = c.z0 + 65536 * c.z1;
  b.assert_zero(s * (s - 1) * (s + 1), "saturated is -1, 0 or 1");
  b.assert_zero(s * (s + 1) * (c.y - max), "saturated at max");
  b.assert_zero(s * (s - 1) * (c.y - min), "saturated at min");
  b.assert_equal(c.bits0, p.low + s * s * (16 - p.low), "bits of z0");
  b.assert_equal(c.bits1, p.high + s * s * (p.span - p.high), "bits of z1");
  b.receive(isa::RANGE, {c.bits0, c.z0}, active, "z0");
  b.receive(isa::RANGE, {c.bits1, c.z1}, active, "z1");
  isa::byte_pair(b, c.y - min, max - c.y, active, "y is within the clamp");
  const Expr x = (c.y - zero_point) * p.power - p.shifts * (p.power * half - c.negative) + z +
                 s * (s - 1) * half * (p.power - real - 2 * z);
  b.assert_equal((c.a0 + 256 * c.a1 + 65536 * c.a2) * p.mu + int64_t{1u << 31} * real,
                 x * F::from_i64(int64_t{1} << 32) + c.r0 + 65536 * c.r1, "product");
}

/// The fixed table's view of a channel.
inline ChannelMessage<F> channel_message(const Requantisation& r) {
  const unsigned low = r.shift < 16 ? r.shift : 16;
  ChannelMessage<F> m{};
  m.bias = F::from_i64(r.bias);
  m.mu = F::from_i64(static_cast<int64_t>(r.mu));
  for (unsigned i = 0; i < 4; ++i) m.m[i] = F::from(static_cast<uint32_t>(r.mu >> (8 * i)) & 0xff);
  m.power = F::from(1u << r.shift);
  m.shifts = F::from(r.shift != 0 ? 1 : 0);
  m.low = F::from(low);
  m.high = F::from(r.shift - low);
  m.span = F::from(r.span - 16);
  return m;
}

/// Columns for this accumulator; counts the look-ups if active.
inline RequantiseColumns<F> fill_requantised(isa::Filler& f, bool active, const Requantisation& r, int64_t accumulator,
                                             int32_t zero_point, int32_t min, int32_t max) {
  const int64_t a = accumulator + r.bias;
  const auto low = static_cast<uint32_t>(a);
  const auto m = [&](unsigned i) { return static_cast<int64_t>((r.mu >> (8 * i)) & 0xff); };
  const int64_t a0 = low & 0xff, a1 = (low >> 8) & 0xff, a2 = a >> 16;
  const bool negative = a < 0;
  const int64_t first = a0 * m(0) + 256 * (a0 * m(1) + a1 * m(0));
  const int64_t r0 = first & 0xffff, k0 = first >> 16;
  const int64_t second = k0 + a0 * m(2) + a1 * m(1) + a2 * m(0) + 256 * (a0 * m(3) + a1 * m(2) + a2 * m(1)) + 32768;
  const int64_t r1 = second & 0xffff, k1 = second >> 16;
  const int64_t x = (a * static_cast<int64_t>(r.mu) + (int64_t{1} << 31)) >> 32;
  const int64_t power = int64_t{1} << r.shift;
  const int64_t rounded = r.shift == 0 ? x : x + power / 2 - (negative ? 1 : 0);
  const int64_t q = rounded >> r.shift;
  const int32_t y = clamp(q, zero_point, min, max);
  const int saturated = q + zero_point > max ? 1 : q + zero_point < min ? -1 : 0;
  const int64_t rest = rounded - (y - zero_point) * power;
  const auto z = static_cast<uint32_t>(saturated < 0 ? power - 1 - rest : rest);
  const unsigned bits0 = saturated != 0 ? 16 : r.shift < 16 ? r.shift : 16;
  const unsigned bits1 = saturated != 0 ? r.span - 16 : r.shift - bits0;
  if (active) {
    f.count_bytes(static_cast<uint32_t>(a0), static_cast<uint32_t>(a1));
    f.count_bits(13, static_cast<uint32_t>(a2 + (negative ? 8192 : 0)));
    f.count_bits(16, static_cast<uint32_t>(r0));
    f.count_bits(16, static_cast<uint32_t>(r1));
    f.count_bits(10, static_cast<uint32_t>(k0));
    f.count_bits(15, static_cast<uint32_t>(k1 + 16384));
    f.count_bits(bits0, z & 0xffff);
    f.count_bits(bits1, z >> 16);
    f.count_bytes(static_cast<uint32_t>(y - min), static_cast<uint32_t>(max - y));
  }
  return {.a0 = F::from_i64(a0),
          .a1 = F::from_i64(a1),
          .a2 = F::from_i64(a2),
          .negative = isa::flag(negative),
          .r0 = F::from_i64(r0),
          .r1 = F::from_i64(r1),
          .k0 = F::from_i64(k0),
          .k1 = F::from_i64(k1),
          .z0 = F::from(z & 0xffff),
          .z1 = F::from(z >> 16),
          .bits0 = F::from(bits0),
          .bits1 = F::from(bits1),
          .saturated = F::from_i64(saturated),
          .y = F::from_i64(y)};
}

}  // namespace zkvm::precompiles::nn
