#pragma once
/// \file
/// Proves: inverse = floor(2^47 / root), root = floor(sqrt(2^24 variance)), variance = n squares - sum^2 + epsilon,
/// with n and epsilon of this layer norm. A statement of its own, taken by norm/.
///
/// Given sums of n <= 4096 signed bytes, as they are wherever it is taken (norm/air.hpp): |sum| <= 2^19, squares <=
/// 2^26, n squares - sum^2 in [0, 2^38) (127.5^2 n^2 at most), so with 1 <= epsilon < 2^31 (layer.cpp): 1 <= variance <
/// 2^38 + 2^31, 2^12 <= root < 0x8080'0000, 2^15 < inverse <= 2^35.
///
/// Receives ENTRY, RANGE, BYTES; sends INVERSE. No next-row constraints. Degree 3. 122 cells a row; a row for each row
/// of a tensor.
///
/// - is_real: boolean. cols, epsilon: by ENTRY of a table that layer norms alone have.
/// - sum, squares: bytes and what is above, 13 bits signed, 16 and 3 bits: windows of 2^21 and 2^27 values, so each is
///   determined by its residue.
/// - variance: n0 q0 - s0^2 + e0 = variance + 2^8 carry with carry + 2^9 of 10 bits: below 2^18 on both sides, an
/// equation
///   of integers; it is the variance modulo 2^8.
/// - root: bytes, the top one at most 0x80; rest: two limbs of 16 bits and a bit. Limbs of root^2 + rest = 2^24
/// variance
///   modulo 2^32: sides below 6.8e7 and 1.4e8 with carries of 10 and 11 bits, equations of integers. And the same
///   modulo p. Both sides are in [0, 2^62.1), so they differ by less than p 2^32 = 2^62.98: an equation of integers.
/// - gap: 2 root - rest >= 0 by limbs, with a carry of -1, 0 or 1; all below 2^18. So root^2 <= 2^24 variance < (root +
///   1)^2.
/// - inverse: four bytes and 4 bits; remainder: two limbs. inverse root + remainder = 2^47 limb by limb of 2^16: sums
/// of
///   products of bytes, below 6.8e7, with carries of 10 and 11 bits; the limb at 2^32 is 2^15, that at 2^48 is 0 (a sum
///   of what is not negative, below p). less: root - 1 - remainder >= 0 by limbs. So inverse is the floor.

#include "precompiles/nn/roots/columns.hpp"

