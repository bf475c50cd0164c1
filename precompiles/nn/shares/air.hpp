#pragma once
/// \file
/// Proves: in a softmax of this layer, an element d below the maximum of its row, whose rounded exponentials have this
/// sum, becomes y - 128. A statement of its own, looked up by elements of any call.
///
/// With e the exponential and r the reciprocal, the software's product is floor((r e + 2^30) / 2^31), and its quotient
/// by 2^exponent, halves up, is floor((r e + 2^30 + 2^(30 + exponent)) / 2^(31 + exponent)): divisions by constants
/// merge. So with w = floor((r e + 2^30) / 2^32), exponent = 35 - headroom, power = 2^(exponent - 1), half = power / 2:
/// the quotient is floor((w + half) / power). As w < 2^30 it is at most 2^(headroom - 4), and 0 if exponent >= 32
/// (headroom < 4): then power is 2^30 and half 0, which says so. Clamping gives y = min(quotient, 255), as quotients
/// are at most 256.
///
/// Receives EXPONENTIAL, RECIPROCAL, RANGE; sends SHARE, with a free multiplicity. No next-row constraints. Degree 3.
/// 57 cells a row; a row for each d that a row of a tensor has.
///
/// - is_real: boolean. uses: 0 if not real. exponential: fixed by layer and d. reciprocal: by its sum (reciprocals/).
/// - product: limbs.hpp, with half 2^30: w modulo p.
/// - z in [0, power): z0 has 16 bits, z1 `bits`. The quotient q = y + full: full is boolean, and 0 unless y = 255;
///   `greatest` - q has most_bits bits, and y is a byte where it is looked up, as y - 128 is written as a signed byte:
///   so 0 <= q <= greatest, and q power <= 2^30. So q power + z - half is in [-2^29, 2^30 + 2^29), while w is in [0,
///   2^30): congruent modulo p they are equal, q is the floor. y = 255, full = 0 and y = 254 are different quotients: q
///   determines both.

#include "precompiles/nn/shares/columns.hpp"

namespace zkvm::precompiles::nn {

inline void shares_air(AirBuilder& b) {
  const auto c = b.main<SharesColumns>();
  const Expr real = c.is_real;
  const ReciprocalMessage<Expr>& r = c.reciprocal;
  b.assert_bool(real, "is_real is boolean");
  b.assert_zero((1 - real) * c.uses, "used only if real");
  b.receive(EXPONENTIAL, c.exponential, real, "exponential");
  b.receive(RECIPROCAL, r, real, "reciprocal");
  const Expr w = high_product(b, real, real, byte_limbs(r.r), byte_limbs(c.exponential.e), 1u << 30, c.product);
  b.assert_bool(c.full, "full is boolean");
  b.assert_zero(c.full * (c.y - 255), "full at the greatest");
  const Expr quotient = c.y + c.full;
  b.receive(isa::RANGE, {r.most_bits, r.greatest - quotient}, real, "quotient");
  isa::range_check(b, 16, c.z0, real, "z0");
  b.receive(isa::RANGE, {r.bits, c.z1}, real, "z1");
  b.assert_equal(w + r.half, quotient * r.power + c.z0 + 65536 * c.z1, "division");
  b.send(SHARE, {c.exponential.layer, r.sum, c.exponential.d, c.exponential.rounded, c.y - 128 * real}, c.uses,
         "share");
}

}  // namespace zkvm::precompiles::nn
