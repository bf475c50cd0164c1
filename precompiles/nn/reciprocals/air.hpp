#pragma once
/// \file
/// Proves: r is what the software's one_over_one_plus_x makes of a softmax row's sum, and the constants of its
/// quotients are those of the sum's headroom. A statement of its own, looked up by shares/.
///
/// Given a sum that is an integer in [2^19, 4060 2^19], as it is wherever it is looked up (softmax/air.hpp): headroom =
/// its leading zeros of 32 bits, 1 ... 12; denominator = sum 2^(headroom - 1) in [2^30, 2^31); y_0 = 2 48/17 - high(2
/// 32/17 denominator) 2, y_(i+1) = y_i + 8 high(y_i error_i), error_i = 2^29 - high(denominator y_i), with high(t) =
/// floor((t + 2^31) / 2^32): with y twice the software's estimate its rounding doubling products are exactly these. r =
/// min(y_3, 2^31 - 1).
///
/// Receives RANGE, BYTES; sends RECIPROCAL, with a free multiplicity. No next-row constraints. Degree 3. 247 cells a
/// row; a row for each row of a tensor.
///
/// - is_real: boolean. uses: 0 if not real.
/// - low, high: low has 16 bits, high + 2^8 15 bits, so high < 0x7f00 and low + 2^16 high < p - 1 is the sum,
/// determined.
/// - headroom: boolean flags with sum 1. high has 16 - headroom bits: sum < 2^(32 - headroom). With s = 2^(headroom -
/// 1)
///   <= 2^11, low s = (d0 + 2^8 d1) + 2^16 carry and high s + carry = d2 + 2^8 d3: carry has 11 bits, all sides are
///   below 2^28, so these are equations of integers and denominator = sum s. d3 - 64 has 6 bits: it is in [2^30, 2^31),
///   which one headroom alone does.
/// - products: limbs.hpp. They give residues; what they are taken for has to be unique modulo p:
///   y: bytes with the top one in [0x20, 0x9e], a range of 0x7f 2^24 = p - 1 values, by two bytes that add up. True
///   estimates are within [0.94 2^30, 2^31 + 2^10]: y_0 / 2^30 has at most 1/17 to the truth, which is in (1, 2], and
///   the error's square is left by each step. error: two bytes, and 10 bits above with the sign: within +-2^25, while
///   2^29 / 17 < 2^25.
/// - over: y_3's top byte - 128 over has 7 bits. r: by over. In y_3 + over (...) every limb is chosen by itself.

#include "precompiles/nn/reciprocals/columns.hpp"

namespace zkvm::precompiles::nn {

inline void reciprocals_air(AirBuilder& b) {
  const auto c = b.main<ReciprocalsColumns>();
  const Expr real = c.is_real;
  b.assert_bool(real, "is_real is boolean");
  b.assert_zero((1 - real) * c.uses, "used only if real");

  const auto by_headroom = [&](auto&& constant) {
    Expr sum = b.constant(int64_t{0});
    for (unsigned h = 1; h <= HEADROOMS; ++h) sum = sum + int64_t{constant(h)} * c.headroom[h - 1];
    return sum;
  };
  for (Expr flag : c.headroom) b.assert_bool(flag, "headroom is one-hot");
  b.assert_equal(by_headroom([](unsigned) { return 1; }), real, "headroom is one-hot");
  isa::range_check(b, 16, c.low, real, "sum, low limb");
  isa::range_check(b, 15, c.high + 256, real, "sum is below p");
  b.receive(isa::RANGE, {by_headroom([](unsigned h) { return 16 - h; }), c.high}, real, "sum leaves the headroom");
  const Expr scale = by_headroom([](unsigned h) { return 1u << (h - 1); });
  const auto& d = c.denominator;
  isa::range_check(b, 11, c.carry, real, "carry");
  isa::byte_pair(b, d[0], d[1], real, "denominator");
  isa::range_check(b, 8, d[2], real, "denominator");
  isa::range_check(b, 6, d[3] - 64, real, "denominator is normalised");
  b.assert_equal(c.low * scale, d[0] + 256 * d[1] + 65536 * c.carry, "denominator, low limb");
  b.assert_equal(c.high * scale + c.carry, d[2] + 256 * d[3], "denominator, high limb");

  constexpr uint32_t HALF = 1u << 31;
  const Limbs denominator = byte_limbs(d);
  const auto estimate = [&](const Expr(&y)[4]) {
    isa::byte_pair(b, y[0], y[1], real, "estimate");
    isa::range_check(b, 8, y[2], real, "estimate");
    isa::byte_pair(b, y[3] - 0x20, 0x9e - y[3], real, "estimate is unique");
    return byte_limbs(y);
  };
  Limbs slope{{}, b.constant(-NEWTON_SLOPE)};
  for (unsigned i = 0; i < 4; ++i) slope.limb[i] = b.constant(-((NEWTON_SLOPE >> (8 * i)) & 0xff));
  Limbs y = estimate(c.y);
  b.assert_equal(y.value, NEWTON_START * real + 2 * high_product(b, real, real, denominator, slope, HALF, c.start),
                 "first estimate");
  for (const NewtonColumns<Expr>& s : c.step) {
    isa::byte_pair(b, s.error[0], s.error[1], real, "error");
    isa::range_check(b, 10, s.error[2] + 512, real, "error, high bits");
    const Limbs error{{s.error[0], s.error[1], s.error[2], b.constant(int64_t{0})},
                      s.error[0] + 256 * s.error[1] + 65536 * s.error[2]};
    b.assert_equal(NEWTON_ONE * real - high_product(b, real, real, denominator, y, HALF, s.denominator_y), error.value,
                   "error of the estimate");
    const Limbs next = estimate(s.y);
    b.assert_equal(next.value, y.value + 8 * high_product(b, real, real, error, y, HALF, s.y_error), "next estimate");
    y = next;
  }
  b.assert_bool(c.over, "over is boolean");
  const Expr(&last)[4] = c.step[NEWTON_STEPS - 1].y;
  isa::range_check(b, 7, last[3] - 128 * c.over, real, "over");
  for (unsigned i = 0; i < 4; ++i)
    b.assert_equal(c.r[i], last[i] + c.over * ((i == 3 ? 127 : 255) - last[i]), "reciprocal");

  b.send(RECIPROCAL,
         {c.low + 65536 * c.high,
          {c.r[0], c.r[1], c.r[2], c.r[3]},
          by_headroom([](unsigned h) { return division(h).power; }),
          by_headroom([](unsigned h) { return division(h).half; }),
          by_headroom([](unsigned h) { return division(h).bits; }),
          by_headroom([](unsigned h) { return division(h).greatest; }),
          by_headroom([](unsigned h) { return division(h).most_bits; })},
         c.uses, "reciprocal");
}

}  // namespace zkvm::precompiles::nn