namespace zkvm::precompiles::nn {

inline void roots_air(AirBuilder& b) {
  const auto c = b.main<RootsColumns>();
  const Expr real = c.is_real;
  b.assert_bool(real, "is_real is boolean");
  const Expr constants[] = {c.cols[0], c.cols[1], c.epsilon[0], c.epsilon[1]};
  for (unsigned i = 0; i < NORM_CONSTANTS; ++i)
    b.receive(ENTRY, {c.layer, b.constant(int64_t{NORM_ENTRIES}), b.constant(int64_t{i}), constants[i]}, real,
              "constant");

  const Expr n = c.cols[0] + 256 * c.cols[1], epsilon = c.epsilon[0] + 256 * c.epsilon[1];
  const Expr sum = c.sum[0] + 256 * c.sum[1], squares = c.squares[0] + 256 * c.squares[1] + (1 << 24) * c.squares[2];
  isa::byte_pair(b, c.sum[0], c.squares[0], real, "low bytes of sums");
  isa::range_check(b, 13, c.sum[1] + 4096, real, "sum");
  isa::range_check(b, 16, c.squares[1], real, "squares");
  isa::range_check(b, 3, c.squares[2], real, "squares");
  isa::range_check(b, 10, c.carry + 512, real, "carry of the variance");
  b.assert_equal(c.cols[0] * c.squares[0] - c.sum[0] * c.sum[0] + c.epsilon[0], c.variance + 256 * c.carry,
                 "variance, low byte");

  const auto& r = c.root;
  const Expr root_low = r[0] + 256 * r[1], root_high = r[2] + 256 * r[3], root = root_low + 65536 * root_high;
  isa::byte_pair(b, r[0], r[1], real, "root");
  isa::byte_pair(b, r[2], c.variance, real, "root and variance");
  isa::byte_pair(b, r[3], 0x80 - r[3], real, "root, top byte");
  isa::range_check(b, 16, c.rest[0], real, "rest");
  isa::range_check(b, 16, c.rest[1], real, "rest");
  b.assert_bool(c.rest[2], "rest");
  isa::range_check(b, 10, c.square_carry[0], real, "carry of the square");
  isa::range_check(b, 11, c.square_carry[1], real, "carry of the square");
  b.assert_equal(r[0] * r[0] + 512 * r[0] * r[1] + c.rest[0], 65536 * c.square_carry[0], "square, low limb");
  b.assert_equal(c.square_carry[0] + r[1] * r[1] + 2 * r[0] * r[2] + 512 * (r[0] * r[3] + r[1] * r[2]) + c.rest[1],
                 256 * c.variance + 65536 * c.square_carry[1], "square, second limb");
  b.assert_equal((1 << 24) * (n * squares - sum * sum + epsilon),
                 root * root + c.rest[0] + 65536 * c.rest[1] + c.rest[2] * F::from_i64(int64_t{1} << 32), "square");

  const Expr borrow = c.gap_borrow;
  b.assert_zero(borrow * (borrow - 1) * (borrow + 1), "borrow is -1, 0 or 1");
  isa::range_check(b, 16, c.gap[0], real, "the root is the greatest");
  isa::range_check(b, 16, c.gap[1], real, "the root is the greatest");
  b.assert_bool(c.gap[2], "the root is the greatest");
  b.assert_equal(2 * root_low - c.rest[0], c.gap[0] + 65536 * borrow, "gap, low limb");
  b.assert_equal(2 * root_high - c.rest[1] - 65536 * c.rest[2] + borrow, c.gap[1] + 65536 * c.gap[2], "gap, high limb");

  const auto& v = c.inverse;
  isa::byte_pair(b, v[0], v[1], real, "inverse");
  isa::byte_pair(b, v[2], v[3], real, "inverse");
  isa::range_check(b, 4, v[4], real, "inverse");
  isa::range_check(b, 16, c.remainder[0], real, "remainder");
  isa::range_check(b, 16, c.remainder[1], real, "remainder");
  isa::range_check(b, 10, c.division_carry[0], real, "carry of the division");
  isa::range_check(b, 11, c.division_carry[1], real, "carry of the division");
  b.assert_equal(v[0] * r[0] + 256 * (v[0] * r[1] + v[1] * r[0]) + c.remainder[0], 65536 * c.division_carry[0],
                 "division, limb 0");
  b.assert_equal(c.division_carry[0] + v[0] * r[2] + v[1] * r[1] + v[2] * r[0] +
                     256 * (v[0] * r[3] + v[1] * r[2] + v[2] * r[1] + v[3] * r[0]) + c.remainder[1],
                 65536 * c.division_carry[1], "division, limb 1");
  b.assert_equal(c.division_carry[1] + v[1] * r[3] + v[2] * r[2] + v[3] * r[1] + v[4] * r[0] +
                     256 * (v[2] * r[3] + v[3] * r[2] + v[4] * r[1]),
                 32768 * real, "division, limb 2");
  b.assert_zero(v[3] * r[3] + v[4] * r[2] + 256 * v[4] * r[3], "division, limb 3");
  b.assert_bool(c.less_borrow, "borrow is boolean");
  isa::range_check(b, 16, c.less[0], real, "the remainder is below the root");
  isa::range_check(b, 16, c.less[1], real, "the remainder is below the root");
  b.assert_equal(root_low - real - c.remainder[0], c.less[0] - 65536 * c.less_borrow, "remainder, low limb");
  b.assert_equal(root_high - c.remainder[1] - c.less_borrow, c.less[1], "remainder, high limb");

  b.send(INVERSE, {c.layer, sum, squares, {v[0], v[1], v[2], v[3], v[4]}}, real, "inverse");
}

}  // namespace zkvm::precompiles::nn
